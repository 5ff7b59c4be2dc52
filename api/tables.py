"""The rows that the serving floor keeps: users, their sessions, failed sign-ins, and merchants' keys.

Passwords, PINs, session tokens and keys are stored as hashes only. Users are known by `name` to the floors
below; a user is closed, never deleted, because movements carry the name for ever.
"""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, String, Text
from sqlmodel import Field, SQLModel

from inventory.tables.products import HOUSE
from warehouse.tables import big_key, big_reference, one_of


class Role(StrEnum):
    """What a user or a merchant's key may do; `api/access.py` says which call needs which."""

    PICKER = "picker"
    MANAGER = "manager"
    PLANNER = "planner"
    ADMIN = "admin"
    MERCHANT = "merchant"


PEOPLE = (Role.PICKER, Role.MANAGER, Role.PLANNER, Role.ADMIN)
"""Those who work here, and sign in. A merchant has a key, and sees nothing but his own goods."""


class UserRow(SQLModel, table=True):
    """A person or a program that signs in: by badge and PIN at a handheld, by name and password elsewhere."""

    __tablename__ = "user"
    __table_args__ = (
        CheckConstraint(one_of("role", PEOPLE), name="role_known"),
        CheckConstraint("(badge IS NULL) = (pin_hash IS NULL)", name="badge_with_pin"),
        CheckConstraint("pin_hash IS NOT NULL OR password_hash IS NOT NULL", name="can_sign_in"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    name: str = Field(unique=True, max_length=64)
    display_name: str
    role: Role = Field(sa_column=Column(Text, nullable=False))
    badge: str | None = Field(default=None, unique=True, max_length=64)
    pin_hash: str | None = None
    password_hash: str | None = None
    open: bool = Field(default=True)
    created_ms: int = Field(sa_type=BigInteger)


class SessionRow(SQLModel, table=True):
    """A signed-in device. The token itself is known to the device alone."""

    __tablename__ = "session"
    __table_args__ = (
        CheckConstraint("expires_ms > created_ms", name="expires_later"),
        Index(None, "user_id"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    token_sha256: str = Field(unique=True, max_length=64)
    user_id: int = Field(sa_column=big_reference("user.id"))
    device: str = Field(default="", max_length=64)
    created_ms: int = Field(sa_type=BigInteger)
    expires_ms: int = Field(sa_type=BigInteger)
    revoked_ms: int | None = Field(default=None, sa_type=BigInteger)


class SignInTallyRow(SQLModel, table=True):
    """How often one badge, name or network address tried to sign in since `since_ms` without success."""

    __tablename__ = "sign_in_tally"
    __table_args__ = (CheckConstraint("tries > 0", name="tries_positive"),)

    key: str = Field(primary_key=True, max_length=128)
    since_ms: int = Field(sa_type=BigInteger)
    tries: int


class MerchantKeyRow(SQLModel, table=True):
    """A key for a merchant's programs. The key itself was shown once, to whoever made it."""

    __tablename__ = "merchant_key"
    __table_args__ = (
        CheckConstraint(f"owner <> '{HOUSE}'", name="of_a_merchant"),
        CheckConstraint("(revoked_by IS NULL) = (revoked_ms IS NULL)", name="revoked_by_somebody"),
        Index(None, "owner"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    owner: str = Field(sa_column=Column(String(64), ForeignKey("owner.code"), nullable=False))
    name: str = Field(max_length=64)
    key_sha256: str = Field(unique=True, max_length=64)
    created_by: str = Field(max_length=64)
    created_ms: int = Field(sa_type=BigInteger)
    revoked_by: str | None = Field(default=None, max_length=64)
    revoked_ms: int | None = Field(default=None, sa_type=BigInteger)
