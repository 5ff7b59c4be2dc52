"""Which call needs which role: one table, and the route class that holds every call to it.

A route that is not in the table cannot be made, so a call that somebody forgot is not open by accident. A call
that merchants may make must ask for `OwnerScope`, or its route cannot be made either: it is what keeps one
merchant's goods from another.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from api.auth import SignedIn, signed_in
from api.errors import ForeignPage, NotAllowed, NotSignedIn
from api.serving import Serving
from api.tables import PEOPLE, Role
from warehouse.errors import NotFound

COOKIE = "onward_session"

PICKER, MANAGER, PLANNER, ADMIN = PEOPLE
EVERYBODY = frozenset(PEOPLE)
FLOOR = frozenset({PICKER, MANAGER, ADMIN})
OFFICE = frozenset({MANAGER, PLANNER, ADMIN})
CONTROL = frozenset({MANAGER, ADMIN})
MERCHANTS = frozenset({Role.MERCHANT})
"""With their own keys, and about their own goods alone."""
NOBODY_NEEDED: frozenset[Role] = frozenset()
"""No role and no sign-in: open to all. A short list, and a test keeps it so."""

ACCESS: dict[str, frozenset[Role]] = {
    "GET /healthz": NOBODY_NEEDED,
    "GET /": NOBODY_NEEDED,
    "GET /metrics": OFFICE,
    "POST /api/v1/sign-in": NOBODY_NEEDED,
    "POST /api/v1/sign-out": EVERYBODY,
    "GET /api/v1/me": EVERYBODY,
    "GET /api/v1/openapi.json": EVERYBODY,
    "GET /api/v1/sessions": frozenset({ADMIN}),
    "POST /api/v1/sessions/{session}/revoke": frozenset({ADMIN}),
    "GET /api/v1/users": frozenset({ADMIN}),
    "PUT /api/v1/users/{name}": frozenset({ADMIN}),
    "POST /api/v1/users/{name}/revoke": frozenset({ADMIN}),
    "GET /api/v1/sites": EVERYBODY,
    "GET /api/v1/sites/{site}": EVERYBODY,
    "GET /api/v1/sites/{site}/map.svg": EVERYBODY,
    "GET /api/v1/owners": OFFICE,
    "PUT /api/v1/owners/{owner}": CONTROL,
    "GET /api/v1/owners/{owner}/keys": frozenset({ADMIN}),
    "POST /api/v1/owners/{owner}/keys": frozenset({ADMIN}),
    "POST /api/v1/keys/{key}/revoke": frozenset({ADMIN}),
    "GET /api/v1/products": EVERYBODY | MERCHANTS,
    "GET /api/v1/products/{code}": EVERYBODY | MERCHANTS,
    "PUT /api/v1/products/{code}": CONTROL,
    "GET /api/v1/products/{code}/needs": EVERYBODY,
    "PUT /api/v1/products/{code}/needs": CONTROL,
    "POST /api/v1/sites/{site}/zones/{zone}/readings": FLOOR,
    "GET /api/v1/sites/{site}/excursions": EVERYBODY | MERCHANTS,
    "POST /api/v1/sites/{site}/excursions/{excursion}/acknowledge": CONTROL,
    "GET /api/v1/stowing": FLOOR,
    "POST /api/v1/sites/{site}/stow-runs": FLOOR,
    "POST /api/v1/stow-steps/{step}/confirm": FLOOR,
    "POST /api/v1/stow-steps/{step}/leave": FLOOR,
    "POST /api/v1/sites/{site}/stow": FLOOR,
    "GET /api/v1/sites/{site}/bins/proposed": EVERYBODY,
    "GET /api/v1/sites/{site}/bins/fill": EVERYBODY,
    "GET /api/v1/sites/{site}/bins/full-on": EVERYBODY,
    "GET /api/v1/sites/{site}/bins/emptying": EVERYBODY,
    "GET /api/v1/sites/{site}/consolidation-alerts": EVERYBODY,
    "POST /api/v1/sites/{site}/consolidation-alerts/{alert}/acknowledge": CONTROL,
    "GET /api/v1/sites/{site}/replenishment": EVERYBODY,
    "GET /api/v1/replenishing": FLOOR,
    "POST /api/v1/sites/{site}/replenishment/take": FLOOR,
    "POST /api/v1/replenishments/{replenishment}/confirm": FLOOR,
    "POST /api/v1/replenishments/{replenishment}/leave": FLOOR,
    "GET /api/v1/sites/{site}/care": EVERYBODY,
    "POST /api/v1/sites/{site}/care": FLOOR,
    "GET /api/v1/caring": FLOOR,
    "POST /api/v1/sites/{site}/care/take": FLOOR,
    "POST /api/v1/care/{task}/hung": FLOOR,
    "POST /api/v1/care/{task}/done": FLOOR,
    "POST /api/v1/care/{task}/leave": FLOOR,
    "POST /api/v1/care/{task}/drop": CONTROL,
    "GET /api/v1/sites/{site}/stock": EVERYBODY | MERCHANTS,
    "GET /api/v1/sites/{site}/stock/lying": EVERYBODY,
    "GET /api/v1/sites/{site}/stock/owners": OFFICE | MERCHANTS,
    "GET /api/v1/sites/{site}/movements": OFFICE | MERCHANTS,
    "POST /api/v1/sites/{site}/stock/withhold": FLOOR,
    "POST /api/v1/sites/{site}/stock/free": CONTROL,
    "POST /api/v1/sites/{site}/stock/move": FLOOR,
    "POST /api/v1/sites/{site}/stock/dispose": CONTROL,
    "POST /api/v1/sites/{site}/stock/serials": CONTROL,
    "GET /api/v1/sites/{site}/stock/disposed": OFFICE | MERCHANTS,
    "POST /api/v1/sites/{site}/stock/correct-lot": CONTROL,
    "POST /api/v1/sites/{site}/stock/correct-expiry": CONTROL,
    "GET /api/v1/sites/{site}/stock/policy": EVERYBODY,
    "GET /api/v1/sites/{site}/stock/policy/versions": EVERYBODY,
    "PUT /api/v1/sites/{site}/stock/policy": CONTROL,
    "POST /api/v1/sites/{site}/recalls": CONTROL,
    "POST /api/v1/sites/{site}/recalls/lift": CONTROL,
    "GET /api/v1/sites/{site}/cage/entries": CONTROL,
    "GET /api/v1/users/{name}/cage": CONTROL,
    "PUT /api/v1/users/{name}/cage": frozenset({ADMIN}),
    "GET /api/v1/recalls/{product}/{lot}": OFFICE | MERCHANTS,
    "GET /api/v1/stock/where": EVERYBODY | MERCHANTS,
    "GET /api/v1/serials/{serial}": EVERYBODY | MERCHANTS,
    "GET /api/v1/sites/{site}/alerts": EVERYBODY | MERCHANTS,
    "POST /api/v1/sites/{site}/alerts/raise": CONTROL,
    "POST /api/v1/sites/{site}/alerts/{alert}/acknowledge": CONTROL,
    "GET /api/v1/sites/{site}/nights": OFFICE,
    "GET /api/v1/webhooks": frozenset({ADMIN}),
    "POST /api/v1/webhooks": frozenset({ADMIN}),
    "GET /api/v1/webhooks/{webhook}/deliveries": frozenset({ADMIN}),
    "POST /api/v1/webhooks/{webhook}/retry": frozenset({ADMIN}),
    "POST /api/v1/webhooks/{webhook}/close": frozenset({ADMIN}),
    "GET /api/v1/sites/{site}/stock/ageing": OFFICE | MERCHANTS,
    "GET /api/v1/sites/{site}/stock/unsold": OFFICE | MERCHANTS,
    "GET /api/v1/sites/{site}/orders": OFFICE | MERCHANTS,
    "POST /api/v1/sites/{site}/orders": CONTROL,
    "GET /api/v1/sites/{site}/orders/{number}": OFFICE | MERCHANTS,
    "POST /api/v1/sites/{site}/orders/{number}/cancel": CONTROL,
    "POST /api/v1/sites/{site}/orders/{number}/ship": FLOOR,
    "POST /api/v1/sites/{site}/orders/{number}/return": FLOOR,
    "POST /api/v1/sites/{site}/orders/{number}/join": CONTROL,
    "POST /api/v1/sites/{site}/release": CONTROL,
    "GET /api/v1/sites/{site}/runs": EVERYBODY,
    "POST /api/v1/sites/{site}/runs/take": FLOOR,
    "GET /api/v1/picking": FLOOR,
    "GET /api/v1/runs/{run}": EVERYBODY,
    "GET /api/v1/runs/{run}/map.svg": EVERYBODY,
    "GET /api/v1/runs/{run}/explanation": OFFICE,
    "POST /api/v1/runs/{run}/steps/{step}/bin": FLOOR,
    "POST /api/v1/runs/{run}/steps/{step}/pick": FLOOR,
    "POST /api/v1/runs/{run}/steps/{step}/short": FLOOR,
    "POST /api/v1/runs/{run}/steps/{step}/blocked": FLOOR,
    "POST /api/v1/runs/{run}/steps/{step}/empty": FLOOR,
    "POST /api/v1/runs/{run}/finish": FLOOR,
    "GET /api/v1/sites/{site}/blocks": EVERYBODY,
    "POST /api/v1/sites/{site}/blocks/{block}/lift": CONTROL,
    "GET /api/v1/counting": FLOOR,
    "POST /api/v1/sites/{site}/counts/take": FLOOR,
    "POST /api/v1/counts/{count}/bin": FLOOR,
    "POST /api/v1/counts/{count}/goods": FLOOR,
    "POST /api/v1/counts/{count}/unknown": FLOOR,
    "POST /api/v1/counts/{count}/close": FLOOR,
    "POST /api/v1/counts/{count}/leave": FLOOR,
    "GET /api/v1/sites/{site}/counts": OFFICE,
    "POST /api/v1/sites/{site}/counts": CONTROL,
    "POST /api/v1/sites/{site}/counts/plan": CONTROL,
    "GET /api/v1/sites/{site}/distrust": OFFICE,
    "POST /api/v1/sites/{site}/distrust": CONTROL,
    "GET /api/v1/sites/{site}/differences": OFFICE,
    "GET /api/v1/differences/{difference}/search": EVERYBODY,
    "POST /api/v1/differences/{difference}/approve": CONTROL,
    "POST /api/v1/differences/{difference}/reject": CONTROL,
    "GET /api/v1/sites/{site}/count-causes": OFFICE,
    "GET /api/v1/sites/{site}/short-picks": OFFICE,
    "POST /api/v1/sites/{site}/short-picks/{short_pick}/cause": CONTROL,
    "GET /api/v1/sites/{site}/unknown-goods": OFFICE,
    "GET /api/v1/sites/{site}/empty-checks": OFFICE,
    "GET /api/v1/sites/{site}/accuracy": OFFICE,
    "POST /api/v1/sites/{site}/samples": CONTROL,
    "POST /api/v1/sites/{site}/samples/draw": CONTROL,
    "GET /api/v1/sites/{site}/count-policy": OFFICE,
    "POST /api/v1/sites/{site}/count-policy": CONTROL,
    "GET /api/v1/suppliers": OFFICE,
    "PUT /api/v1/suppliers/{supplier}": CONTROL,
    "POST /api/v1/suppliers/{supplier}/link": CONTROL,
    "GET /api/v1/supplier-queue/{secret}": NOBODY_NEEDED,  # the secret in the link is the key
    "GET /api/v1/sites/{site}/purchase-orders": OFFICE,
    "POST /api/v1/sites/{site}/purchase-orders": CONTROL,
    "GET /api/v1/sites/{site}/purchase-orders/{number}": OFFICE,
    "POST /api/v1/sites/{site}/purchase-orders/{number}/close": CONTROL,
    "GET /api/v1/sites/{site}/deliveries": EVERYBODY,
    "POST /api/v1/sites/{site}/deliveries": FLOOR,
    "GET /api/v1/sites/{site}/deliveries/{number}": EVERYBODY,
    "POST /api/v1/sites/{site}/deliveries/{number}/book": CONTROL,
    "POST /api/v1/sites/{site}/deliveries/{number}/arrive": FLOOR,
    "POST /api/v1/sites/{site}/deliveries/{number}/pull": CONTROL,
    "POST /api/v1/sites/{site}/deliveries/{number}/dock": FLOOR,
    "POST /api/v1/sites/{site}/deliveries/{number}/cancel": CONTROL,
    "POST /api/v1/sites/{site}/deliveries/{number}/close": FLOOR,
    "POST /api/v1/sites/{site}/deliveries/{number}/scans": FLOOR,
    "POST /api/v1/sites/{site}/deliveries/{number}/wrapping": FLOOR,
    "POST /api/v1/sites/{site}/deliveries/{number}/unknown": FLOOR,
    "GET /api/v1/sites/{site}/queue-jumps": OFFICE,
    "GET /api/v1/sites/{site}/dock-to-stock": OFFICE,
    "GET /api/v1/sites/{site}/unknown-arrivals": EVERYBODY,
    "POST /api/v1/sites/{site}/unknown-arrivals/{arrival}/resolve": CONTROL,
    "POST /api/v1/measurements": FLOOR,
    "GET /api/v1/products/{code}/measurements": EVERYBODY,
    "POST /api/v1/photos": FLOOR,
    "GET /api/v1/photos/{name}": EVERYBODY,
    "POST /api/v1/damage-reports": CONTROL,
    "POST /api/v1/damage/learn": CONTROL,
    "GET /api/v1/sites/{site}/wrapping": OFFICE,
    "GET /api/v1/check": CONTROL,
}

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def _signed_in(request: Request) -> SignedIn:
    who: SignedIn = request.state.signed_in
    return who


Who = Annotated[SignedIn, Depends(_signed_in)]


def owner_scope(
    who: Who,
    owner: Annotated[
        str | None,
        Query(max_length=64, description="only this owner's goods; a merchant's key always means its own"),
    ] = None,
) -> str | None:
    """Whose goods a call is about; None for everybody's.

    Raises
    ------
    NotFound
        If a merchant asks for another owner.
    """
    if who.role is not Role.MERCHANT:
        return owner
    assert who.owner is not None
    if owner not in (None, who.owner):
        raise NotFound("owner", owner)
    return who.owner


OwnerScope = Annotated[str | None, Depends(owner_scope)]


class GuardedRoute(APIRoute):
    """A route that looks who is calling before it looks at anything else of the request."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler behind the door."""
        roles = frozenset.intersection(*(ACCESS[f"{method} {self.path}"] for method in self.methods or ()))
        asks_scope = owner_scope in {each.call for each in self.dependant.dependencies}
        assert asks_scope or Role.MERCHANT not in roles, f"{self.path} tells merchants of others' goods"
        handler = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            _refuse_foreign_page(request)
            if roles:
                request.state.signed_in = await run_in_threadpool(_admit, request, roles)
            return await handler(request)

        return guarded


def _admit(request: Request, roles: frozenset[Role]) -> SignedIn:
    serving: Serving = request.app.state.serving
    who = signed_in(serving, _token(request))
    if who.role not in roles:
        raise NotAllowed(who.role.value, sorted(role.value for role in roles))
    return who


def _token(request: Request) -> str:
    """The session's token: from programs as a bearer, from our own pages as a cookie."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and token:
        return token.strip()
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        raise NotSignedIn
    return cookie


def _refuse_foreign_page(request: Request) -> None:
    """Refuse a changing call that a browser sent from another site's page.

    Browsers name the page's origin with every such call; programs name none. The cookie is SameSite=Strict
    besides, so this is the second of two locks.
    """
    origin = request.headers.get("origin")
    if request.method in SAFE or origin is None:
        return
    serving: Serving = request.app.state.serving
    own = urlsplit(origin).netloc == request.headers.get("host")
    if not own and origin not in serving.settings.trusted_origins:
        raise ForeignPage(origin)
