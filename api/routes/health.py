"""Whether the server works, its figures for Prometheus, and the description of the API itself."""

from typing import Any, Literal

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import PlainTextResponse, RedirectResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api.access import GuardedRoute
from api.serving import ServingNow

router = APIRouter(tags=["health"], route_class=GuardedRoute)


class Health(BaseModel):
    """The server answers and reaches its database."""

    status: Literal["ok"] = "ok"


@router.get("/healthz", responses={503: {"description": "The database cannot be reached"}})
def get_healthz(serving: ServingNow) -> Health:
    """Whether the server reaches its database."""
    try:
        with serving.database.read() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        raise HTTPException(503, "The database cannot be reached") from error
    return Health()


@router.get("/metrics", response_class=PlainTextResponse)
def get_metrics(request: Request) -> PlainTextResponse:
    """Counts and times of all calls, for Prometheus, which signs in with a bearer token."""
    return PlainTextResponse(generate_latest(request.app.state.metrics), media_type=CONTENT_TYPE_LATEST)


@router.get("/api/v1/openapi.json")
def get_openapi(request: Request) -> dict[str, Any]:
    """The description of all calls, in the OpenAPI format."""
    description: dict[str, Any] = request.app.openapi()
    return description


@router.get("/", include_in_schema=False)
def get_root() -> RedirectResponse:
    """Lead a person to the handheld page."""
    return RedirectResponse("/handheld/")
