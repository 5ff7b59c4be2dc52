"""What every call needs: the database, the clock and the settings of the running server."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from sqlmodel import Session

from api.settings import Settings
from warehouse.clock import Clock
from warehouse.database import Database
from warehouse.scans import with_gs

CommandT = TypeVar("CommandT")
AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True)
class Serving:
    """The running server."""

    database: Database
    clock: Clock
    settings: Settings

    def run(self, work: Callable[[Session, CommandT, Clock], AnswerT], command: CommandT) -> AnswerT:
        """Carry out a command and return its answer once it is on disk."""
        return self.database.run(work, command, clock=self.clock)

    def goods(self, scanned: str) -> str:
        """What was scanned off goods, with GS for the character that this installation's scanners send for it."""
        return with_gs(scanned, self.settings.scan_separator)


def _serving(request: Request) -> Serving:
    serving: Serving = request.app.state.serving
    return serving


ServingNow = Annotated[Serving, Depends(_serving)]
