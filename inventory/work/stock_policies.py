"""The stock policy of a site: read, and set in versions that stay."""

from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlmodel import Session, col

from inventory.rules.stock_policy import Change, StockPolicy
from inventory.tables.withholding import StockPolicyRow
from inventory.work.sites import live_site
from warehouse.clock import Clock
from warehouse.errors import NotFound, WrongState

_POLICIES = TypeAdapter(StockPolicy)


@dataclass(frozen=True)
class SetStockPolicy:
    """Let a policy hold at a site from now on, in the place of version `replaces` (0 where none was set)."""

    site: str
    policy: StockPolicy
    replaces: int
    user: str
    client_id: str = ""


@dataclass(frozen=True)
class StockPolicyView:
    """The policy that holds at a site; version 0 is the one of a site that has set none."""

    version: int
    set_by: str
    set_ms: int | None
    policy: StockPolicy


def stock_policy(session: Session, site_id: int) -> StockPolicy:
    """The policy that holds at a site."""
    row = _latest(session, site_id)
    return StockPolicy() if row is None else _POLICIES.validate_json(row.policy)


def stock_policy_view(session: Session, site: str) -> StockPolicyView:
    """The policy that holds at a site, who set it and when.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    row = _latest(session, live_site(session, site).id)
    if row is None:
        return StockPolicyView(0, "", None, StockPolicy())
    return StockPolicyView(row.version, row.set_by, row.set_ms, _POLICIES.validate_json(row.policy))


def set_stock_policy(session: Session, command: SetStockPolicy, clock: Clock) -> StockPolicyView:
    """Set the policy of a site.

    Raises
    ------
    NotFound
        If there is no such site, or no such zone at it.
    WrongState
        If somebody else has set another one meanwhile.
    """
    live = live_site(session, command.site)
    site_id = live.id
    before = stock_policy_view(session, command.site).version
    if before != command.replaces:
        raise WrongState("stock policy", command.site, f"at version {before} already")
    for zone in command.policy.stowing.climates:
        if zone not in live.site.zones:
            raise NotFound("zone", zone)
    text = _POLICIES.dump_json(command.policy).decode()
    row = StockPolicyRow(site_id=site_id, version=before + 1, policy=text, set_by=command.user, set_ms=clock.now_ms())
    session.add(row)
    session.flush()
    return StockPolicyView(row.version, row.set_by, row.set_ms, command.policy)


def require_cause(session: Session, site_id: int, code: str, change: Change) -> None:
    """Raise unless the site's list has the cause, for this change.

    Raises
    ------
    NotFound
        If it is not in the list.
    WrongState
        If it is not meant for this change.
    """
    for cause in stock_policy(session, site_id).causes:
        if cause.code == code:
            if change not in cause.changes:
                raise WrongState("cause", code, f"not for {change}")
            return
    raise NotFound("cause", code)


def _latest(session: Session, site_id: int) -> StockPolicyRow | None:
    row: StockPolicyRow | None = (
        session.execute(
            select(StockPolicyRow)
            .where(col(StockPolicyRow.site_id) == site_id)
            .order_by(col(StockPolicyRow.version).desc())
            .limit(1)
        )
        .scalars()
        .first()
    )
    return row
