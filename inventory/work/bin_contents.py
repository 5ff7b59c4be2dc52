"""One product and one bin with what lies in it and next to it, read as the stowing rules take them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from inventory.rules.stock import NEVER_DAY
from inventory.rules.storage_policy import StowRules
from inventory.rules.stowing import BinRoom, Unit
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.storage import ProductNeedsRow
from inventory.work.product_needs import look_of
from inventory.work.receiving import site_day
from inventory.work.sites import LiveSite, place_ids
from inventory.work.withheld import LYING
from warehouse.bins import Bin, StorageClass
from warehouse.clock import Clock


@dataclass(frozen=True)
class _Lying:
    """Units of a lot in a bin, for sale or not."""

    product: ProductRow
    needs: ProductNeedsRow | None
    lot_id: int
    quantity: int


def unit_of(session: Session, live: LiveSite, product: ProductRow, lot: LotRow, clock: Clock) -> Unit:
    """One unit of a product's lot, as the stowing rules see it today."""
    assert product.id is not None
    assert lot.id is not None
    needs = session.get(ProductNeedsRow, product.id) or ProductNeedsRow(product_id=product.id)
    today = site_day(live, clock)
    return Unit(
        product=product.id,
        lot=lot.id,
        length_mm=product.length_mm,
        width_mm=product.width_mm,
        height_mm=product.height_mm,
        weight_g=product.weight_g,
        storage_class=StorageClass(product.storage_class),
        value_cents=product.value_cents,
        hazard=needs.hazard,
        coldest_dc=needs.coldest_dc,
        warmest_dc=needs.warmest_dc,
        days_left=NEVER_DAY if lot.expires_on is None else (lot.expires_on - today).days,
        look=look_of(product, needs),
    )


def bin_room(session: Session, live: LiveSite, goal: Bin, rules: StowRules) -> BinRoom:
    """A bin with what lies in it now, for sale or not; its neighbours are looked into where a rule asks for them."""
    shelves = live.area.shelves
    codes = [goal.code]
    if rules.hazards_apart or rules.look_alike.looks:
        around = shelves.neighbours[shelves.index[goal.code]].tolist()
        codes += [shelves.codes[row] for row in around if row >= 0]
    lying = _lying(session, live.id, codes)
    here = lying[goal.code]
    near = [each for every in lying.values() for each in every]
    size = live.site.bin_types[goal.bin_type]
    return BinRoom(
        length_mm=size.length_mm,
        width_mm=size.width_mm,
        height_mm=size.height_mm,
        volume_mm3=size.volume_mm3,
        load_g=size.load_g,
        storage_classes=live.site.zones[goal.zone].storage_classes,
        zone=goal.zone,
        level=goal.level,
        volume_used_mm3=sum(each.quantity * volume_mm3(each.product) for each in here),
        load_used_g=sum(each.quantity * each.product.weight_g for each in here),
        rail_used_mm=sum(each.quantity * rail_mm(each.product) for each in here),
        contents=frozenset((each.product.id or 0, each.lot_id) for each in here),
        hazards_near=frozenset(each.needs.hazard for each in near if each.needs and each.needs.hazard),
        looks_near={each.product.id or 0: look_of(each.product, each.needs) for each in near},
    )


def volume_mm3(product: ProductRow) -> int:
    """The volume of one unit."""
    return product.length_mm * product.width_mm * product.height_mm


def rail_mm(product: ProductRow) -> int:
    """What one unit takes of a rail: its shortest side, if it hangs."""
    hangs = product.storage_class == StorageClass.HANGING
    return min(product.length_mm, product.width_mm, product.height_mm) if hangs else 0


def _lying(session: Session, site_id: int, codes: Sequence[str]) -> dict[str, list[_Lying]]:
    """What lies in bins, by their codes."""
    code_of = {key: code for code, key in place_ids(session, site_id, codes).items()}
    query = (
        select(LYING.c.within_id, LYING.c.lot_id, LYING.c.quantity, ProductRow, ProductNeedsRow)
        .join(ProductRow, col(ProductRow.id) == LYING.c.product_id)
        .outerjoin(ProductNeedsRow, col(ProductNeedsRow.product_id) == col(ProductRow.id))
        .where(LYING.c.within_id.in_(list(code_of)))
    )
    found: dict[str, list[_Lying]] = {code: [] for code in codes}
    for within_id, lot_id, quantity, product, needs in session.execute(query):
        found[code_of[within_id]].append(_Lying(product, needs, lot_id, quantity))
    return found
