"""What lies in the bins of a site, read once and laid out as the rules take it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sqlalchemy import Row, select
from sqlmodel import Session, col

from inventory.rules.stock import NEVER_DAY, Goods, Lots, Stock
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import BalanceRow
from inventory.tables.withholding import WithheldPlaceRow
from inventory.work.sites import LiveSite, chunks
from inventory.work.stock_policies import stock_policy
from warehouse.bins import StorageClass
from warehouse.clock import Clock
from warehouse.tables import PlaceKind, PlaceRow


@dataclass(frozen=True)
class Snapshot:
    """Goods and stock as arrays, and the ids of the rows behind their indices."""

    goods: Goods
    stock: Stock
    product_ids: tuple[int, ...]
    lot_ids: tuple[int, ...]

    @cached_property
    def product_row(self) -> dict[int, int]:
        """The index of each product id."""
        return {key: row for row, key in enumerate(self.product_ids)}

    @cached_property
    def lot_row(self) -> dict[int, int]:
        """The index of each lot id."""
        return {key: row for row, key in enumerate(self.lot_ids)}


def take_snapshot(
    session: Session,
    live: LiveSite,
    clock: Clock,
    *,
    product_ids: Iterable[int] | None = None,
    lot_ids: Iterable[int] = (),
    free_only: bool = True,
    own: dict[tuple[str, int], int] | None = None,
) -> Snapshot:
    """Read the stock in a site's open bins, as far as they are in reach.

    Parameters
    ----------
    product_ids
        Only of these products; of all by default.
    lot_ids
        Lots to include even if none of them lies in a bin.
    free_only
        Leave out what is promised, and what is not for sale.
    own
        Promised units that count as free all the same, by (bin code, lot id): those of the run that is
        being planned again.
    """
    wanted = None if product_ids is None else sorted(set(product_ids))
    own = own or {}
    index = live.area.shelves.index
    lying: dict[tuple[str, int], int] = {}
    for code, lot_id, quantity, reserved in _balances(session, live.id, wanted, for_sale=free_only):
        there = quantity - reserved + own.get((code, lot_id), 0) if free_only else quantity
        if there > 0 and live.is_in_reach(code):
            lying[code, lot_id] = lying.get((code, lot_id), 0) + there
    records = [(index[code], lot_id, there) for (code, lot_id), there in lying.items()]
    lots = _lots(session, {lot_id for _, lot_id, _ in records} | set(lot_ids))
    products = _products(session, {lot.product_id for lot in lots} | set(wanted or ()))
    return _laid_out(records, lots, products, stock_policy(session, live.id, clock).fifo_window_days)


def _balances(
    session: Session, site_id: int, product_ids: Sequence[int] | None, *, for_sale: bool
) -> Iterable[Row[str, int, int, int]]:
    balances = select(col(PlaceRow.code), col(BalanceRow.lot_id), col(BalanceRow.quantity), col(BalanceRow.reserved))
    queries = [balances.join(PlaceRow, col(PlaceRow.id) == col(BalanceRow.place_id))]
    if not for_sale:
        withheld = balances.join(WithheldPlaceRow, col(WithheldPlaceRow.place_id) == col(BalanceRow.place_id))
        queries.append(withheld.join(PlaceRow, col(PlaceRow.id) == col(WithheldPlaceRow.within_id)))
    for query in queries:
        in_bins = query.where(
            col(PlaceRow.site_id) == site_id, col(PlaceRow.kind) == PlaceKind.BIN, col(PlaceRow.open)
        ).order_by(col(BalanceRow.place_id), col(BalanceRow.lot_id))
        if product_ids is None:
            yield from session.execute(in_bins)
        else:
            for some in chunks(product_ids):
                yield from session.execute(in_bins.where(col(BalanceRow.product_id).in_(some)))


def _lots(session: Session, lot_ids: set[int]) -> list[LotRow]:
    found: list[LotRow] = []
    for some in chunks(sorted(lot_ids)):
        found.extend(session.execute(select(LotRow).where(col(LotRow.id).in_(some)).order_by(col(LotRow.id))).scalars())
    return found


def _products(session: Session, product_ids: set[int]) -> list[ProductRow]:
    found: list[ProductRow] = []
    for some in chunks(sorted(product_ids)):
        query = select(ProductRow).where(col(ProductRow.id).in_(some)).order_by(col(ProductRow.id))
        found.extend(session.execute(query).scalars())
    return found


def _laid_out(
    records: list[tuple[int, int, int]], lots: list[LotRow], products: list[ProductRow], fifo_window_days: int
) -> Snapshot:
    """Rows as arrays."""
    product_ids = tuple(row.id for row in products if row.id is not None)
    lot_ids = tuple(row.id for row in lots if row.id is not None)
    product_row = {key: row for row, key in enumerate(product_ids)}
    lot_row = {key: row for row, key in enumerate(lot_ids)}
    goods = Goods(
        codes=tuple(row.code for row in products),
        length_mm=_array(row.length_mm for row in products),
        width_mm=_array(row.width_mm for row in products),
        height_mm=_array(row.height_mm for row in products),
        weight_g=_array(row.weight_g for row in products),
        storage_classes=tuple(StorageClass(row.storage_class) for row in products),
        fragile=frozenset(number for number, row in enumerate(products) if row.fragile),
    )
    stock = Stock(
        lots=Lots(
            codes=tuple(row.code for row in lots),
            product=_array(product_row[row.product_id] for row in lots),
            expires_day=_array(NEVER_DAY if row.expires_on is None else row.expires_on.toordinal() for row in lots),
            received_day=_array(row.received_on.toordinal() for row in lots),
            fifo_window_days=fifo_window_days,
            owners=tuple(row.owner for row in lots),
        ),
        bin=_array(bin_row for bin_row, _, _ in records),
        lot=_array(lot_row[lot_id] for _, lot_id, _ in records),
        quantity=_array(quantity for _, _, quantity in records),
    )
    return Snapshot(goods, stock, product_ids, lot_ids)


def _array(values: Iterable[int]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.fromiter(values, dtype=np.int64)
