"""What pickers did not find: listed with the likely root cause, which somebody who knows better corrects.

The movement of a short pick stays as it is. A correction is written beside it, and the last one holds.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from inventory.ledger import MOVEMENT, PLACE
from inventory.rules.counting import RootCause
from inventory.tables.counts import ShortPickCauseRow
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import Reason
from inventory.work.sites import live_site, place_of_kind
from warehouse.clock import Clock
from warehouse.errors import NotFound
from warehouse.tables import PlaceKind

_NAMED = ShortPickCauseRow.metadata.tables["short_pick_cause"]
NAMED = (
    select(_NAMED)
    .where(_NAMED.c.id.in_(select(func.max(_NAMED.c.id)).group_by(_NAMED.c.movement_id)))
    .subquery("named")
)
"""The last correction of every short pick that has one."""

CAUSE = func.coalesce(NAMED.c.cause, MOVEMENT.c.cause)
"""The cause that holds."""


@dataclass(frozen=True)
class ShortPickView:
    """Units that a picker did not find. `cause` holds; `named_by` corrected it, None if it is the likely one."""

    short_pick: int
    bin_code: str
    product: str
    name: str
    lot: str
    quantity: int
    value_cents: int
    picker: str
    at_ms: int
    cause: RootCause
    note: str
    named_by: str | None
    named_ms: int | None


@dataclass(frozen=True)
class NameShortPickCause:
    """Why the units of a short pick were missing, by somebody who knows."""

    site: str
    short_pick: int
    cause: RootCause
    user: str
    note: str = ""
    client_id: str = ""


def short_picks(session: Session, site: str, *, since_ms: int = 0, limit: int = 200) -> tuple[ShortPickView, ...]:
    """What pickers did not find at a site, the latest first.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    query = _holding(session, live_site(session, site).id)
    query = query.where(MOVEMENT.c.at_ms >= since_ms).order_by(MOVEMENT.c.id.desc()).limit(limit)
    return tuple(_view(row) for row in session.execute(query))


def name_short_pick_cause(session: Session, command: NameShortPickCause, clock: Clock) -> ShortPickView:
    """Correct the root cause of a short pick.

    Raises
    ------
    NotFound
        If the site has no such short pick.
    """
    query = _holding(session, live_site(session, command.site).id).where(MOVEMENT.c.id == command.short_pick)
    if session.execute(query).first() is None:
        raise NotFound("short pick", command.short_pick)
    row = ShortPickCauseRow(
        movement_id=command.short_pick,
        cause=command.cause,
        note=command.note,
        named_by=command.user,
        named_ms=clock.now_ms(),
    )
    session.add(row)
    session.flush()
    return _view(session.execute(query).one())


def short_picks_by_cause(session: Session, site_id: int, since_ms: int) -> Any:
    """The query for how many short picks there were by the cause that holds, of how many units and what value."""
    units = MOVEMENT.c.quantity
    query = _holding(session, site_id).where(MOVEMENT.c.at_ms >= since_ms)
    figures = (func.count(), func.sum(units), func.sum(units * col(ProductRow.value_cents)))
    totals: Any = query.with_only_columns(CAUSE, *figures, maintain_column_froms=True).group_by(CAUSE)
    return totals


def root_cause(code: str) -> RootCause:
    """The root cause that a movement names; short picks once named none."""
    return RootCause(code) if code else RootCause.UNKNOWN


def _holding(session: Session, site_id: int) -> Select[Any]:
    """All short picks of a site that wrote something off, each with its last correction."""
    return (
        select(
            MOVEMENT.c.id,
            PLACE.c.code.label("bin_code"),
            col(ProductRow.code).label("product"),
            col(ProductRow.name),
            col(ProductRow.value_cents),
            col(LotRow.code).label("lot"),
            MOVEMENT.c.quantity,
            MOVEMENT.c.user,
            MOVEMENT.c.at_ms,
            CAUSE.label("cause"),
            func.coalesce(NAMED.c.note, "").label("note"),
            NAMED.c.named_by,
            NAMED.c.named_ms,
        )
        .join_from(MOVEMENT, PLACE, PLACE.c.id == MOVEMENT.c.from_place_id)
        .join(ProductRow, col(ProductRow.id) == MOVEMENT.c.product_id)
        .join(LotRow, col(LotRow.id) == MOVEMENT.c.lot_id)
        .outerjoin(NAMED, NAMED.c.movement_id == MOVEMENT.c.id)
        .where(
            MOVEMENT.c.to_place_id == place_of_kind(session, site_id, PlaceKind.LOST),
            MOVEMENT.c.reason == Reason.PICK_SHORT.value,
        )
    )


def _view(row: Any) -> ShortPickView:
    return ShortPickView(
        short_pick=row.id,
        bin_code=row.bin_code,
        product=row.product,
        name=row.name,
        lot=row.lot,
        quantity=row.quantity,
        value_cents=row.quantity * row.value_cents,
        picker=row.user,
        at_ms=row.at_ms,
        cause=root_cause(row.cause),
        note=row.note,
        named_by=row.named_by,
        named_ms=row.named_ms,
    )
