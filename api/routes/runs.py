"""Pick runs: listed, seen with their route, and drawn."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.access import GuardedRoute
from api.errors import responses
from api.run_map import run_map
from api.serving import ServingNow
from api.wire import SVG, SiteCode, SvgResponse
from inventory.tables.outbound import PickRunRow, RunState
from inventory.work.looking import RunSummary, RunView, StepView, list_runs, run_steps, run_view
from routing.explain import explain
from routing.problem import PickProblem
from routing.route import Route
from warehouse.errors import NotFound, RouteRejected

router = APIRouter(prefix="/api/v1", tags=["runs"], route_class=GuardedRoute)


class RunFacts(BaseModel):
    """A run with its steps and its route."""

    run: RunView
    steps: tuple[StepView, ...]
    route: dict[str, Any] = Field(description="format onward.route, as docs/route-format.md describes it")


class Explanation(BaseModel):
    """Why a run's route is as it is."""

    run: int = Field(examples=[317])
    sentences: list[str] = Field(
        examples=[
            [
                "By no_backtrack, 312.4 m are walked to 12 bins, 0.0 m of it over aisle floor walked before.",
                "Proven best: no route walks less aisle floor again, and of those that walk as much, none is shorter.",
            ]
        ]
    )


@router.get("/sites/{site}/runs", responses=responses(NotFound))
def get_runs(
    site: SiteCode,
    serving: ServingNow,
    state: RunState | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> tuple[RunSummary, ...]:
    """The latest runs of a site."""
    with serving.database.read() as session:
        return list_runs(session, site, state=state, limit=limit)


@router.get("/runs/{run}", responses=responses(NotFound))
def get_run(run: int, serving: ServingNow) -> RunFacts:
    """A run with its steps and its route; of a run planned again, the route of the rest."""
    with serving.database.read() as session:
        view = run_view(session, run)
        row = session.get(PickRunRow, run)
        assert row is not None
        return RunFacts(run=view, steps=run_steps(session, run), route=json.loads(row.route))


@router.get("/runs/{run}/map.svg", response_class=SvgResponse, responses=SVG | responses(NotFound))
def get_run_map(run: int, serving: ServingNow) -> SvgResponse:
    """The floor with the run's walk: floor walked and floor ahead told apart, the next stop marked."""
    with serving.database.read() as session:
        return SvgResponse(run_map(session, run))


@router.get("/runs/{run}/explanation", responses=responses(NotFound, RouteRejected))
def get_run_explanation(run: int, serving: ServingNow) -> Explanation:
    """Why these bins and not nearer ones, what the policy costs, and what is proven.

    It is planned again for every line that leaves out a nearer bin, so it may take seconds. Of a run whose rest was
    planned again, the rest is explained.
    """
    with serving.database.read() as session:
        row = session.get(PickRunRow, run)
        if row is None:
            raise NotFound("run", run)
        problem, route = PickProblem.from_json(row.problem), Route.from_json(row.route)
    return Explanation(run=run, sentences=explain(route, problem).splitlines())
