"""A run as it is written into reports: where it went, what was taken where, and how far that was."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from inventory.rules.pick_runs import PlannedRun
from inventory.rules.stock import Goods, Lots, Shelves
from inventory.tables.outbound import OrderLineRow, OrderRow, PickRunRow, PickStepRow
from inventory.tables.products import LotRow, ProductRow
from routing.problem import PickProblem
from routing.route import Route
from warehouse.tables import PlaceRow


@dataclass(frozen=True, slots=True)
class TakenUnits:
    """`quantity` units taken at stop number `stop` of the route, for one order line, into one tote."""

    stop: int
    bin: str
    product: str
    lot: str
    quantity: int
    order: str
    line: str
    tote: str


@dataclass(frozen=True)
class WalkedRun:
    """One run with its problem, its route and what was taken."""

    name: str
    problem: PickProblem
    route: Route
    taken: tuple[TakenUnits, ...]

    @property
    def orders(self) -> tuple[str, ...]:
        """The orders on the cart, in the order in which they are first picked for."""
        return tuple(dict.fromkeys(each.order for each in self.taken))

    @property
    def num_lines(self) -> int:
        """Order lines on the cart, split ones counted once."""
        return len({(each.order, each.line) for each in self.taken})


def planned_runs(
    runs: Sequence[PlannedRun], goods: Goods, lots: Lots, shelves: Shelves, line_names: dict[str, str]
) -> tuple[WalkedRun, ...]:
    """Planned runs as if they had been walked; `line_names` gives the line number behind each line."""
    return tuple(
        WalkedRun(
            name=str(number),
            problem=run.problem,
            route=run.route,
            taken=tuple(
                TakenUnits(
                    stop=step.stop,
                    bin=shelves.codes[step.bin],
                    product=goods.codes[step.product],
                    lot=lots.codes[step.lot],
                    quantity=step.quantity,
                    order=step.order,
                    line=line_names[step.line],
                    tote=str(step.tote + 1),
                )
                for step in run.steps
            ),
        )
        for number, run in enumerate(runs, 1)
    )


def finished_runs(session: Session, site_id: int) -> tuple[WalkedRun, ...]:
    """The runs of a site as the database has them, with what was really picked."""
    bins, totes = aliased(PlaceRow), aliased(PlaceRow)
    query = (
        select(
            col(PickStepRow.run_id),
            col(PickStepRow.stop),
            col(bins.code),
            col(ProductRow.code),
            col(LotRow.code),
            col(PickStepRow.quantity_picked),
            col(OrderRow.number),
            col(OrderLineRow.line_number),
            col(totes.code),
        )
        .join(bins, col(bins.id) == col(PickStepRow.place_id))
        .join(totes, col(totes.id) == col(PickStepRow.tote_place_id))
        .join(ProductRow, col(ProductRow.id) == col(PickStepRow.product_id))
        .join(LotRow, col(LotRow.id) == col(PickStepRow.lot_id))
        .join(OrderLineRow, col(OrderLineRow.id) == col(PickStepRow.order_line_id))
        .join(OrderRow, col(OrderRow.id) == col(OrderLineRow.order_id))
        .where(col(OrderRow.site_id) == site_id)
        .order_by(col(PickStepRow.run_id), col(PickStepRow.sequence))
    )
    taken = {
        run_id: tuple(
            TakenUnits(stop, bin_code, product, lot, quantity, order, str(line), tote)
            for _, stop, bin_code, product, lot, quantity, order, line, tote in steps
        )
        for run_id, steps in groupby(session.execute(query), key=lambda row: row[0])
    }
    rows = session.execute(
        select(PickRunRow).where(col(PickRunRow.site_id) == site_id).order_by(col(PickRunRow.id))
    ).scalars()
    return tuple(
        WalkedRun(str(row.id), PickProblem.from_json(row.problem), Route.from_json(row.route), taken[row.id])
        for row in rows
    )
