"""Where zones left their climate, and what lots went through there, which stays on their record.

Nothing here changes anything.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from inventory.rules.climate import measured
from inventory.tables.climate import ExcursionLotRow, ExcursionRow
from inventory.tables.products import LotRow, ProductRow
from inventory.work.sites import chunks, live_site
from warehouse.tables import PlaceRow, SiteRow


@dataclass(frozen=True)
class ExcursionLot:
    """Units that an excursion was bad for."""

    product: str
    lot: str
    owner: str
    place: str
    quantity: int
    at_ms: int


@dataclass(frozen=True)
class ExcursionView:
    """An excursion with the goods that it was bad for; it lasts while `ended_ms` is None.

    The extremes are those measured while it lasted, `measured` tells them in words; those of humidity are None where
    none was measured.
    """

    excursion_id: int
    zone: str
    what: str
    began_ms: int
    ended_ms: int | None
    coldest_dc: int
    warmest_dc: int
    driest_percent: int | None
    dampest_percent: int | None
    measured: str
    acknowledged_by: str | None
    acknowledged_ms: int | None
    lots: tuple[ExcursionLot, ...]


@dataclass(frozen=True)
class LotExcursion:
    """What units of a lot went through in a zone that had left its climate; the extremes are as in `ExcursionView`.

    `at_ms` is the first reading that was bad for them.
    """

    excursion_id: int
    site: str
    zone: str
    what: str
    began_ms: int
    ended_ms: int | None
    coldest_dc: int
    warmest_dc: int
    driest_percent: int | None
    dampest_percent: int | None
    measured: str
    owner: str
    quantity: int
    at_ms: int


def excursions(
    session: Session,
    site: str,
    *,
    acknowledged: bool | None = None,
    product: str | None = None,
    lot: str | None = None,
    owner: str | None = None,
) -> tuple[ExcursionView, ...]:
    """The excursions of a site, the latest first; only those bad for a product, a lot or an owner, if one is named.

    For an owner nobody else's goods are told.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    site_id = live_site(session, site).id
    query = select(ExcursionRow).where(col(ExcursionRow.site_id) == site_id).order_by(col(ExcursionRow.id).desc())
    if acknowledged is not None:
        seen = col(ExcursionRow.acknowledged_ms)
        query = query.where(seen.is_not(None) if acknowledged else seen.is_(None))
    named = {col(ProductRow.code): product, col(LotRow.code): lot, col(LotRow.owner): owner}
    asked = [column == code for column, code in named.items() if code is not None]
    if asked:
        bad_for = (
            select(col(ExcursionLotRow.excursion_id))
            .join(LotRow, col(LotRow.id) == col(ExcursionLotRow.lot_id))
            .join(ProductRow, col(ProductRow.id) == col(LotRow.product_id))
            .where(*asked)
        )
        query = query.where(col(ExcursionRow.id).in_(bad_for))
    return tuple(excursion_view(session, row, owner=owner) for row in session.execute(query).scalars())


def excursion_view(session: Session, row: ExcursionRow, *, owner: str | None = None) -> ExcursionView:
    """An excursion with the goods that it was bad for, all or those of one owner."""
    assert row.id is not None
    query = (
        select(ExcursionLotRow, col(ProductRow.code), col(LotRow.code), col(LotRow.owner), col(PlaceRow.code))
        .join(LotRow, col(LotRow.id) == col(ExcursionLotRow.lot_id))
        .join(ProductRow, col(ProductRow.id) == col(LotRow.product_id))
        .join(PlaceRow, col(PlaceRow.id) == col(ExcursionLotRow.place_id))
        .where(col(ExcursionLotRow.excursion_id) == row.id)
        .order_by(col(ExcursionLotRow.id))
    )
    if owner is not None:
        query = query.where(col(LotRow.owner) == owner)
    lots = tuple(
        ExcursionLot(product, lot, whose, place, each.quantity, each.at_ms)
        for each, product, lot, whose, place in session.execute(query)
    )
    return ExcursionView(
        excursion_id=row.id,
        zone=row.zone,
        what=row.what,
        began_ms=row.began_ms,
        ended_ms=row.ended_ms,
        coldest_dc=row.coldest_dc,
        warmest_dc=row.warmest_dc,
        driest_percent=row.driest_percent,
        dampest_percent=row.dampest_percent,
        measured=_measured(row),
        acknowledged_by=row.acknowledged_by,
        acknowledged_ms=row.acknowledged_ms,
        lots=lots,
    )


def _measured(row: ExcursionRow) -> str:
    return measured(row.coldest_dc, row.warmest_dc, row.driest_percent, row.dampest_percent)


def lot_excursions(session: Session, lot_ids: Iterable[int]) -> dict[int, tuple[LotExcursion, ...]]:
    """What lots went through, the earliest first, by lot id; those that went through nothing are left out."""
    found: dict[int, list[LotExcursion]] = {}
    for some in chunks(sorted(set(lot_ids))):
        query = (
            select(
                col(ExcursionLotRow.lot_id),
                ExcursionRow,
                col(SiteRow.code),
                col(LotRow.owner),
                func.sum(col(ExcursionLotRow.quantity)),
                func.min(col(ExcursionLotRow.at_ms)),
            )
            .join_from(ExcursionLotRow, ExcursionRow, col(ExcursionRow.id) == col(ExcursionLotRow.excursion_id))
            .join(SiteRow, col(SiteRow.id) == col(ExcursionRow.site_id))
            .join(LotRow, col(LotRow.id) == col(ExcursionLotRow.lot_id))
            .where(col(ExcursionLotRow.lot_id).in_(some))
            .group_by(col(ExcursionLotRow.lot_id), col(ExcursionRow.id), col(SiteRow.code), col(LotRow.owner))
            .order_by(col(ExcursionRow.id))
        )
        for lot_id, row, site, owner, quantity, at_ms in session.execute(query):
            assert row.id is not None
            found.setdefault(lot_id, []).append(
                LotExcursion(
                    excursion_id=row.id,
                    site=site,
                    zone=row.zone,
                    what=row.what,
                    began_ms=row.began_ms,
                    ended_ms=row.ended_ms,
                    coldest_dc=row.coldest_dc,
                    warmest_dc=row.warmest_dc,
                    driest_percent=row.driest_percent,
                    dampest_percent=row.dampest_percent,
                    measured=_measured(row),
                    owner=owner,
                    quantity=int(quantity),
                    at_ms=at_ms,
                )
            )
    return {lot_id: tuple(each) for lot_id, each in found.items()}
