"""Counts are made due: by class and age, after what happened at picks, and because somebody asks for them.

A bin has at most one count that is not done, so planning again adds nothing twice.
"""

from dataclasses import dataclass

from sqlalchemy import case, func, insert, select
from sqlmodel import Session, col

from inventory.ledger import BALANCE, MOVEMENT, PLACE, PRODUCT
from inventory.rules.count_planning import DAY_MS, BinToCount, abc_classes, due_bins
from inventory.rules.counting import AbcClass, CountPolicy, CountTrigger
from inventory.tables.counts import (
    AuditDrawRow,
    AuditItemRow,
    AuditRow,
    CountState,
    EmptyCheckRow,
    ItemState,
    StockCountRow,
)
from inventory.tables.stock import Reason
from inventory.work.count_rules import policy_in_force
from inventory.work.sites import LiveSite, live_site, place_ids
from warehouse.clock import Clock
from warehouse.errors import NotFound
from warehouse.tables import PlaceKind, SiteRow

EVENTS_MS = DAY_MS
"""Picks of the last day are looked at; counts are planned daily at least."""


@dataclass(frozen=True)
class PlanCounts:
    """Make all counts of a site due that its rules ask for."""

    site: str
    client_id: str = ""


@dataclass(frozen=True)
class CountsPlanned:
    """How many counts were added for each reason, and how many wait in all."""

    added: dict[CountTrigger, int]
    num_due: int


@dataclass(frozen=True)
class RequestCounts:
    """Have bins counted: those named, those of an aisle, or, with neither, all of the site."""

    site: str
    bins: tuple[str, ...] = ()
    aisle: str = ""
    client_id: str = ""


def plan_counts(session: Session, command: PlanCounts, clock: Clock) -> CountsPlanned:
    """Make counts due by the site's rules.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    live = live_site(session, command.site)
    policy = policy_in_force(session, live.id).policy
    wanted = audited_bins(session, live.id, clock)
    for place_id, trigger in _after_picks(session, live.id, policy, clock).items():
        wanted.setdefault(place_id, trigger)
    for place_id, trigger in _by_class_and_age(session, live.id, policy, clock):
        wanted.setdefault(place_id, trigger)
    return _added(session, live, wanted, clock)


def request_counts(session: Session, command: RequestCounts, clock: Clock) -> CountsPlanned:
    """Make counts due that somebody asks for.

    Raises
    ------
    NotFound
        If there is no such site or aisle.
    BinCodeInvalid
        If a bin is none of the site.
    ValueError
        If both bins and an aisle are named.
    """
    live = live_site(session, command.site)
    if command.bins and command.aisle:
        raise ValueError("name bins or an aisle, not both")
    if command.bins:
        codes = [live.bin_of_scan(code).code for code in command.bins]
    else:
        codes = [each.code for each in live.site.bins if command.aisle in ("", each.aisle)]
        if not codes:
            raise NotFound("aisle", command.aisle)
    ids = place_ids(session, live.id, codes)
    return _added(session, live, {ids[code]: CountTrigger.REQUEST for code in codes}, clock)


def add_counts(session: Session, site_id: int, wanted: dict[int, CountTrigger], clock: Clock) -> list[int]:
    """Make bins due, by place id, that have no count under way; the places added."""
    under_way = select(col(StockCountRow.place_id)).where(
        col(StockCountRow.site_id) == site_id, col(StockCountRow.state) != CountState.DONE
    )
    if len(wanted) == 1:  # after an exception: thousands may be under way elsewhere
        under_way = under_way.where(col(StockCountRow.place_id).in_(wanted))
    taken = set(session.execute(under_way).scalars())
    places = [place_id for place_id in wanted if place_id not in taken]
    if places:
        rows = [
            {
                "site_id": site_id,
                "place_id": place_id,
                "trigger": wanted[place_id].value,
                "state": CountState.DUE.value,
                "created_ms": clock.now_ms(),
            }
            for place_id in places
        ]
        session.execute(insert(StockCountRow), rows)
    return places


def audited_bins(session: Session, site_id: int, clock: Clock) -> dict[int, CountTrigger]:
    """The bins whose records were drawn at random and wait for a check, by place id."""
    waiting = (
        select(col(AuditItemRow.place_id))
        .join(AuditDrawRow, col(AuditDrawRow.id) == col(AuditItemRow.draw_id))
        .join(AuditRow, col(AuditRow.id) == col(AuditDrawRow.audit_id))
        .where(
            col(AuditRow.site_id) == site_id,
            col(AuditItemRow.state) == ItemState.WAITING,
            col(AuditDrawRow.until_ms) > clock.now_ms(),
        )
        .distinct()
        .order_by(col(AuditItemRow.place_id))
    )
    return dict.fromkeys(session.execute(waiting).scalars(), CountTrigger.AUDIT)


def product_classes(session: Session, site_id: int, policy: CountPolicy, clock: Clock) -> dict[int, AbcClass]:
    """The class of every product picked at a site lately; any other is C."""
    query = (
        select(MOVEMENT.c.product_id, func.count(), func.sum(MOVEMENT.c.quantity))
        .where(
            MOVEMENT.c.site_id == site_id,
            MOVEMENT.c.reason == Reason.PICK.value,
            MOVEMENT.c.at_ms >= clock.now_ms() - policy.movement_days * DAY_MS,
        )
        .group_by(MOVEMENT.c.product_id)
    )
    picked = {product: (int(picks), int(units)) for product, picks, units in session.execute(query)}
    worth = select(PRODUCT.c.id, PRODUCT.c.value_cents).where(PRODUCT.c.value_cents > 0)
    values = {row.id: row.value_cents for row in session.execute(worth)}
    value = {product: units * values[product] for product, (_, units) in picked.items() if product in values}
    return abc_classes({product: picks for product, (picks, _) in picked.items()}, value)


def _added(session: Session, live: LiveSite, wanted: dict[int, CountTrigger], clock: Clock) -> CountsPlanned:
    places = add_counts(session, live.id, wanted, clock)
    added: dict[CountTrigger, int] = {}
    for place_id in places:
        added[wanted[place_id]] = added.get(wanted[place_id], 0) + 1
    waiting = select(func.count()).where(
        col(StockCountRow.site_id) == live.id, col(StockCountRow.state) == CountState.DUE
    )
    return CountsPlanned(added, session.execute(waiting).scalar_one())


def _after_picks(session: Session, site_id: int, policy: CountPolicy, clock: Clock) -> dict[int, CountTrigger]:
    """Bins where a pick came short, or left little or nothing, and that were not made due or seen empty since."""
    counted = (
        select(StockCountRow.place_id, func.max(StockCountRow.created_ms).label("counted_ms"))  # type: ignore[call-overload] # columns
        .where(col(StockCountRow.site_id) == site_id)
        .group_by(StockCountRow.place_id)
        .subquery()
    )
    seen = EmptyCheckRow.metadata.tables["empty_check"]
    seen_empty = select(seen.c.step_id).where(
        seen.c.place_id == MOVEMENT.c.from_place_id,
        seen.c.product_id == MOVEMENT.c.product_id,
        seen.c.is_empty & (seen.c.units == 0),
        seen.c.at_ms >= MOVEMENT.c.at_ms,
    )
    left = func.coalesce(BALANCE.c.quantity, 0)
    went_wrong = MOVEMENT.c.reason != Reason.PICK.value
    query = (
        select(
            MOVEMENT.c.from_place_id,
            func.max(case((went_wrong, 1), else_=0)),
            func.min(case((went_wrong, policy.low_units), else_=left)),
        )
        .join_from(MOVEMENT, PLACE, PLACE.c.id == MOVEMENT.c.from_place_id)
        .outerjoin(
            BALANCE,
            (BALANCE.c.place_id == MOVEMENT.c.from_place_id)
            & (BALANCE.c.product_id == MOVEMENT.c.product_id)
            & (BALANCE.c.lot_id == MOVEMENT.c.lot_id),
        )
        .outerjoin(counted, counted.c.place_id == MOVEMENT.c.from_place_id)
        .where(
            MOVEMENT.c.site_id == site_id,
            PLACE.c.kind == PlaceKind.BIN.value,
            MOVEMENT.c.reason.in_([Reason.PICK.value, Reason.PICK_SHORT.value, Reason.DAMAGE.value]),
            MOVEMENT.c.at_ms > clock.now_ms() - EVENTS_MS,
            MOVEMENT.c.at_ms > func.coalesce(counted.c.counted_ms, 0),
            went_wrong | ((left <= policy.low_units) & ~seen_empty.exists()),
        )
        .group_by(MOVEMENT.c.from_place_id)
    )
    wanted = {}
    for place_id, wrong, units in session.execute(query):
        wanted[place_id] = CountTrigger.EXCEPTION if wrong else CountTrigger.LOW if units else CountTrigger.ZERO
    return wanted


def _by_class_and_age(
    session: Session, site_id: int, policy: CountPolicy, clock: Clock
) -> list[tuple[int, CountTrigger]]:
    """Bins that were not counted for as long as the class of their goods allows."""
    classes = product_classes(session, site_id, policy, clock)
    best: dict[int, AbcClass] = {}
    held = (
        select(BALANCE.c.place_id, BALANCE.c.product_id)
        .join(PLACE, PLACE.c.id == BALANCE.c.place_id)
        .where(PLACE.c.site_id == site_id, PLACE.c.kind == PlaceKind.BIN.value)
    )
    for place_id, product_id in session.execute(held):
        best[place_id] = min(best.get(place_id, AbcClass.C), classes.get(product_id, AbcClass.C))
    done = (
        select(col(StockCountRow.place_id), func.max(col(StockCountRow.done_ms)))
        .where(col(StockCountRow.site_id) == site_id)
        .group_by(col(StockCountRow.place_id))
    )
    counted_ms: dict[int, int | None] = {row[0]: row[1] for row in session.execute(done)}
    bins = session.execute(
        select(PLACE.c.id).where(PLACE.c.site_id == site_id, PLACE.c.kind == PlaceKind.BIN.value)
    ).scalars()
    opened_ms = session.execute(select(col(SiteRow.created_ms)).where(col(SiteRow.id) == site_id)).scalar_one()
    return due_bins(
        (BinToCount(place_id, best.get(place_id), counted_ms.get(place_id)) for place_id in bins),
        policy,
        opened_ms=opened_ms,
        now_ms=clock.now_ms(),
    )
