"""The outbox of messages: put in with what they are about, taken out by whoever sends them, at least once each.

A message is written in the transaction of what happened, so one is sent if and only if it did happen. A sender takes
some out for a while; should he die, another sends them. So a message may come twice, with the same id, and messages may
overtake each other.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlmodel import Session, col

from inventory.rules.webhooks import EventKind, retry_ms
from inventory.tables.webhooks import DeliveryState, WebhookDeliveryRow, WebhookEventRow, WebhookRow
from inventory.work.sites import LiveSite
from warehouse.clock import Clock

EVENT = WebhookEventRow.metadata.tables["webhook_event"]
DELIVERY = WebhookDeliveryRow.metadata.tables["webhook_delivery"]

NUM_AT_ONCE = 8
"""Messages that a sender takes out at a time, so that it has sent all of them long before its claim is over."""

CLAIM_MS = 5 * 60_000
ERROR_MAX = 300


@dataclass(frozen=True)
class TakeMessages:
    """Take out messages that are to be sent now."""

    limit: int = NUM_AT_ONCE


@dataclass(frozen=True)
class Message:
    """A message to send, and the secret to sign it with."""

    delivery_id: int
    event: str
    url: str
    secret: str
    body: str


@dataclass(frozen=True)
class MessagesTaken:
    """The messages."""

    messages: tuple[Message, ...]


@dataclass(frozen=True)
class NoteAnswer:
    """What came of a message: the status that was answered, or the error if there was no answer."""

    delivery_id: int
    status: int | None
    error: str = ""


@dataclass(frozen=True)
class AnswerNoted:
    """How the message stands now."""

    state: DeliveryState


def tell(
    session: Session, kind: EventKind, live: LiveSite, happened: Sequence[Mapping[str, object]], clock: Clock
) -> None:
    """Put messages of a kind into the outbox, one for each thing that happened at a site, for all who want to know.

    To be called in the transaction of what happened.
    """
    if not happened:
        return
    query = select(col(WebhookRow.id), col(WebhookRow.kinds)).where(
        col(WebhookRow.closed_ms).is_(None),
        (col(WebhookRow.site_id) == live.id) | col(WebhookRow.site_id).is_(None),
    )
    wanting = [webhook_id for webhook_id, kinds in session.execute(query) if kind in kinds.split(",")]
    if not wanting:
        return
    now_ms = clock.now_ms()
    events = []
    for facts in happened:
        event_id = f"evt_{uuid.uuid4().hex}"
        message = {"id": event_id, "type": kind, "site": live.site.code, "at_ms": now_ms, "data": dict(facts)}
        body = json.dumps(message, default=str)
        events.append({"id": event_id, "kind": kind.value, "site_id": live.id, "at_ms": now_ms, "body": body})
    session.execute(insert(EVENT), events)
    session.execute(
        insert(DELIVERY),
        [
            {
                "webhook_id": webhook_id,
                "event_id": event["id"],
                "state": DeliveryState.WAITING.value,
                "tries": 0,
                "next_ms": now_ms,
                "error": "",
            }
            for event in events
            for webhook_id in wanting
        ],
    )


def take_messages(session: Session, command: TakeMessages, clock: Clock) -> MessagesTaken:
    """Take out the messages that have waited longest; they come back unless their answers are noted in time."""
    now_ms = clock.now_ms()
    query = (
        select(WebhookDeliveryRow, col(WebhookRow.url), col(WebhookRow.secret), col(WebhookEventRow.body))
        .join(WebhookRow, col(WebhookRow.id) == col(WebhookDeliveryRow.webhook_id))
        .join(WebhookEventRow, col(WebhookEventRow.id) == col(WebhookDeliveryRow.event_id))
        .where(col(WebhookDeliveryRow.state) == DeliveryState.WAITING, col(WebhookDeliveryRow.next_ms) <= now_ms)
        .order_by(col(WebhookDeliveryRow.next_ms), col(WebhookDeliveryRow.id))
        .limit(command.limit)
        .with_for_update(skip_locked=True, of=WebhookDeliveryRow)
    )
    messages = []
    for row, url, secret, body in session.execute(query).all():
        row.tries, row.next_ms = row.tries + 1, now_ms + CLAIM_MS
        session.add(row)
        messages.append(Message(row.id, row.event_id, url, secret, body))
    return MessagesTaken(tuple(messages))


def note_answer(session: Session, command: NoteAnswer, clock: Clock) -> AnswerNoted:
    """Note what was answered to a message; without a good answer it rests, or is given up."""
    row = session.get(WebhookDeliveryRow, command.delivery_id, with_for_update=True)
    assert row is not None
    row.status, row.error = command.status, command.error[:ERROR_MAX]
    now_ms = clock.now_ms()
    wait_ms = retry_ms(max(row.tries, 1))
    if command.status is not None and 200 <= command.status < 300:
        row.state, row.done_ms = DeliveryState.SENT, now_ms
    elif row.state == DeliveryState.WAITING and wait_ms is not None:
        row.next_ms = now_ms + wait_ms
    elif row.state == DeliveryState.WAITING:
        row.state, row.done_ms = DeliveryState.GIVEN_UP, now_ms
    session.add(row)
    return AnswerNoted(DeliveryState(row.state))
