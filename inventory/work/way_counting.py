"""Counts on the way: a picker counts bins that his run passes anyway, without a metre more."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from inventory.rules.way_counts import bins_passed, rest_s
from inventory.tables.counts import CountState, CountVisitRow, StockCountRow
from inventory.tables.outbound import OrderLineRow, OrderRow, PickRunRow, PickStepRow, RunState, StepState
from inventory.work.caging import is_caged, may_open_cage
from inventory.work.count_assigning import begin_count, may_take, put_back_way_counts
from inventory.work.count_rules import policy_in_force
from inventory.work.looking import planned_route
from inventory.work.pick_steps import legs_done
from inventory.work.sites import site_with_id
from routing.meeting import Pace
from routing.route import Leg
from warehouse.clock import Clock
from warehouse.tables import PlaceRow


@dataclass(frozen=True)
class AddWayCounts:
    """Let the picker of a run count bins on his way."""

    run_id: int
    picker: str


@dataclass(frozen=True)
class WayCountsAdded:
    """Counts that the run carries now; they take `seconds` and not a metre."""

    count_ids: tuple[int, ...]
    seconds: int


def add_way_counts(session: Session, command: AddWayCounts, clock: Clock) -> WayCountsAdded:
    """Give a run counts on its way, up to the site's limit a run; none if one of its orders might be late.

    Asked for again it gives no more than the limit; a run that is not walked by this picker any more gets none.
    """
    run = session.get(PickRunRow, command.run_id, with_for_update=True, populate_existing=True)
    if run is None or run.state != RunState.WALKING or run.picker != command.picker:
        return WayCountsAdded((), 0)
    policy = policy_in_force(session, run.site_id).policy
    carried = select(func.count()).where(col(StockCountRow.run_id) == run.id)
    room = policy.way_counts_max - session.execute(carried).scalar_one()
    due = session.execute(
        select(col(StockCountRow.id), col(PlaceRow.code))
        .join(PlaceRow, col(PlaceRow.id) == col(StockCountRow.place_id))
        .where(*may_take(run.site_id, command.picker))
        .order_by(col(StockCountRow.id))
    ).all()
    if room <= 0 or not due:
        return WayCountsAdded((), 0)
    route, steps = planned_route(run.route), _steps(session, command.run_id)
    num_legs = legs_done(route, steps, run.plan)
    live = site_with_id(session, run.site_id)
    bins = live.bins
    if not may_open_cage(session, command.picker):
        due = [each for each in due if not is_caged(live, each.code)]
    passed = bins_passed(route.legs[num_legs:], [(each.id, bins[each.code].spot) for each in due])[:room]
    seconds = policy.count_s * len(passed)
    late_ms = clock.now_ms() + 1000 * (rest_s(route, num_legs, Pace()) + seconds)
    first_due_ms = _first_due_ms(session, command.run_id)
    if first_due_ms is not None and late_ms > first_due_ms:
        return WayCountsAdded((), 0)
    for each in passed:
        count = session.get(StockCountRow, each.number, with_for_update=True, populate_existing=True)
        assert count is not None
        begin_count(count, command.picker)
        count.run_id, count.way_mm = run.id, each.way_mm
        session.add(count)
    return WayCountsAdded(tuple(each.number for each in passed), seconds)


def leave_aside(session: Session, run: PickRunRow, legs: Sequence[Leg]) -> None:
    """Put back the counts of a run that lie on none of the legs it will walk by a new plan: they would cost metres."""
    assert run.id is not None
    carried = _carried(session, run.id)
    bins = site_with_id(session, run.site_id).bins if carried else {}
    passed = bins_passed(legs, [(number, bins[code].spot) for number, code in carried])
    if len(passed) < len(carried):
        put_back_way_counts(session, run.id, kept={each.number for each in passed})


def way_counts_done(session: Session, run_id: int) -> tuple[int, int]:
    """How many bins were counted on the way of a run, and how many milliseconds that took."""
    query = (
        select(func.count(), func.sum(col(CountVisitRow.closed_ms) - col(CountVisitRow.opened_ms)))
        .join(StockCountRow, col(StockCountRow.id) == col(CountVisitRow.count_id))
        .where(col(StockCountRow.run_id) == run_id, col(CountVisitRow.closed_ms).is_not(None))
    )
    number, duration_ms = session.execute(query).one()
    return int(number), int(duration_ms or 0)


def way_count_at_hand(session: Session, run: PickRunRow) -> int | None:
    """The count that a run passes before its next stop, if any."""
    assert run.id is not None
    carried = _carried(session, run.id)
    if not carried or run.state != RunState.WALKING:
        return None
    bins = site_with_id(session, run.site_id).bins
    ahead = _legs_to_next_stop(session, run)
    passed = bins_passed(ahead, [(number, bins[code].spot) for number, code in carried])
    return passed[0].number if passed else None


def _carried(session: Session, run_id: int) -> list[tuple[int, str]]:
    """The counts that a run carries still, and their bins."""
    query = (
        select(col(StockCountRow.id), col(PlaceRow.code))
        .join(PlaceRow, col(PlaceRow.id) == col(StockCountRow.place_id))
        .where(col(StockCountRow.run_id) == run_id, col(StockCountRow.state) == CountState.COUNTING)
    )
    return [(row.id, row.code) for row in session.execute(query)]


def _legs_to_next_stop(session: Session, run: PickRunRow) -> Sequence[Leg]:
    assert run.id is not None
    route, steps = planned_route(run.route), _steps(session, run.id)
    following = [step.stop for step in steps if step.state == StepState.OPEN]
    upto = route.stops[following[0]].after_leg if following else len(route.legs)
    return route.legs[legs_done(route, steps, run.plan) : upto]


def _steps(session: Session, run_id: int) -> Sequence[PickStepRow]:
    query = select(PickStepRow).where(col(PickStepRow.run_id) == run_id).order_by(col(PickStepRow.sequence))
    steps: Sequence[PickStepRow] = session.execute(query).scalars().all()
    return steps


def _first_due_ms(session: Session, run_id: int) -> int | None:
    """When the first of a run's orders must leave."""
    query = (
        select(func.min(col(OrderRow.due_ms)))
        .join(OrderLineRow, col(OrderLineRow.order_id) == col(OrderRow.id))
        .join(PickStepRow, col(PickStepRow.order_line_id) == col(OrderLineRow.id))
        .where(col(PickStepRow.run_id) == run_id, col(PickStepRow.state) == StepState.OPEN)
    )
    due_ms: int | None = session.execute(query).scalar_one()
    return due_ms
