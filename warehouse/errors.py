"""Every error that Onward raises on purpose.

OnwardError
    SiteFileInvalid         a site file has problems
    ProblemFileInvalid      a file with a pick problem has problems of its own
    BinCodeInvalid          a scanned or typed bin code is not one of this site
    ScanUnreadable          a scan announces GS1 fields and holds something else
    NoRoute                 some lines cannot be reached or filled on this floor
    CrossingsUnplanned      aisles take walking to cross on a floor where no solver reckons with it
    RouteRejected           a route failed its check; it never reaches a picker
    DatabaseUnsafe          the database engine has a known fault
    Refused                 a piece of work was asked for that may not be done
        ScanMismatch        the scanned code is not the one this step needs
        NotFound            the thing named does not exist here
        AlreadyAnswered     a client id came back with other content
        LotUnclear          which lot was counted does not follow from the scan
        SerialsNeeded       units that are known by their serials were not all named
        CageClosed          a bin of the cage, and somebody without the right
        DeliveryShort       less came than was announced, and nobody said why
        StockShort          there is less stock than was asked for
        StowRefused         a rule forbids these goods in this bin
        WrongState          the thing exists but is past or before that stage
        PolicyUnplanned     routes cannot be chosen in this way on this floor
    ImportInvalid           an import file has bad rows; nothing was imported

Errors carry facts. How they read on a screen and which HTTP status they become is decided in one
table in `api/errors.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class OnwardError(Exception):
    """The root of all errors raised on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file: where, what, and what to do about it."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class SiteFileInvalid(OnwardError):
    """A site file cannot be used; `problems` lists everything wrong in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ProblemFileInvalid(OnwardError):
    """A file with a pick problem cannot be used; `problems` lists everything wrong in it, field by field."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


class ImportInvalid(OnwardError):
    """An import file has bad rows; `problems` lists every one and nothing was imported."""

    def __init__(self, problems: Sequence[Problem], report: str | None = None) -> None:
        self.problems = tuple(problems)
        self.report = report
        super().__init__(f"{len(self.problems)} bad rows")


class BinCodeInvalid(OnwardError):
    """`code` is not a bin code of this site; `why` says what is wrong with it."""

    def __init__(self, code: str, why: str) -> None:
        self.code = code
        self.why = why
        super().__init__(f"{code!r}: {why}")


class ScanUnreadable(OnwardError):
    """A scan cannot be taken apart; `why` says what is wrong with it."""

    def __init__(self, scanned: str, why: str) -> None:
        self.scanned = scanned
        self.why = why
        super().__init__(f"{scanned}: {why}")


class NoRoute(OnwardError):
    """No walk covers the demand: `lines` cannot be filled or reached on this floor."""

    def __init__(self, lines: Sequence[str], why: str) -> None:
        self.lines = tuple(lines)
        self.why = why
        super().__init__(f"{why}: {', '.join(self.lines) or 'no line'}")


class CrossingsUnplanned(OnwardError):
    """No walk can be planned that reckons with the crossing of `aisles`; `why` says what is in the way."""

    def __init__(self, aisles: Sequence[str], why: str) -> None:
        self.aisles = tuple(aisles)
        self.why = why
        super().__init__(f"{why}: {', '.join(self.aisles)}")


class RouteRejected(OnwardError):
    """A route failed `routing.verify`; `faults` lists everything wrong with it."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


class DatabaseUnsafe(OnwardError):
    """The database library at hand has a fault that can lose data."""


class Refused(OnwardError):
    """The work asked for may not be done; nothing has changed."""


class ScanMismatch(Refused):
    """The code scanned is not the one the step at hand needs."""

    def __init__(self, expected: str, scanned: str, kind: str) -> None:
        self.expected = expected
        self.scanned = scanned
        self.kind = kind
        super().__init__(f"{kind} {expected} is needed, {scanned} was scanned")


class NotFound(Refused):
    """There is no `kind` called `name` here."""

    def __init__(self, kind: str, name: object) -> None:
        self.kind = kind
        self.name = name
        super().__init__(f"there is no {kind} {name}")


class AlreadyAnswered(Refused):
    """The client id was used before, for something else."""

    def __init__(self, client_id: str) -> None:
        self.client_id = client_id
        super().__init__(f"client id {client_id} was used before with other content")


class LotUnclear(Refused):
    """Units of `product` were counted, and which lot they are does not follow.

    Its code has to be named; where that was done and several have a lot of it, which of the `owners` is meant.
    """

    def __init__(self, product: str, owners: tuple[str, ...] = ()) -> None:
        self.product = product
        self.owners = owners
        super().__init__(f"the {'owner' if owners else 'lot'} of {product} has to be named")


class SerialsNeeded(Refused):
    """Every unit of `product` is known by its serial: `quantity` of them are needed, `num_named` were named."""

    def __init__(self, product: str, quantity: int, num_named: int) -> None:
        self.product = product
        self.quantity = quantity
        self.num_named = num_named
        super().__init__(f"{quantity} serials of {product} are needed, {num_named} were named")


class DeliveryShort(Refused):
    """`quantity_missing` units of `products` have not come with a delivery, and no reason is given."""

    def __init__(self, number: str, quantity_missing: int, products: Sequence[str]) -> None:
        self.number = number
        self.quantity_missing = quantity_missing
        self.products = tuple(products)
        super().__init__(f"{quantity_missing} units are missing in delivery {number}")


class CageClosed(Refused):
    """The bin is of the cage, and `user` may not open it."""

    def __init__(self, bin_code: str, user: str) -> None:
        self.bin_code = bin_code
        self.user = user
        super().__init__(f"{bin_code} is in the cage, which {user} may not open")


class StockShort(Refused):
    """Less of the product is there than was asked for."""

    def __init__(self, product: str, place: str, quantity_asked: int, quantity_there: int) -> None:
        self.product = product
        self.place = place
        self.quantity_asked = quantity_asked
        self.quantity_there = quantity_there
        super().__init__(f"{place} holds {quantity_there} of {product}, {quantity_asked} were asked for")


class StowRefused(Refused):
    """A stowing rule forbids these goods in this bin; `why` is one line for the screen."""

    def __init__(self, bin_code: str, why: str) -> None:
        self.bin_code = bin_code
        self.why = why
        super().__init__(f"{bin_code}: {why}")


class WrongState(Refused):
    """The `kind` called `name` is `state`, which does not allow what was asked."""

    def __init__(self, kind: str, name: object, state: str) -> None:
        self.kind = kind
        self.name = name
        self.state = state
        super().__init__(f"{kind} {name} is {state}")


class PolicyUnplanned(Refused):
    """No routes can be chosen as a policy asks for on this floor; `why` says what is in the way."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)
