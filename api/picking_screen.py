"""What a picker's screen shows now: computed from the database, so that any device shows the same.

Every picking call answers with it. A reply that was lost can be asked for again; nothing but the bin
scanned last lives in the device alone.
"""

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field
from sqlalchemy import func, select
from sqlmodel import Session, col

from inventory.tables.outbound import PickRunRow, PickStepRow, RunState
from inventory.tables.products import BarcodeRow, ProductRow
from inventory.work.empty_checking import EmptyQuestion, empty_question
from inventory.work.looking import StepView, planned_route, run_view
from inventory.work.sites import live_site, site_with_id
from inventory.work.walking import begins_in_ms
from inventory.work.way_counting import way_count_at_hand, way_counts_done
from warehouse.bins import Side
from warehouse.clock import Clock
from warehouse.errors import NotFound


class ProductNow(BaseModel):
    """What to take; `barcodes` are all that may be scanned for it beside its code."""

    code: str = Field(examples=["85123A"])
    name: str = Field(examples=["White hanging heart T-light holder"])
    picture: str | None
    serialised: bool = Field(description="each unit is named by its serial")
    barcodes: list[str] = Field(examples=[["4006381333931"]])


class StepNow(BaseModel):
    """The step at hand. `quantity` is what is still to be taken of it."""

    step: int = Field(examples=[317])
    bin_code: str = Field(examples=["07-042-B1-K"])
    aisle: str = Field(examples=["7"])
    bay: int = Field(examples=[42])
    level: int = Field(examples=[2])
    slot: int = Field(examples=[1])
    side: Side | None = Field(description="the picker's own hand, walking; none where the walk does not tell")
    product: ProductNow
    lot: str
    expires_on: date | None
    quantity: int = Field(examples=[3])
    tote: int = Field(description="counted on the cart from 1", examples=[2])
    tote_code: str = Field(examples=["TOTE-00014"])
    then: str | None = Field(description="the next bin ahead", examples=["07-038-C2-4"])


class Progress(BaseModel):
    """How far the run has come."""

    steps: int = Field(examples=[12])
    steps_done: int = Field(examples=[3])
    walked_mm: int
    distance_mm: int


class Summary(BaseModel):
    """A run that is done."""

    distance_mm: int = Field(examples=[312400])
    backtrack_mm: int = Field(examples=[0])
    lines: int = Field(examples=[12])
    lines_short: int = Field(examples=[0])
    units: int = Field(examples=[31])
    duration_ms: int = Field(examples=[521000])
    counts: int = Field(description="bins counted on the way", examples=[2])
    counts_ms: int = Field(description="how long those took", examples=[38000])


class Screen(BaseModel):
    """What to show: no run taken, a step to do, the cart to be brought to its end, or a run done."""

    screen: Literal["idle", "step", "finish", "done"]
    site: str | None = None
    runs_ready: int = Field(description="runs that wait at the site")
    begins_in_ms: int | None = Field(
        default=None, description="while idle: how long until a run may be taken, where none may yet", examples=[45000]
    )
    run: int | None = None
    progress: Progress | None = None
    step: StepNow | None = None
    end: str | None = Field(default=None, description="the station that the run ends at", examples=["packing"])
    count: int | None = Field(
        default=None, description="a bin to count on the way to the next step; `counting` tells it"
    )
    empty: EmptyQuestion | None = Field(
        default=None,
        description="is the bin empty that was just picked from? To be asked, and may stay unanswered",
    )
    summary: Summary | None = None


class Next(BaseModel):
    """The answer of every picking call: what comes next."""

    next: Screen


def idle_screen(session: Session, site: str | None, clock: Clock) -> Screen:
    """The screen of somebody without a run; `site` may be none where there is no site yet."""
    begins = None if site is None else begins_in_ms(session, site, clock)
    return Screen(screen="idle", site=site, runs_ready=_runs_ready(session, site), begins_in_ms=begins)


def walking_run_of(session: Session, picker: str) -> int | None:
    """The run that a picker is walking, if any; the earliest of several at different sites."""
    query = select(func.min(col(PickRunRow.id))).where(
        col(PickRunRow.picker) == picker, col(PickRunRow.state) == RunState.WALKING
    )
    found: int | None = session.execute(query).scalar_one()
    return found


def run_screen(session: Session, run_id: int) -> Screen:
    """The screen of a run.

    Raises
    ------
    NotFound
        If there is no such run.
    """
    view = run_view(session, run_id)
    done = view.state is RunState.DONE
    run = _run(session, run_id)
    screen: Literal["step", "finish", "done"] = "done" if done else "finish" if view.current is None else "step"
    return Screen(
        screen=screen,
        site=view.site,
        runs_ready=_runs_ready(session, view.site),
        run=run_id,
        progress=Progress(
            steps=view.num_steps,
            steps_done=view.num_steps_done,
            walked_mm=view.walked_mm,
            distance_mm=view.distance_mm,
        ),
        step=None if view.current is None else _step_now(session, view.current, view.next_bin_code),
        end=_end_station(session, run_id),
        count=None if done else way_count_at_hand(session, run),
        empty=None if done else empty_question(session, run),
        summary=_summary(session, run_id) if done else None,
    )


def _runs_ready(session: Session, site: str | None) -> int:
    if site is None:
        return 0
    query = select(func.count()).where(
        col(PickRunRow.site_id) == live_site(session, site).id, col(PickRunRow.state) == RunState.READY
    )
    return session.execute(query).scalar() or 0


def _step_now(session: Session, step: StepView, then: str | None) -> StepNow:
    barcodes = session.execute(
        select(col(BarcodeRow.barcode))
        .join(ProductRow, col(ProductRow.id) == col(BarcodeRow.product_id))
        .where(col(ProductRow.code) == step.product)
        .order_by(col(BarcodeRow.barcode))
    ).scalars()
    return StepNow(
        step=step.step_id,
        bin_code=step.bin_code,
        aisle=step.aisle,
        bay=step.bay,
        level=step.level,
        slot=step.slot,
        side=step.side,
        product=ProductNow(
            code=step.product,
            name=step.name,
            picture=step.picture,
            serialised=step.serialised,
            barcodes=list(barcodes),
        ),
        lot=step.lot,
        expires_on=step.expires_on,
        quantity=step.quantity - step.quantity_picked,
        tote=step.tote_number,
        tote_code=step.tote,
        then=then,
    )


def _end_station(session: Session, run_id: int) -> str | None:
    """The station where the run's walk ends; none if it ends elsewhere."""
    run = _run(session, run_id)
    site = site_with_id(session, run.site_id).site
    end = planned_route(run.route).end
    return next((each.name for each in site.stations if site.floor.same_point(each.spot, end)), None)


def _summary(session: Session, run_id: int) -> Summary:
    run = _run(session, run_id)
    steps = session.execute(select(PickStepRow).where(col(PickStepRow.run_id) == run_id)).scalars().all()
    assert run.started_ms is not None
    assert run.done_ms is not None
    short = {step.order_line_id for step in steps if step.quantity_picked < step.quantity - step.quantity_elsewhere}
    counts, counts_ms = way_counts_done(session, run_id)
    return Summary(
        distance_mm=run.distance_mm,
        backtrack_mm=run.backtrack_mm,
        lines=len({step.order_line_id for step in steps}),
        lines_short=len(short),
        units=sum(step.quantity_picked for step in steps),
        duration_ms=run.done_ms - run.started_ms,
        counts=counts,
        counts_ms=counts_ms,
    )


def _run(session: Session, run_id: int) -> PickRunRow:
    run = session.get(PickRunRow, run_id)
    if run is None:
        raise NotFound("run", run_id)
    return run
