"""Keeping the users: save, list, close."""

import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from api.tables import PEOPLE, Role, UserRow
from warehouse.clock import Clock
from warehouse.errors import NotFound, WrongState

PIN_PATTERN = r"[0-9]{4,8}"
BADGE_PATTERN = r"(?:[0-9]{9,64}|[0-9A-Za-z._+-]*[A-Za-z._+-][0-9A-Za-z._+-]*)"
"""What a badge may say: anything a scanner types that cannot be taken for a PIN."""

PASSWORD_LENGTH_MIN = 10

BADGE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0 and O, no 1, I and L: a badge is sometimes typed."""


def new_badge() -> str:
    """A badge code that nobody has and nobody guesses."""
    return "U-" + "".join(secrets.choice(BADGE_LETTERS) for _ in range(10))


@dataclass(frozen=True, slots=True)
class User:
    """A user as others may see it."""

    name: str
    display_name: str
    role: Role
    badge: str | None
    has_password: bool
    open: bool


@dataclass(frozen=True, slots=True)
class SaveUser:
    """Make a user, or change one. Hashes and badge that are None stay as they are."""

    name: str
    display_name: str
    role: Role
    badge: str | None = None
    pin_hash: str | None = None
    password_hash: str | None = None
    open: bool = True


def save_user(session: Session, command: SaveUser, clock: Clock) -> User:
    """Write a user.

    Raises
    ------
    WrongState
        If the badge is another user's, there is no way left to sign in, a badge lacks its PIN, or the role is a
        merchant's: merchants have keys.
    """
    if command.role not in PEOPLE:
        raise WrongState("role", command.role, "no person's; make a key")
    row = session.execute(select(UserRow).where(col(UserRow.name) == command.name)).scalar_one_or_none()
    if command.badge is not None:
        owner = session.execute(
            select(col(UserRow.name)).where(col(UserRow.badge) == command.badge)
        ).scalar_one_or_none()
        if owner not in (None, command.name):
            raise WrongState("badge", command.badge, "another user's")
    row = row or UserRow(
        name=command.name, display_name=command.display_name, role=command.role, created_ms=clock.now_ms()
    )
    row.display_name, row.role, row.open = command.display_name, command.role, command.open
    row.badge = command.badge or row.badge
    row.pin_hash = command.pin_hash or row.pin_hash
    row.password_hash = command.password_hash or row.password_hash
    if (row.badge is None) != (row.pin_hash is None):
        raise WrongState("user", command.name, "without a badge" if row.badge is None else "without a PIN")
    if row.pin_hash is None and row.password_hash is None:
        raise WrongState("user", command.name, "without a PIN and without a password")
    session.add(row)
    session.flush()
    return _seen(row)


def list_users(session: Session) -> list[User]:
    """All users, by name."""
    return [_seen(row) for row in session.execute(select(UserRow).order_by(col(UserRow.name))).scalars()]


def find_user(session: Session, name: str) -> User:
    """One user; raises NotFound if there is none of that name."""
    row = session.execute(select(UserRow).where(col(UserRow.name) == name)).scalar_one_or_none()
    if row is None:
        raise NotFound("user", name)
    return _seen(row)


def user_id(session: Session, name: str) -> int:
    """The key of a user; raises NotFound if there is none of that name."""
    found: int | None = session.execute(select(col(UserRow.id)).where(col(UserRow.name) == name)).scalar_one_or_none()
    if found is None:
        raise NotFound("user", name)
    return found


def _seen(row: UserRow) -> User:
    return User(row.name, row.display_name, Role(row.role), row.badge, row.password_hash is not None, row.open)
