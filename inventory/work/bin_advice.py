"""The best bins for a product that somebody holds in his hands."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from inventory.tables.products import LotRow
from inventory.work.bin_contents import unit_of
from inventory.work.caging import closed_cage
from inventory.work.cataloguing import product_of_scan
from inventory.work.proposing import Sought, propose
from inventory.work.sites import live_site
from inventory.work.stock_policies import stock_policy
from inventory.work.stowing import reachable
from warehouse.clock import Clock
from warehouse.errors import NotFound


@dataclass(frozen=True)
class ProposedBin:
    """A bin that takes so many of the units."""

    bin_code: str
    quantity: int


@dataclass(frozen=True)
class BinAsked:
    """Up to `num_bins` bins for `quantity` units of a product; of the lot that came last if none is named.

    Bins of the cage only if `user` may open it.
    """

    site: str
    product: str
    quantity: int
    num_bins: int
    user: str
    lot: str | None = None


def bins_proposed(session: Session, asked: BinAsked, clock: Clock) -> tuple[ProposedBin, ...]:
    """The best bins for goods, best first.

    Raises
    ------
    NotFound, ScanUnreadable
        If the site, the product or the lot is not known.
    """
    live = live_site(session, asked.site)
    product = product_of_scan(session, asked.product)
    query = select(LotRow).where(col(LotRow.product_id) == product.id).order_by(col(LotRow.id).desc())
    if asked.lot is not None:
        query = query.where(col(LotRow.code) == asked.lot)
    lot: LotRow | None = session.execute(query.limit(1)).scalars().first()
    if lot is None:
        raise NotFound("lot", asked.lot or f"of {product.code}")
    rules = stock_policy(session, live.id, clock).stowing
    unit = unit_of(session, live, product, lot, clock)
    closed = ~reachable(session, live, "", live.area.shelves.codes, clock) | closed_cage(session, live, asked.user)
    sought = Sought(unit, asked.quantity, asked.num_bins, closed)
    return tuple(ProposedBin(each.bin_code, each.quantity) for each in propose(session, live, sought, rules))
