"""The stock policy of a site: read, and set in versions that stay."""

from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import Select, select
from sqlmodel import Session, col

from inventory.rules.stock_policy import Change, StockPolicy
from inventory.tables.withholding import StockPolicyRow
from inventory.work.sites import live_site
from warehouse.clock import Clock
from warehouse.errors import NotFound, WrongState

_POLICIES = TypeAdapter(StockPolicy)


@dataclass(frozen=True)
class SetStockPolicy:
    """Let a policy hold at a site, in the place of version `replaces` (0 where none was set).

    It holds from now on, or from a later moment, `holds_from_ms`; until then what held before holds.
    """

    site: str
    policy: StockPolicy
    replaces: int
    user: str
    client_id: str = ""
    holds_from_ms: int | None = None


@dataclass(frozen=True)
class StockPolicyView:
    """A version of a site's policy: who set it when, and from when it holds.

    Version 0 is that of a site that has set none. `latest` is the last version that was set, which the next replaces.
    """

    version: int
    set_by: str
    set_ms: int | None
    holds_from_ms: int | None
    latest: int
    policy: StockPolicy


def stock_policy(session: Session, site_id: int, clock: Clock) -> StockPolicy:
    """The policy that holds at a site now: the last that was set of those whose time has come."""
    row = _holding(session, site_id, clock)
    return StockPolicy() if row is None else _POLICIES.validate_json(row.policy)


def stock_policy_view(session: Session, site: str, clock: Clock) -> StockPolicyView:
    """The policy that holds at a site now, who set it and when.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    site_id = live_site(session, site).id
    row, latest = _holding(session, site_id, clock), _latest(session, site_id)
    return StockPolicyView(0, "", None, None, latest, StockPolicy()) if row is None else _view(row, latest)


def stock_policy_versions(session: Session, site: str) -> tuple[StockPolicyView, ...]:
    """All versions of a site's policy, the last set first: those that held, the one that does, those to come.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    site_id = live_site(session, site).id
    rows = list(session.execute(_versions(site_id)).scalars())
    return tuple(_view(row, rows[0].version) for row in rows)


def set_stock_policy(session: Session, command: SetStockPolicy, clock: Clock) -> StockPolicyView:
    """Set the policy of a site, from now on or from a later moment.

    Raises
    ------
    NotFound
        If there is no such site, or no such zone at it.
    WrongState
        If somebody else has set another one meanwhile, it is to hold from a moment that is past, or it asks for life
        at receipt for one customer or channel.
    """
    live = live_site(session, command.site)
    latest = _latest(session, live.id)
    if latest != command.replaces:
        raise WrongState("stock policy", command.site, f"at version {latest} already")
    holds_from_ms = clock.now_ms() if command.holds_from_ms is None else command.holds_from_ms
    if holds_from_ms < clock.now_ms():
        raise WrongState("stock policy", command.site, "to hold from a moment that is past")
    for zone in (*command.policy.stowing.climates, *(area.zone for area in command.policy.stowing.forward)):
        if zone not in live.site.zones:
            raise NotFound("zone", zone)
    if any(each.receipt_days and not each.for_everybody for each in command.policy.minimum_life):
        unknown = "a customer or a channel nobody knows then"
        raise WrongState("stock policy", command.site, f"asking for life at receipt for {unknown}")
    row = StockPolicyRow(
        site_id=live.id,
        version=latest + 1,
        policy=_POLICIES.dump_json(command.policy).decode(),
        set_by=command.user,
        set_ms=clock.now_ms(),
        holds_from_ms=holds_from_ms,
    )
    session.add(row)
    session.flush()
    return _view(row, row.version)


def require_cause(session: Session, site_id: int, code: str, change: Change, clock: Clock) -> None:
    """Raise unless the site's list has the cause, for this change.

    Raises
    ------
    NotFound
        If it is not in the list.
    WrongState
        If it is not meant for this change.
    """
    for cause in stock_policy(session, site_id, clock).causes:
        if cause.code == code:
            if change not in cause.changes:
                raise WrongState("cause", code, f"not for {change}")
            return
    raise NotFound("cause", code)


def _versions(site_id: int) -> Select[StockPolicyRow]:
    """The query for all versions of a site's policy, the last set first."""
    newest_first = col(StockPolicyRow.version).desc()
    return select(StockPolicyRow).where(col(StockPolicyRow.site_id) == site_id).order_by(newest_first)


def _holding(session: Session, site_id: int, clock: Clock) -> StockPolicyRow | None:
    held = _versions(site_id).where(col(StockPolicyRow.holds_from_ms) <= clock.now_ms())
    row: StockPolicyRow | None = session.execute(held.limit(1)).scalars().first()
    return row


def _latest(session: Session, site_id: int) -> int:
    row = session.execute(_versions(site_id).limit(1)).scalars().first()
    return 0 if row is None else row.version


def _view(row: StockPolicyRow, latest: int) -> StockPolicyView:
    policy = _POLICIES.validate_json(row.policy)
    return StockPolicyView(row.version, row.set_by, row.set_ms, row.holds_from_ms, latest, policy)
