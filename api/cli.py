"""The command line: one file a command in `api.commands`, wired together here.

A file holds either `app`, a group of commands, or one function named like the file. It is imported when its
command is asked for: a server that is started again after a fault need not wait for the simulator.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from api import commands


class _Files(Mapping[str, Any]):
    """The commands by name, each made when it is looked up."""

    def __init__(self) -> None:
        files = (found.name for found in pkgutil.iter_modules(commands.__path__, f"{commands.__name__}."))
        # import_ is the file of `onward import`
        self._files = {file.rpartition(".")[2].rstrip("_"): file for file in files}

    def __getitem__(self, name: str) -> Any:
        module = importlib.import_module(self._files[name])
        if hasattr(module, "app"):
            made: Any = get_group(module.app)
        else:
            alone = typer.Typer(add_completion=False)
            alone.command(name)(getattr(module, name))
            made = get_command(alone)
        made.name = name
        return made

    def __contains__(self, name: object) -> bool:
        return name in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


class _Commands(TyperGroup):
    """The commands of `api.commands`."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = _Files()  # type: ignore[assignment] # nobody adds a command at run time


app = typer.Typer(
    name="onward",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a fault is for the log: plain, and without the values of variables
    help="Warehouse operations and picking routes.",
)


@app.callback()
def onward() -> None:
    """Run a warehouse with random storage."""


def main() -> None:
    """Run the command line."""
    app()
