"""Products are measured: by hand at first sight, or by a cubing machine, for all sites at once.

Every measurement is kept. What can be true is applied to the product; what is doubted (`inventory.rules.measuring`)
is kept and not applied, until somebody measures again and confirms it.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from inventory.importing.measurements import MeasurementRead
from inventory.importing.rows import RowProblem
from inventory.rules.measuring import Size, doubts
from inventory.tables.product_facts import MeasuredBy, MeasurementRow
from inventory.tables.products import ProductRow
from inventory.work.cataloguing import product_of_scan
from inventory.work.importing import Imported
from inventory.work.sites import chunks
from warehouse.clock import Clock
from warehouse.errors import ImportInvalid, NotFound, ScanUnreadable


@dataclass(frozen=True)
class Measure:
    """A unit of a product (what was scanned) was measured; `confirm` what was doubted before."""

    product: str
    size: Size
    user: str
    measured_by: MeasuredBy = MeasuredBy.HAND
    confirm: bool = False
    device: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class ProductMeasured:
    """Whether the measurement holds from now on, and what speaks against it."""

    product: str
    name: str
    applied: bool
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class ImportMeasurements:
    """Measurements from a machine's file; with `skip_bad` what is doubted is kept without being applied."""

    measurements: tuple[MeasurementRead, ...]
    user: str
    skip_bad: bool = False


@dataclass(frozen=True)
class MeasurementView:
    """A measurement that was made."""

    size: Size
    measured_by: MeasuredBy
    applied: bool
    doubts: str
    device: str
    user: str
    at_ms: int


def measure(session: Session, command: Measure, clock: Clock) -> ProductMeasured:
    """Note a measurement, and apply it to the product if it can be true or is confirmed.

    Raises
    ------
    NotFound
        If there is no such product.
    ScanUnreadable
        If what was scanned cannot be read.
    """
    product = product_of_scan(session, command.product)
    found = doubts(command.size, [Size(product.length_mm, product.width_mm, product.height_mm, product.weight_g)])
    applied = command.confirm or not found
    _note(session, product, command, found, clock, applied=applied)
    return ProductMeasured(product.code, product.name, applied, tuple(found))


def _note(
    session: Session, product: ProductRow, command: Measure, found: list[str], clock: Clock, *, applied: bool
) -> None:
    size = command.size
    assert product.id is not None
    session.add(
        MeasurementRow(
            product_id=product.id,
            length_mm=size.length_mm,
            width_mm=size.width_mm,
            height_mm=size.height_mm,
            weight_g=size.weight_g,
            measured_by=command.measured_by,
            applied=applied,
            doubts="; ".join(found),
            device=command.device,
            user=command.user,
            at_ms=clock.now_ms(),
        )
    )
    if applied:
        product.length_mm, product.width_mm, product.height_mm = size.length_mm, size.width_mm, size.height_mm
        product.weight_g = size.weight_g
        session.add(product)
    session.flush()


def import_measurements(session: Session, command: ImportMeasurements, clock: Clock) -> Imported:
    """Apply the measurements of a file, in its order; those equal to what is known count as unchanged.

    Raises
    ------
    ImportInvalid
        If a row names an unknown product or is doubted, unless bad rows are skipped.
    """
    num_new = num_unchanged = 0
    problems = []
    for each in command.measurements:
        try:
            product = product_of_scan(session, each.product)
        except (NotFound, ScanUnreadable):
            problems.append(RowProblem(each.row, f"product {each.product} is not known"))
            continue
        known = Size(product.length_mm, product.width_mm, product.height_mm, product.weight_g)
        if known == each.size and measured_products(session, [product.id or 0]):
            num_unchanged += 1
            continue
        by_machine = Measure(each.product, each.size, command.user, MeasuredBy.MACHINE, device=each.device)
        done = measure(session, by_machine, clock)
        num_new += done.applied
        if not done.applied:
            problems.append(RowProblem(each.row, f"{product.code}: {'; '.join(done.doubts)}"))
    if problems and not command.skip_bad:
        raise ImportInvalid([each.as_problem() for each in problems])
    return Imported(num_new, num_unchanged, (), tuple(problems))


def measured_products(session: Session, product_ids: list[int]) -> set[int]:
    """Which of these products have been measured here; the others are as their supplier or a file says."""
    measured: set[int] = set()
    for some in chunks(product_ids):
        query = select(col(MeasurementRow.product_id)).where(
            col(MeasurementRow.product_id).in_(some), col(MeasurementRow.applied).is_(True)
        )
        measured |= set(session.execute(query.distinct()).scalars())
    return measured


def measurements_of(session: Session, scanned: str) -> tuple[MeasurementView, ...]:
    """Every measurement of a product, the latest first.

    Raises
    ------
    NotFound
        If there is no such product.
    ScanUnreadable
        If what was scanned cannot be read.
    """
    product = product_of_scan(session, scanned)
    query = select(MeasurementRow).where(col(MeasurementRow.product_id) == product.id)
    return tuple(
        MeasurementView(
            Size(row.length_mm, row.width_mm, row.height_mm, row.weight_g),
            MeasuredBy(row.measured_by),
            row.applied,
            row.doubts,
            row.device,
            row.user,
            row.at_ms,
        )
        for row in session.execute(query.order_by(col(MeasurementRow.id).desc())).scalars()
    )
