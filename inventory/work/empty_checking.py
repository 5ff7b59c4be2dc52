"""Is it empty? One tap of the picker at the shelf, where the books say that his pick left nothing or little there.

He stands before the bin anyway, so the check of this record costs a second and no walk. It is asked about the product
that he took, all its lots together, and never holds up the run: who does not answer walks on, and the bin is counted
later as the rules have it. An answer is held against the ledger at the moment it is given. Bins of the cage are not
asked about, since two people count them.
"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from inventory.ledger import BALANCE
from inventory.rules.counting import CountTrigger
from inventory.tables.counts import EmptyCheckRow
from inventory.tables.outbound import PickRunRow, PickStepRow, StepState
from inventory.tables.products import ProductRow
from inventory.work.adjusting import places_of_bin
from inventory.work.caging import is_caged
from inventory.work.count_exceptions import count_soon
from inventory.work.count_planning import add_counts
from inventory.work.count_rules import policy_in_force
from inventory.work.sites import live_site, place_codes, site_with_id
from warehouse.clock import Clock
from warehouse.errors import NotFound, WrongState
from warehouse.tables import PlaceRow


@dataclass(frozen=True)
class EmptyQuestion:
    """To be asked at the bin of a step that was picked: is nothing of the product left there?"""

    step: int
    bin_code: str
    product: str
    name: str


@dataclass(frozen=True)
class AnswerEmpty:
    """Nothing of the product is left in the bin of a step that was picked, or something is."""

    run_id: int
    step_id: int
    picker: str
    is_empty: bool
    device: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class EmptyAnswered:
    """Whether the books say the same, and whether the bin is to be counted now."""

    step_id: int
    agrees: bool
    count_due: bool


@dataclass(frozen=True)
class EmptyCheck:
    """An answer in a list; `units` are what the books said at that moment."""

    bin_code: str
    product: str
    units: int
    is_empty: bool
    agrees: bool
    picker: str
    at_ms: int


def empty_question(session: Session, run: PickRunRow) -> EmptyQuestion | None:
    """What to ask the picker of a run about the step that he has just picked, if anything."""
    steps = select(PickStepRow).where(col(PickStepRow.run_id) == run.id)
    done = steps.where(col(PickStepRow.state) != StepState.OPEN)
    last: PickStepRow | None = (
        session.execute(done.order_by(col(PickStepRow.done_ms).desc(), col(PickStepRow.sequence).desc()).limit(1))
        .scalars()
        .first()
    )
    if last is None or last.state != StepState.PICKED or session.get(EmptyCheckRow, last.id) is not None:
        return None
    still = steps.where(
        col(PickStepRow.state) == StepState.OPEN,
        col(PickStepRow.place_id) == last.place_id,
        col(PickStepRow.product_id) == last.product_id,
    )
    units = _units_left(session, last)
    if units and (
        units > policy_in_force(session, run.site_id).policy.low_units or session.execute(still.limit(1)).first()
    ):
        return None
    code = place_codes(session, {last.place_id})[last.place_id]
    if is_caged(site_with_id(session, run.site_id), code):
        return None
    product = session.get(ProductRow, last.product_id)
    assert product is not None
    assert last.id is not None
    return EmptyQuestion(last.id, code, product.code, product.name)


def answer_empty(session: Session, command: AnswerEmpty, clock: Clock) -> EmptyAnswered:
    """Note what the picker saw; unless the books say the same, that nothing is left, the bin is due for a count.

    Raises
    ------
    NotFound
        If there is no such run, or no such step on it.
    WrongState
        If it is not this picker's run, the step is not picked, or it was answered before.
    """
    run = session.get(PickRunRow, command.run_id, with_for_update=True)
    if run is None:
        raise NotFound("run", command.run_id)
    if run.picker != command.picker:
        raise WrongState("run", command.run_id, "walked by somebody else")
    step = session.get(PickStepRow, command.step_id)
    if step is None or step.run_id != run.id:
        raise NotFound("step", command.step_id)
    if step.state != StepState.PICKED:
        raise WrongState("step", command.step_id, StepState(step.state))
    if session.get(EmptyCheckRow, command.step_id) is not None:
        raise WrongState("step", command.step_id, "answered before")
    units = _units_left(session, step)
    agrees = command.is_empty == (units == 0)
    check = EmptyCheckRow(
        step_id=command.step_id,
        site_id=run.site_id,
        place_id=step.place_id,
        product_id=step.product_id,
        units=units,
        is_empty=command.is_empty,
        picker=command.picker,
        device=command.device,
        at_ms=clock.now_ms(),
    )
    session.add(check)
    if not agrees:
        count_soon(session, step.place_id, clock)
    elif units:
        add_counts(session, run.site_id, {step.place_id: CountTrigger.LOW}, clock)
    return EmptyAnswered(command.step_id, agrees, count_due=not agrees or units > 0)


def empty_checks(session: Session, site: str, *, since_ms: int = 0, limit: int = 200) -> tuple[EmptyCheck, ...]:
    """What pickers said of bins at a site, the latest first.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    query = (
        select(EmptyCheckRow, col(PlaceRow.code), col(ProductRow.code))
        .join(PlaceRow, col(PlaceRow.id) == col(EmptyCheckRow.place_id))
        .join(ProductRow, col(ProductRow.id) == col(EmptyCheckRow.product_id))
        .where(col(EmptyCheckRow.site_id) == live_site(session, site).id, col(EmptyCheckRow.at_ms) >= since_ms)
        .order_by(col(EmptyCheckRow.at_ms).desc(), col(EmptyCheckRow.step_id).desc())
        .limit(limit)
    )
    return tuple(
        EmptyCheck(code, product, row.units, row.is_empty, row.is_empty == (row.units == 0), row.picker, row.at_ms)
        for row, code, product in session.execute(query)
    )


def _units_left(session: Session, step: PickStepRow) -> int:
    """What the ledger says is left of a step's product in its bin, all lots together, whatever their status."""
    query = select(func.coalesce(func.sum(BALANCE.c.quantity), 0)).where(
        BALANCE.c.place_id.in_(places_of_bin(session, step.place_id)), BALANCE.c.product_id == step.product_id
    )
    return int(session.execute(query).scalar_one())
