"""Open a site from its site file, and know its places.

Reading a site of tens of thousands of bins takes a second, so what has been read is remembered by its
text: the same definition is the same site.
"""

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import bindparam, insert, select
from sqlmodel import Session, col

from inventory.rules.blocking import ClosedFloor
from inventory.rules.pick_runs import PickArea
from inventory.tables.outbound import PickRunRow, PickStepRow, RunState
from inventory.tables.stock import BalanceRow
from inventory.tables.withholding import WithheldPlaceRow
from warehouse.bins import Bin, Site
from warehouse.clock import Clock
from warehouse.codes import BinCodes, BinPosition
from warehouse.errors import NotFound, SiteFileInvalid, WrongState
from warehouse.site_file import read_site
from warehouse.tables import PlaceKind, PlaceRow, SiteRow

T = TypeVar("T")

NUM_TOTES = 240
"""Totes of a new site: a day of twenty carts. Release makes more when all are in use."""

NUM_SITES_KEPT = 8
"""Sites kept in memory, the largest a few hundred MB."""

CHUNK = 500
"""Keys asked for in one query, well below what SQLite binds."""

ONE_EACH = (
    PlaceKind.SUPPLIER,
    PlaceKind.CUSTOMER,
    PlaceKind.LOST,
    PlaceKind.DAMAGED,
    PlaceKind.ADJUSTMENT,
    PlaceKind.DESTROYED,
    PlaceKind.GIVEN_AWAY,
    PlaceKind.OWNER,
)
"""Places that every site has once; the code is the kind in capitals."""


@dataclass(frozen=True)
class OpenSite:
    """Open the site that `definition`, the text of a site file, describes."""

    definition: str
    num_totes: int = NUM_TOTES
    client_id: str = ""


@dataclass(frozen=True)
class SiteOpened:
    """The site; `is_new` is false if it was open already with the same definition."""

    site: str
    num_bins: int
    is_new: bool


@dataclass(frozen=True)
class LiveSite:
    """A site as it is worked in: its row's id, what its file says, and how its bin codes are read.

    What is `closed` is blocked on the area's floor.
    """

    id: int
    site: Site
    area: PickArea
    codes: BinCodes
    bins: dict[str, Bin]
    closed: tuple[ClosedFloor, ...] = ()

    def is_in_reach(self, bin_code: str) -> bool:
        """Whether nothing that is closed stands before a bin."""
        spot = self.bins[bin_code].spot
        return not any(each.bin_code == bin_code or each.holds(spot) for each in self.closed)

    def bin_of_scan(self, scanned: str) -> Bin:
        """The bin whose code was scanned or typed.

        Raises
        ------
        BinCodeInvalid
            If it is not the code of a bin here.
        """
        return self.bins[self.codes.canonical(scanned)]


def open_site(session: Session, command: OpenSite, clock: Clock) -> SiteOpened:
    """Open a site: its bins, stations and totes become places.

    Raises
    ------
    SiteFileInvalid
        If the definition has problems; it carries all of them.
    WrongState
        If a site of this code is open with another definition.
    """
    site = read_site(command.definition)
    if isinstance(site, list):
        raise SiteFileInvalid(site)
    there = session.execute(select(SiteRow).where(col(SiteRow.code) == site.code)).scalar_one_or_none()
    if there is not None:
        if there.definition != command.definition:
            raise WrongState("site", site.code, "open already, with another definition")
        return SiteOpened(site.code, len(site.bins), is_new=False)
    row = SiteRow(
        code=site.code,
        name=site.name,
        time_zone=site.time_zone,
        definition=command.definition,
        created_ms=clock.now_ms(),
    )
    session.add(row)
    session.flush()
    places = [(PlaceKind.BIN, each.code) for each in site.bins]
    places += [(PlaceKind.STATION, each.name) for each in site.stations]
    places += [(kind, kind.value.upper()) for kind in ONE_EACH]
    places += [(PlaceKind.TOTE, tote_code(number)) for number in range(1, command.num_totes + 1)]
    session.execute(
        insert(PlaceRow), [{"site_id": row.id, "kind": kind, "code": code, "open": True} for kind, code in places]
    )
    return SiteOpened(site.code, len(site.bins), is_new=True)


def live_site(session: Session, code: str) -> LiveSite:
    """The open site called `code`.

    Raises
    ------
    NotFound
        If there is none.
    """
    row = session.execute(
        select(col(SiteRow.id), col(SiteRow.definition)).where(col(SiteRow.code) == code)
    ).one_or_none()
    if row is None or row[0] is None:
        raise NotFound("site", code)
    return _as_live(row[0], row[1])


def only_site(session: Session) -> str:
    """The code of the one site there is, for those who name none.

    Raises
    ------
    ValueError
        If there is none, or several.
    """
    codes: Sequence[str] = session.execute(select(col(SiteRow.code)).order_by(col(SiteRow.code))).scalars().all()
    if len(codes) != 1:
        raise ValueError(f"say which: {', '.join(codes)}" if codes else "there is no site in this database yet")
    return codes[0]


_DEFINITION = select(col(SiteRow.definition)).where(col(SiteRow.id) == bindparam("site_id"))


def site_with_id(session: Session, site_id: int) -> LiveSite:
    """The open site whose row has this id."""
    return _as_live(site_id, session.execute(_DEFINITION, {"site_id": site_id}).scalar_one())


@functools.lru_cache(maxsize=NUM_SITES_KEPT)
def _as_live(site_id: int, definition: str) -> LiveSite:
    site = read_site(definition)
    assert not isinstance(site, list), "a site with problems was not opened"
    positions = (BinPosition(each.aisle, each.bay, each.level, each.slot) for each in site.bins)
    return LiveSite(
        id=site_id,
        site=site,
        area=PickArea.of_site(site),
        codes=BinCodes(site.bin_code_template, positions),
        bins={each.code: each for each in site.bins},
    )


def place_id(session: Session, site_id: int, code: str) -> int:
    """The place of this code at a site.

    Raises
    ------
    NotFound
        If there is none.
    """
    return place_ids(session, site_id, [code])[code]


def place_codes(session: Session, places: set[int]) -> dict[int, str]:
    """The codes of places, by id."""
    found: dict[int, str] = {}
    for some in chunks(sorted(places)):
        query = select(col(PlaceRow.id), col(PlaceRow.code)).where(col(PlaceRow.id).in_(some))
        found.update((key, code) for key, code in session.execute(query) if key is not None)
    return found


def place_ids(session: Session, site_id: int, codes: Iterable[str]) -> dict[str, int]:
    """The places of these codes at a site; those of goods not for sale are nobody's to name.

    Raises
    ------
    NotFound
        If there is no place of one of them.
    """
    wanted = sorted(set(codes))
    found: dict[str, int] = {}
    for some in chunks(wanted):
        query = select(col(PlaceRow.code), col(PlaceRow.id)).where(
            col(PlaceRow.site_id) == site_id,
            col(PlaceRow.code).in_(some),
            col(PlaceRow.kind) != PlaceKind.WITHHELD,
        )
        found.update((code, key) for code, key in session.execute(query) if key is not None)
    for code in wanted:
        if code not in found:
            raise NotFound("place", code)
    return found


def place_of_kind(session: Session, site_id: int, kind: PlaceKind) -> int:
    """The one place of a kind that every site has once."""
    return place_id(session, site_id, kind.value.upper())


def free_totes(session: Session, site_id: int, count: int) -> list[int]:
    """Empty totes that no unfinished run has, as place ids; new ones are made when too few are left."""
    in_use = (
        select(col(PickStepRow.tote_place_id))
        .join(PickRunRow, col(PickRunRow.id) == col(PickStepRow.run_id))
        .where(col(PickRunRow.site_id) == site_id, col(PickRunRow.state).in_((RunState.READY, RunState.WALKING)))
    )
    totes = (col(PlaceRow.site_id) == site_id, col(PlaceRow.kind) == PlaceKind.TOTE)
    withheld = select(col(WithheldPlaceRow.within_id)).join(
        BalanceRow, col(BalanceRow.place_id) == col(WithheldPlaceRow.place_id)
    )
    full = select(col(BalanceRow.place_id)).union_all(withheld)
    empty = (
        select(col(PlaceRow.id))
        .where(*totes, col(PlaceRow.id).not_in(in_use), col(PlaceRow.id).not_in(full))
        .order_by(col(PlaceRow.id))
        .limit(count)
    )
    found = [key for key in session.execute(empty).scalars() if key is not None]
    missing = count - len(found)
    if missing:
        codes = session.execute(select(col(PlaceRow.code)).where(*totes)).scalars()
        last = max((int(code.removeprefix("TOTE-")) for code in codes), default=0)
        new = [tote_code(number) for number in range(last + 1, last + missing + 1)]
        session.execute(
            insert(PlaceRow),
            [{"site_id": site_id, "kind": PlaceKind.TOTE, "code": code, "open": True} for code in new],
        )
        found.extend(place_ids(session, site_id, new).values())
    return found


def tote_code(number: int) -> str:
    """The code of a site's tote: never a bin code, which has no such letters before its first digits."""
    return f"TOTE-{number:05}"


def chunks(keys: Sequence[T]) -> Iterator[Sequence[T]]:
    """The keys in portions that one query can carry."""
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]
