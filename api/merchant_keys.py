"""Keys for merchants' programs: made, listed, revoked, and recognised.

A key is 256 random bits behind a prefix that tells it from a session's token. It is shown once; what is kept is its
SHA-256, as of a session's token. It opens the calls that `api/access.py` has for merchants, and each of those tells
its owner's goods alone.
"""

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from api.tables import MerchantKeyRow
from inventory.tables.products import HOUSE
from inventory.work.owning import require_owner
from warehouse.clock import Clock
from warehouse.errors import NotFound, WrongState

PREFIX = "onward-merchant-"


@dataclass(frozen=True, slots=True)
class MerchantKey:
    """A key as others may see it: whose it is, what it is called, and whether it still opens anything."""

    key_id: int
    owner: str
    name: str
    created_by: str
    created_ms: int
    revoked_by: str | None
    revoked_ms: int | None


@dataclass(frozen=True, slots=True)
class AddKey:
    """Keep a new key of a merchant, by its hash."""

    owner: str
    name: str
    key_sha256: str
    user: str


@dataclass(frozen=True, slots=True)
class RevokeKey:
    """Let a key open nothing any more."""

    key_id: int
    user: str


def new_key() -> str:
    """A key that nobody guesses."""
    return PREFIX + secrets.token_urlsafe(32)


def sha256(token: str) -> str:
    """The hash that a key or a session's token is stored under."""
    return hashlib.sha256(token.encode()).hexdigest()


def add_key(session: Session, command: AddKey, clock: Clock) -> MerchantKey:
    """Keep a new key.

    Raises
    ------
    NotFound
        If there is no such owner.
    WrongState
        If it is the house, or a key of that name is open already.
    """
    require_owner(session, command.owner)
    if command.owner == HOUSE:
        raise WrongState("owner", HOUSE, "no merchant")
    named = select(col(MerchantKeyRow.id)).where(
        col(MerchantKeyRow.owner) == command.owner,
        col(MerchantKeyRow.name) == command.name,
        col(MerchantKeyRow.revoked_ms).is_(None),
    )
    if session.execute(named).first() is not None:
        raise WrongState("key", command.name, "there already; revoke it first")
    row = MerchantKeyRow(
        owner=command.owner,
        name=command.name,
        key_sha256=command.key_sha256,
        created_by=command.user,
        created_ms=clock.now_ms(),
    )
    session.add(row)
    session.flush()
    return _seen(row)


def list_keys(session: Session, owner: str) -> list[MerchantKey]:
    """The keys of a merchant, revoked ones too; raises NotFound if there is no such owner."""
    require_owner(session, owner)
    query = select(MerchantKeyRow).where(col(MerchantKeyRow.owner) == owner).order_by(col(MerchantKeyRow.id))
    return [_seen(row) for row in session.execute(query).scalars()]


def revoke_key(session: Session, command: RevokeKey, clock: Clock) -> MerchantKey:
    """Let a key open nothing any more, from now on; raises NotFound if there is no such key."""
    row = session.get(MerchantKeyRow, command.key_id)
    if row is None:
        raise NotFound("key", command.key_id)
    if row.revoked_ms is None:
        row.revoked_by, row.revoked_ms = command.user, clock.now_ms()
        session.add(row)
    return _seen(row)


def key_of(session: Session, token: str) -> MerchantKey | None:
    """The key that a token is, unless there is none or it is revoked."""
    query = select(MerchantKeyRow).where(
        col(MerchantKeyRow.key_sha256) == sha256(token), col(MerchantKeyRow.revoked_ms).is_(None)
    )
    row: MerchantKeyRow | None = session.execute(query).scalar_one_or_none()
    return None if row is None else _seen(row)


def _seen(row: MerchantKeyRow) -> MerchantKey:
    assert row.id is not None
    return MerchantKey(row.id, row.owner, row.name, row.created_by, row.created_ms, row.revoked_by, row.revoked_ms)
