"""Who is told of what happens, what happened, and how far each message has come."""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, String, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from inventory.rules.webhooks import EventKind
from warehouse.tables import big_key, big_reference, one_of


class DeliveryState(StrEnum):
    """How far a message has come."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"


class WebhookRow(SQLModel, table=True):
    """An address that is told of events of some `kinds` (comma between), at one site or at all.

    The secret itself is kept, since every message is signed with it. What is closed is told nothing more.
    """

    __tablename__ = "webhook"
    __table_args__ = (CheckConstraint("(closed_by IS NULL) = (closed_ms IS NULL)", name="closed_by_somebody"),)

    id: int | None = Field(default=None, sa_column=big_key())
    url: str = Field(max_length=500)
    kinds: str = Field(max_length=200)
    site_id: int | None = Field(default=None, sa_column=big_reference("site.id", nullable=True))
    secret: str = Field(max_length=200)
    created_by: str = Field(max_length=64)
    created_ms: int = Field(sa_type=BigInteger)
    closed_by: str | None = Field(default=None, max_length=64)
    closed_ms: int | None = Field(default=None, sa_type=BigInteger)


class WebhookEventRow(SQLModel, table=True):
    """Something happened, and somebody is to be told; `body` is the message, a JSON document."""

    __tablename__ = "webhook_event"
    __table_args__ = (CheckConstraint(one_of("kind", EventKind), name="kind_known"),)

    id: str = Field(primary_key=True, max_length=64)
    kind: EventKind = Field(sa_column=Column(Text, nullable=False))
    site_id: int = Field(sa_column=big_reference("site.id"))
    at_ms: int = Field(sa_type=BigInteger)
    body: str = Field(sa_column=Column(Text, nullable=False))


class WebhookDeliveryRow(SQLModel, table=True):
    """An event on its way to an address. Until `next_ms` nobody sends it: it rests, or somebody is at it."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        CheckConstraint(one_of("state", DeliveryState), name="state_known"),
        Index(None, "state", "next_ms"),
    )

    id: int | None = Field(default=None, sa_column=big_key())
    webhook_id: int = Field(sa_column=big_reference("webhook.id"))
    event_id: str = Field(sa_column=Column(String(64), ForeignKey("webhook_event.id"), nullable=False))
    state: DeliveryState = Field(sa_column=Column(Text, nullable=False))
    tries: int = 0
    next_ms: int = Field(sa_type=BigInteger)
    done_ms: int | None = Field(default=None, sa_type=BigInteger)
    status: int | None = None
    error: str = Field(default="", max_length=300)
