"""A run drawn on its floor: what is walked, what is ahead, and the next stop."""

import json

from sqlmodel import Session

from inventory.tables.outbound import PickRunRow, PickStepRow, RunState
from inventory.work.looking import run_view
from inventory.work.sites import site_with_id
from routing.route import Route
from warehouse.drawing import DrawnStop, floor_svg
from warehouse.errors import NotFound
from warehouse.floor import Floor


def run_map(session: Session, run_id: int) -> str:
    """The SVG document.

    Raises
    ------
    NotFound
        If there is no such run.
    """
    run = session.get(PickRunRow, run_id)
    if run is None:
        raise NotFound("run", run_id)
    live = site_with_id(session, run.site_id)
    floor = Floor.from_dict(json.loads(run.problem)["floor"])  # with what was blocked when it was planned
    route = Route.from_dict(json.loads(run.route))
    stops_done = _stops_done(session, run, route)
    if run.state is RunState.DONE:
        legs_walked = len(route.legs)
    else:
        legs_walked = route.stops[stops_done - 1].after_leg if stops_done else 0
    return floor_svg(
        floor,
        bins=live.site.bins,
        stations=live.site.stations,
        legs=route.legs,
        stops=[DrawnStop(stop.spot, stop.picks[0].bin, live.bins[stop.picks[0].bin].side) for stop in route.stops],
        start=route.start,
        end=route.end,
        num_legs_walked=legs_walked,
        num_stops_done=stops_done,
        title=f"Run {run_id}",
    )


def _stops_done(session: Session, run: PickRunRow, route: Route) -> int:
    """How many stops of the route lie behind the picker."""
    assert run.id is not None
    current = run_view(session, run.id).current
    if current is None:
        return len(route.stops)
    step = session.get(PickStepRow, current.step_id)
    assert step is not None
    return step.stop
