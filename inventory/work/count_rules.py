"""The counting rules of a site as data, each version with its author."""

import json
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from inventory.rules.counting import CountPolicy
from inventory.tables.counts import CountPolicyRow
from inventory.work.sites import live_site
from warehouse.clock import Clock


@dataclass(frozen=True)
class SetCountPolicy:
    """From now on a site counts by these rules."""

    site: str
    policy: CountPolicy
    author: str
    client_id: str = ""


@dataclass(frozen=True)
class PolicyInForce:
    """The rules that hold; without an author they are those that every site begins with."""

    policy: CountPolicy
    author: str | None
    effective_ms: int | None


def set_count_policy(session: Session, command: SetCountPolicy, clock: Clock) -> PolicyInForce:
    """Put new counting rules in force at a site; the old ones stay on record.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    row = CountPolicyRow(
        site_id=live_site(session, command.site).id,
        policy=json.dumps(asdict(command.policy)),
        author=command.author,
        effective_ms=clock.now_ms(),
    )
    session.add(row)
    session.flush()
    return PolicyInForce(command.policy, row.author, row.effective_ms)


def policy_in_force(session: Session, site_id: int) -> PolicyInForce:
    """The counting rules of a site."""
    latest = (
        select(CountPolicyRow)
        .where(col(CountPolicyRow.site_id) == site_id)
        .order_by(col(CountPolicyRow.effective_ms).desc(), col(CountPolicyRow.id).desc())
        .limit(1)
    )
    row: CountPolicyRow | None = session.execute(latest).scalar_one_or_none()
    if row is None:
        return PolicyInForce(CountPolicy(), None, None)
    return PolicyInForce(CountPolicy(**json.loads(row.policy)), row.author, row.effective_ms)
