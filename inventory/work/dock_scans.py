"""What receivers send from the dock, and what they are told: scans, and what each came to."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from inventory.rules.receiving import Decision, Question
from inventory.rules.stock_policy import StockStatus


@dataclass(frozen=True)
class DockScan:
    """What was scanned or typed, and how many units it stands for: those the symbol says, or one, if not given.

    `lot`, `expires_on` and `serial` are typed where the symbol does not say them. `hold` keeps the units for a
    check. `damaged` ones came broken. `wrapped` says whether they are wrapped at the dock; as advised, if not given.
    """

    code: str
    quantity: int | None = None
    lot: str = ""
    expires_on: date | None = None
    serial: str = ""
    decision: Decision = Decision.NONE
    hold: bool = False
    damaged: bool = False
    wrapped: bool | None = None


@dataclass(frozen=True)
class Unload:
    """Take in what was scanned off a truck that is being unloaded."""

    site: str
    delivery: str
    scans: tuple[DockScan, ...]
    user: str
    device: str = ""
    client_id: str = ""


class Verdict(StrEnum):
    """What a scan came to. All but the first two change nothing and ask for something."""

    TAKEN = "taken"
    REFUSED = "refused"
    OVER = "over"
    UNEXPECTED = "unexpected"
    LOT_NEEDED = "lot-needed"
    EXPIRY_NEEDED = "expiry-needed"
    UNKNOWN = "unknown"
    UNREADABLE = "unreadable"
    SERIAL_NEEDED = "serial-needed"
    SERIAL_SEEN = "serial-seen"
    SERIAL_OF_ONE = "serial-of-one"
    LOT_DIFFERS = "lot-differs"
    MEASURE_FIRST = "measure-first"


ASKS = {
    Question.OVER: Verdict.OVER,
    Question.UNEXPECTED: Verdict.UNEXPECTED,
    Question.LOT: Verdict.LOT_NEEDED,
    Question.EXPIRY: Verdict.EXPIRY_NEEDED,
}


@dataclass(frozen=True)
class ScanAnswer:
    """What a scan came to: `quantity` units of the product, `left` still expected, under which status.

    `wrap` says in one line why to wrap them; it is empty where they need no wrapping. `measured` and `pictured` are
    false at the first sight of a product: somebody should do it now.
    """

    verdict: Verdict
    product: str = ""
    name: str = ""
    quantity: int = 0
    lot: str = ""
    expires_on: date | None = None
    serial: str = ""
    status: StockStatus | None = None
    left: int = 0
    why: str = ""
    wrap: str = ""
    measured: bool = True
    pictured: bool = True


@dataclass(frozen=True)
class Unloaded:
    """The answers to all scans of a call, in their order."""

    answers: tuple[ScanAnswer, ...]
