"""What a scan at the dock comes to: taken on which line, or a question that a person has to decide.

A delivery has lines, each a product with what was announced of it: a quantity, maybe a lot. A scan names a
product, a quantity, and what the symbol or a person says of the lot.

- The lot is what the scan says; failing that, what the lines of the product all agree on. Goods that are kept by
  expiry are asked for it, rather than taken without.
- The line is one of that lot with room, else one that announced no lot, else any line of the product with room.
- More than was announced, a product that was not announced, and another lot than announced are never taken
  silently: a person accepts, holds or refuses. The first two are decided as one question, since both come to more
  than is expected; another lot in place of the announced one is no question of its own where there is room.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Decision(StrEnum):
    """What a person decided on goods that were not expected; `none` where nothing had to be decided."""

    NONE = "none"
    ACCEPT = "accept"
    HOLD = "hold"
    REFUSE = "refuse"


class Question(StrEnum):
    """What keeps a scan from being taken."""

    OVER = "over"
    UNEXPECTED = "unexpected"
    LOT = "lot"
    EXPIRY = "expiry"


@dataclass(frozen=True, slots=True)
class Expected:
    """A line of a delivery: `open` units of it have not come yet; `lot` is "" where none was announced."""

    line: int
    quantity: int
    received: int
    lot: str = ""
    expires_on: date | None = None

    @property
    def open(self) -> int:
        """Units that have not come yet."""
        return max(0, self.quantity - self.received)


@dataclass(frozen=True, slots=True)
class LotSaid:
    """What is said of a lot: its code and expiry, either of which may be unknown."""

    code: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """Units go on these lines, (line, quantity) each; on line None what was not expected and is accepted."""

    shares: tuple[tuple[int | None, int], ...]


def lot_said(scanned: LotSaid, lines: Sequence[Expected], known: LotSaid | None) -> LotSaid:
    """The lot of a scan, completed by what is known.

    Parameters
    ----------
    scanned
        What the symbol or a person says.
    lines
        The lines of the product: where the scan says nothing and all announce the same lot, it is that one.
    known
        The lot of the scanned code, if there is one already: it knows its expiry.

    Examples
    --------
    >>> lot_said(LotSaid(), [Expected(1, 10, 0, lot="L7", expires_on=date(2027, 1, 31))], None)
    LotSaid(code='L7', expires_on=datetime.date(2027, 1, 31))
    """
    announced = {(each.lot, each.expires_on) for each in lines}
    if scanned == LotSaid() and len(announced) == 1:
        return LotSaid(*next(iter(announced)))
    if not scanned.code or scanned.expires_on is not None:
        return scanned
    if known is not None:
        return LotSaid(scanned.code, known.expires_on)
    of_lot = {each.expires_on for each in lines if each.lot == scanned.code}
    return LotSaid(scanned.code, next(iter(of_lot))) if len(of_lot) == 1 else scanned


def missing(lot: LotSaid, lines: Sequence[Expected], *, expires: bool, known: bool) -> Question | None:
    """What has to be said of a lot before its goods are taken.

    Parameters
    ----------
    lot
        As far as it is known.
    lines
        The lines of the product: where several lots were announced the code has to be named.
    expires
        Whether the product is kept by expiry: lots of it have one.
    known
        Whether the lot of this code is known, maybe as one without expiry.
    """
    if expires and lot.expires_on is None and not known:
        return Question.EXPIRY
    if not lot.code and any(each.lot for each in lines):
        return Question.LOT
    return None


def take(quantity: int, lot: str, lines: Sequence[Expected], decision: Decision) -> Taken | Question:
    """Put units on the lines of their product, or say what has to be decided first.

    Parameters
    ----------
    quantity
        Units of one product and one lot.
    lot
        Code of the lot, "" where it has none.
    lines
        The lines of the product, in the order of the delivery.
    decision
        What a person decided on units beyond the lines.

    Returns
    -------
    Taken or Question
        With `Decision.REFUSE`, the shares that are taken all the same: what has room on the lines.

    Examples
    --------
    >>> take(8, "", [Expected(1, 10, 5), Expected(2, 4, 0)], Decision.NONE)
    Taken(shares=((1, 5), (2, 3)))
    >>> take(8, "", [Expected(1, 10, 5)], Decision.NONE)
    <Question.OVER: 'over'>
    """
    rest = quantity
    shares: list[tuple[int | None, int]] = []
    for each in sorted(lines, key=lambda line: (line.lot != lot, line.lot != "")):
        share = min(rest, each.open)
        if share:
            shares.append((each.line, share))
            rest -= share
    if rest and decision is Decision.NONE:
        return Question.OVER if lines else Question.UNEXPECTED
    if rest and decision is not Decision.REFUSE:
        beyond = next((each.line for each in lines if each.lot == lot), lines[0].line if lines else None)
        shares.append((beyond, rest))
    return Taken(tuple(shares))
