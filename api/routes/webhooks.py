"""Addresses that are told what happens: set by administrators, with the messages and what was answered to them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field, field_validator

from api.access import GuardedRoute, Who
from api.errors import responses
from api.serving import ServingNow
from api.wire import ActionBody, Body, ClientId, Code
from inventory.rules.webhooks import EventKind, key_of, require_address
from inventory.tables.webhooks import DeliveryState
from inventory.work.webhooks import (
    AddWebhook,
    CloseWebhook,
    Delivery,
    RetryDeliveries,
    Webhook,
    add_webhook,
    close_webhook,
    deliveries,
    retry_deliveries,
    webhooks,
)
from warehouse.errors import AlreadyAnswered, NotFound, WrongState

router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"], route_class=GuardedRoute)

WebhookId = Annotated[int, Path(description="number of the address", examples=[3])]


class WebhookBody(Body):
    """An address to tell."""

    client_id: ClientId
    url: str = Field(max_length=500, description="where messages are posted", examples=["https://erp.example/onward"])
    kinds: tuple[EventKind, ...] = Field(min_length=1, description="what of", examples=[["shelf_life", "recall"]])
    secret: str = Field(
        max_length=200,
        description="what messages are signed with: whsec_ and at least 24 bytes in base64; it is never shown again",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    site: Code | None = Field(default=None, description="only of this site; of all, if left out", examples=["DEMO"])

    @field_validator("url")
    @classmethod
    def _usable(cls, url: str) -> str:
        require_address(url)
        return url

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, secret: str) -> str:
        key_of(secret)
        return secret


@router.get("")
def get_webhooks(serving: ServingNow) -> tuple[Webhook, ...]:
    """The addresses that are or were told, with how many messages wait or were given up."""
    with serving.database.read() as session:
        return webhooks(session)


@router.post("", responses=responses(NotFound, AlreadyAnswered))
def post_webhook(body: WebhookBody, who: Who, serving: ServingNow) -> Webhook:
    """Tell an address from now on."""
    facts = body.model_dump(exclude={"client_id"})
    return serving.run(add_webhook, AddWebhook(user=who.user, client_id=body.client_id, **facts))


@router.get("/{webhook}/deliveries", responses=responses(NotFound))
def get_deliveries(
    webhook: WebhookId,
    serving: ServingNow,
    state: Annotated[DeliveryState | None, Query(description="only those that have come so far")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> tuple[Delivery, ...]:
    """The messages to an address, the latest first, with what was answered."""
    with serving.database.read() as session:
        return deliveries(session, webhook, state=state, limit=limit)


@router.post("/{webhook}/retry", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_retry(webhook: WebhookId, body: ActionBody, serving: ServingNow) -> Webhook:
    """Send again at once what an address has not got, also what was given up."""
    return serving.run(retry_deliveries, RetryDeliveries(webhook, body.client_id))


@router.post("/{webhook}/close", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_close_webhook(webhook: WebhookId, body: ActionBody, who: Who, serving: ServingNow) -> Webhook:
    """Tell an address nothing more; what waits for it is given up."""
    return serving.run(close_webhook, CloseWebhook(webhook, who.user, body.client_id))
