"""Other people's programs are told what happens here: who wants to know what, and how far each message has come.

Nothing is sent here. `telling` puts messages into the outbox in the transaction of what they are about, and a worker
of the server sends them.
"""

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from inventory.rules.webhooks import EventKind, key_of, require_address
from inventory.tables.webhooks import DeliveryState, WebhookDeliveryRow, WebhookEventRow, WebhookRow
from inventory.work.sites import live_site
from warehouse.clock import Clock
from warehouse.errors import NotFound, WrongState
from warehouse.tables import SiteRow

DELIVERY = WebhookDeliveryRow.metadata.tables["webhook_delivery"]


@dataclass(frozen=True)
class AddWebhook:
    """Tell an address of events of some kinds, at one site or at all, signed with the secret."""

    url: str
    kinds: tuple[EventKind, ...]
    secret: str
    user: str
    site: str | None = None
    client_id: str = ""


@dataclass(frozen=True)
class CloseWebhook:
    """Tell an address nothing more; what still waits for it is given up."""

    webhook_id: int
    user: str
    client_id: str = ""


@dataclass(frozen=True)
class RetryDeliveries:
    """Send again what was given up, or rests, now."""

    webhook_id: int
    client_id: str = ""


@dataclass(frozen=True)
class Webhook:
    """An address as people may see it, without its secret, and how many messages to it are `waiting` or `given_up`."""

    webhook_id: int
    url: str
    kinds: tuple[EventKind, ...]
    site: str | None
    created_by: str
    created_ms: int
    closed_by: str | None
    closed_ms: int | None
    waiting: int
    sent: int
    given_up: int


@dataclass(frozen=True)
class Delivery:
    """A message and how far it has come: the status that was answered last, or the error where there was no answer."""

    event: str
    kind: EventKind
    at_ms: int
    state: DeliveryState
    tries: int
    next_ms: int | None
    done_ms: int | None
    status: int | None
    error: str
    body: str


def add_webhook(session: Session, command: AddWebhook, clock: Clock) -> Webhook:
    """Tell an address from now on.

    Raises
    ------
    NotFound
        If there is no such site.
    ValueError
        If the address or the secret cannot be used, or no kind is named.
    """
    require_address(command.url)
    key_of(command.secret)
    if not command.kinds:
        raise ValueError("an address wants to know something")
    row = WebhookRow(
        url=command.url,
        kinds=",".join(sorted(set(command.kinds))),
        site_id=None if command.site is None else live_site(session, command.site).id,
        secret=command.secret,
        created_by=command.user,
        created_ms=clock.now_ms(),
    )
    session.add(row)
    session.flush()
    return _view(session, row)


def close_webhook(session: Session, command: CloseWebhook, clock: Clock) -> Webhook:
    """Tell an address nothing more.

    Raises
    ------
    NotFound
        If there is no such address.
    WrongState
        If it is closed already.
    """
    row = _row(session, command.webhook_id)
    if row.closed_by is not None:
        raise WrongState("webhook", command.webhook_id, f"closed by {row.closed_by}")
    row.closed_by, row.closed_ms = command.user, clock.now_ms()
    session.add(row)
    waiting = (DELIVERY.c.webhook_id == row.id, DELIVERY.c.state == DeliveryState.WAITING.value)
    session.execute(update(DELIVERY).where(*waiting).values(state=DeliveryState.GIVEN_UP.value, done_ms=clock.now_ms()))
    session.flush()
    return _view(session, row)


def retry_deliveries(session: Session, command: RetryDeliveries, clock: Clock) -> Webhook:
    """Send again at once what an address has not got.

    Raises
    ------
    NotFound
        If there is no such address.
    WrongState
        If it is closed.
    """
    row = _row(session, command.webhook_id)
    if row.closed_by is not None:
        raise WrongState("webhook", command.webhook_id, f"closed by {row.closed_by}")
    session.execute(
        update(DELIVERY)
        .where(DELIVERY.c.webhook_id == row.id, DELIVERY.c.state != DeliveryState.SENT.value)
        .values(state=DeliveryState.WAITING.value, tries=0, next_ms=clock.now_ms(), done_ms=None)
    )
    return _view(session, row)


def webhooks(session: Session) -> tuple[Webhook, ...]:
    """All addresses that are or were told."""
    rows = session.execute(select(WebhookRow).order_by(col(WebhookRow.id))).scalars().all()
    return tuple(_view(session, row) for row in rows)


def deliveries(
    session: Session, webhook_id: int, *, state: DeliveryState | None = None, limit: int = 100
) -> tuple[Delivery, ...]:
    """The messages to an address, the latest first.

    Raises
    ------
    NotFound
        If there is no such address.
    """
    _row(session, webhook_id)
    query = (
        select(WebhookDeliveryRow, WebhookEventRow)
        .join(WebhookEventRow, col(WebhookEventRow.id) == col(WebhookDeliveryRow.event_id))
        .where(col(WebhookDeliveryRow.webhook_id) == webhook_id)
        .order_by(col(WebhookDeliveryRow.id).desc())
        .limit(limit)
    )
    if state is not None:
        query = query.where(col(WebhookDeliveryRow.state) == state)
    return tuple(
        Delivery(
            event=event.id,
            kind=EventKind(event.kind),
            at_ms=event.at_ms,
            state=DeliveryState(row.state),
            tries=row.tries,
            next_ms=row.next_ms if row.state == DeliveryState.WAITING else None,
            done_ms=row.done_ms,
            status=row.status,
            error=row.error,
            body=event.body,
        )
        for row, event in session.execute(query)
    )


def _row(session: Session, webhook_id: int) -> WebhookRow:
    row = session.get(WebhookRow, webhook_id)
    if row is None:
        raise NotFound("webhook", webhook_id)
    return row


def _view(session: Session, row: WebhookRow) -> Webhook:
    assert row.id is not None
    query = select(DELIVERY.c.state, func.count()).where(DELIVERY.c.webhook_id == row.id).group_by(DELIVERY.c.state)
    figures = {state: int(number) for state, number in session.execute(query)}
    site = None
    if row.site_id is not None:
        site = session.execute(select(col(SiteRow.code)).where(col(SiteRow.id) == row.site_id)).scalar_one()
    return Webhook(
        webhook_id=row.id,
        url=row.url,
        kinds=tuple(EventKind(kind) for kind in row.kinds.split(",")),
        site=site,
        created_by=row.created_by,
        created_ms=row.created_ms,
        closed_by=row.closed_by,
        closed_ms=row.closed_ms,
        waiting=figures.get(DeliveryState.WAITING, 0),
        sent=figures.get(DeliveryState.SENT, 0),
        given_up=figures.get(DeliveryState.GIVEN_UP, 0),
    )
