"""The web application: calls, handheld page, headers and figures, wired together."""

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from prometheus_fastapi_instrumentator import Instrumentator
from starlette.datastructures import MutableHeaders
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import access, errors
from api.own_figures import OwnFigures
from api.routes import (
    accuracy,
    alerts,
    blocks,
    cage,
    caring,
    climate,
    counting,
    counts,
    damage,
    deliveries,
    disposing,
    health,
    ledger,
    measuring,
    nights,
    orders,
    owners,
    picking,
    products,
    purchase_orders,
    recalls,
    receiving,
    replenishing,
    runs,
    shipping,
    sign_in,
    sites,
    stock,
    storage,
    stowing,
    suppliers,
    users,
    webhooks,
    withholding,
)
from api.serving import Serving

ROUTERS = tuple(
    each.router
    for each in (
        health,
        sign_in,
        users,
        cage,
        owners,
        sites,
        products,
        stock,
        withholding,
        disposing,
        storage,
        climate,
        stowing,
        replenishing,
        caring,
        recalls,
        alerts,
        nights,
        webhooks,
        orders,
        shipping,
        runs,
        picking,
        blocks,
        counting,
        counts,
        accuracy,
        suppliers,
        purchase_orders,
        deliveries,
        receiving,
        damage,
        measuring,
        ledger,
    )
)

PAGES = Path(__file__).parent
HANDHELD, OFFICE = PAGES / "handheld" / "static", PAGES / "office" / "static"

BODY_BYTES_MAX = 1_000_000
"""The largest order that makes sense is far smaller; more is a mistake or an attack."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

DESCRIPTION = """\
Random storage and picking routes that never turn back. Every call but `/healthz` and the sign-in needs a
session: programs send `Authorization: Bearer TOKEN`, our own pages a cookie. A call that changes something
takes a `client_id`, made by the client and new for every action: sent again with the same content it
changes nothing and is answered the same, so a lost reply can simply be asked for again. Errors are problem
documents (RFC 9457) whose `detail` is one line for a screen."""


class _Headers:
    """Adds the security headers, and keeps what is private or may change out of caches."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, content in HEADERS.items():
                    headers.setdefault(name, content)
                headers.setdefault("Cache-Control", "no-store" if scope["path"].startswith("/api/") else "no-cache")
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def create_app(serving: Serving) -> FastAPI:
    """The application; the database stays the caller's to close."""
    app = FastAPI(
        title="Onward",
        version=version("onward"),
        description=DESCRIPTION,
        openapi_url=None,  # served by a route of our own, behind the sign-in
        max_body_size=BODY_BYTES_MAX,
    )
    app.state.serving = serving
    app.state.metrics = CollectorRegistry()
    app.state.metrics.register(OwnFigures(serving))
    Instrumentator(registry=app.state.metrics).instrument(app)
    app.add_middleware(_Headers)
    errors.install(app)
    for router in ROUTERS:
        app.router.routes.extend(router.routes)  # flat, so that a test can walk every route there is
    app.mount("/handheld", StaticFiles(directory=HANDHELD, html=True), name="handheld")
    app.mount("/office", StaticFiles(directory=OFFICE, html=True), name="office")
    _describe(app)
    return app


def _describe(app: FastAPI) -> None:
    """Complete the OpenAPI description: how to sign in, and problem documents for every call."""
    plain: Callable[[], dict[str, Any]] = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema
        schema = plain()
        parts = schema.setdefault("components", {})
        parts["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "cookie": {"type": "apiKey", "in": "cookie", "name": access.COOKIE},
        }
        for path, calls in schema["paths"].items():
            for method, call in calls.items():
                call["summary"] = call.get("description", "").partition(".")[0].partition("\n")[0]
                roles = access.ACCESS[f"{method.upper()} {path}"]
                call["responses"] = call["responses"] | _common_problems(call, bool(roles))
                if roles:
                    call["security"] = [{"bearer": []}, {"cookie": []}]
                    names = ", ".join(sorted(role.value for role in roles))
                    call["description"] = f"{call.get('description', '')}\n\nRoles: {names}."
        for unused in ("HTTPValidationError", "ValidationError"):
            parts.get("schemas", {}).pop(unused, None)
        return schema

    app.openapi = described  # type: ignore[method-assign] # the way FastAPI documents for extending it


def _common_problems(call: dict[str, Any], needs_sign_in: bool) -> dict[str, Any]:
    """The problems that any call of this shape may answer with, in the words of OpenAPI."""
    found: dict[int | str, Any] = {}
    if needs_sign_in:
        found |= errors.responses(errors.NotSignedIn, errors.NotAllowed)
    if "application/json" in call["responses"].get("422", {}).get("content", {}):
        found[422] = errors.INVALID_RESPONSE
    return {str(status): response for status, response in found.items()}
