"""Floor that pickers found blocked: reported, kept out of plans for a time, and lifted again.

What `inventory.rules.blocking` closes is closed for everybody until the time is over or somebody lifts it. Goods
out of reach stay in their bins; they are no longer promised, and what nobody finds elsewhere waits to be released
again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Select, select
from sqlmodel import Session, col

from inventory.ledger import Reservation, unreserve
from inventory.rules.blocking import ClosedFloor, floor_to_close, legs_to_block
from inventory.tables.floor import FloorBlockRow
from inventory.tables.outbound import PickRunRow, PickStepRow, StepState
from inventory.work.looking import planned_route
from inventory.work.pick_steps import legs_done, step_at_hand
from inventory.work.sites import LiveSite, live_site, place_codes, site_with_id
from routing.replanning import legs_walked, stands_at
from warehouse.clock import Clock
from warehouse.distances import NO_WAY_MM, Distances
from warehouse.errors import NotFound, WrongState
from warehouse.floor import Spot, Stretch
from warehouse.tables import PlaceRow

BLOCKED_MS = 30 * 60_000
"""A pallet that is in the way for longer is worth another report."""


@dataclass(frozen=True)
class ReportBlocked:
    """The picker cannot get to the bin of the step at hand; nobody is sent there for `blocked_ms`."""

    run_id: int
    step_id: int
    picker: str
    blocked_ms: int = BLOCKED_MS
    client_id: str = ""


@dataclass(frozen=True)
class BlockReported:
    """The floor is blocked, and `num_steps` of the run are out of reach."""

    run_id: int
    block_id: int
    num_steps: int


@dataclass(frozen=True)
class LiftBlock:
    """What stood in the way is gone."""

    site: str
    block_id: int
    user: str
    client_id: str = ""


@dataclass(frozen=True)
class BlockLifted:
    """The floor can be walked again since `at_ms`."""

    block_id: int
    at_ms: int


@dataclass(frozen=True)
class BlockView:
    """Floor that is blocked now: `length_mm` of an aisle, 0 where only the bin is out of reach."""

    block_id: int
    bin_code: str
    aisle: str
    length_mm: int
    reported_by: str
    reported_ms: int
    until_ms: int


def record_blocked(session: Session, command: ReportBlocked, clock: Clock) -> BlockReported:
    """Block the floor before the bin of the step at hand, and take the steps off that cannot be reached any more.

    `replanning.report_blocked` then plans the rest of the run without that floor.

    Raises
    ------
    NotFound
        If the run or the step is not known.
    WrongState
        If the run is not walked by this picker, another step comes first, or the step is done.
    ValueError
        If the floor is to be blocked for no time at all.
    """
    if command.blocked_ms <= 0:
        raise ValueError(f"floor cannot be blocked for {command.blocked_ms} ms")
    at_hand = step_at_hand(session, command.run_id, command.step_id, command.picker)
    run = session.get(PickRunRow, command.run_id)
    assert run is not None
    query = select(PickStepRow).where(col(PickStepRow.run_id) == command.run_id).order_by(col(PickStepRow.sequence))
    steps: list[PickStepRow] = list(session.execute(query).scalars())
    live, route = site_with_id(session, at_hand.site_id), planned_route(run.route)
    at = next(step for step in steps if step.id == command.step_id)
    num_legs = legs_to_block(route, legs_done(route, steps, run.plan), at.stop)
    closed = floor_to_close(live.area.floor, route, num_legs, route.stops[at.stop], at_hand.bin_code)
    row = FloorBlockRow(
        site_id=live.id,
        place_id=at.place_id,
        edge=closed.edge,
        from_mm=closed.from_mm,
        to_mm=closed.to_mm,
        reported_by=command.picker,
        reported_ms=clock.now_ms(),
        until_ms=clock.now_ms() + command.blocked_ms,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    stands = stands_at(route, legs_walked(route, num_legs))
    now = walkable(session, live, clock, stands=stands)
    ahead = [step for step in steps if step.state == StepState.OPEN]
    out = out_of_reach(session, now, stands, ahead)
    out += [step for step in ahead if step.place_id == at.place_id and step not in out]
    take_off(session, out, at_hand.bin_code, clock)
    return BlockReported(command.run_id, row.id, len(out))


def walkable(
    session: Session, live: LiveSite, clock: Clock, *, stands: Spot | None = None, bins: Collection[str] = ()
) -> LiveSite:
    """The site without the floor that is blocked now.

    Where a run is under way, floor that its picker `stands` on, or from which `bins` are still to be picked, does
    not count: he has got there, or finds out himself.
    """
    in_use = [live.bins[code].spot for code in bins] + ([] if stands is None else [stands])
    closed = []
    for row, code in session.execute(_blocks(live.id, clock)):
        each = ClosedFloor(code, row.edge, row.from_mm, row.to_mm)
        if code not in bins and not any(each.holds(spot) for spot in in_use):
            closed.append(each)
    if not closed:
        return live
    stretches = [Stretch(each.edge, each.from_mm, each.to_mm) for each in closed if each.from_mm < each.to_mm]
    floor = replace(live.area.floor, blocked=(*live.area.floor.blocked, *stretches))
    return replace(live, area=replace(live.area, floor=floor), closed=tuple(closed))


def blocks_now(session: Session, site: str, clock: Clock) -> tuple[BlockView, ...]:
    """The floor of a site that is blocked now, in the order in which it was reported.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    live = live_site(session, site)
    return tuple(
        BlockView(
            block_id=row.id,
            bin_code=code,
            aisle=live.bins[code].aisle,
            length_mm=row.to_mm - row.from_mm,
            reported_by=row.reported_by,
            reported_ms=row.reported_ms,
            until_ms=row.until_ms,
        )
        for row, code in session.execute(_blocks(live.id, clock))
    )


def lift_block(session: Session, command: LiftBlock, clock: Clock) -> BlockLifted:
    """Let floor be walked again.

    Raises
    ------
    NotFound
        If there is no such site, or no such block at it.
    WrongState
        If its time is over, or it was lifted before.
    """
    site_id = live_site(session, command.site).id
    row = session.get(FloorBlockRow, command.block_id, with_for_update=True)
    if row is None or row.site_id != site_id:
        raise NotFound("block", command.block_id)
    if row.lifted_ms is not None or row.until_ms <= clock.now_ms():
        raise WrongState("block", command.block_id, "over")
    row.lifted_by, row.lifted_ms = command.user, clock.now_ms()
    session.add(row)
    return BlockLifted(command.block_id, row.lifted_ms)


def is_any_blocked(session: Session, run_id: int, clock: Clock) -> bool:
    """Whether any floor at the site of a run is blocked now: asked after every pick, so it reads next to nothing."""
    block = FloorBlockRow
    query = (
        select(col(block.id))
        .join(PickRunRow, col(PickRunRow.site_id) == col(block.site_id))
        .where(col(PickRunRow.id) == run_id, col(block.until_ms) > clock.now_ms(), col(block.lifted_ms).is_(None))
    )
    return session.execute(query.limit(1)).first() is not None


def _blocks(site_id: int, clock: Clock) -> Select[FloorBlockRow, str]:
    """What is blocked at a site now, with the codes of the bins."""
    block = FloorBlockRow
    return (
        select(block, col(PlaceRow.code))
        .join(PlaceRow, col(PlaceRow.id) == col(block.place_id))
        .where(col(block.site_id) == site_id, col(block.until_ms) > clock.now_ms(), col(block.lifted_ms).is_(None))
        .order_by(col(block.id))
    )


def out_of_reach(session: Session, live: LiveSite, stands: Spot, steps: Sequence[PickStepRow]) -> list[PickStepRow]:
    """The steps whose bins cannot be got to from where a picker stands, on the floor as it can be walked now."""
    codes = place_codes(session, {step.place_id for step in steps})
    spots = [live.bins[codes[step.place_id]].spot for step in steps]
    ways_mm = Distances(live.area.floor).pairs([stands] * len(steps), spots)
    return [
        step
        for step, way_mm in zip(steps, ways_mm.tolist(), strict=True)
        if way_mm >= NO_WAY_MM or not live.is_in_reach(codes[step.place_id])
    ]


def take_off(session: Session, steps: Sequence[PickStepRow], bin_code: str, clock: Clock) -> None:
    """Take steps off a run: their units are sought elsewhere, what lies in their bins is free again."""
    unreserve(
        session,
        [
            Reservation(step.place_id, step.product_id, step.lot_id, step.quantity - step.quantity_picked)
            for step in steps
        ],
    )
    for step in steps:
        step.quantity_sought = step.quantity - step.quantity_picked
        step.short_reason = f"{step.quantity_sought} out of reach, the way to {bin_code} being blocked"
        step.state, step.reached, step.done_ms = StepState.SHORT, False, clock.now_ms()
    session.add_all(steps)
    session.flush()
