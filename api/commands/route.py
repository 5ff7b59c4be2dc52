"""`onward route PROBLEM.json`: plan a saved problem again, and show the route with its certificate."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from api.errors import ANSWERS
from api.search_budget import TIME_LIMIT_MAX_S, Iterations, Seed, budget_of
from routing.no_route import why_no_route
from routing.problem import End, EndKind, Measure, PickProblem, Policy, PolicyName
from routing.problem_reading import read_problem
from routing.rates import crossings_mm
from routing.route import Route
from routing.solve import solve
from warehouse.drawing import DrawnStop, floor_svg
from warehouse.errors import CrossingsUnplanned, NoRoute, OnwardError, ProblemFileInvalid
from warehouse.floor import Floor, Spot
from warehouse.units import LENGTH_MAX_MM

NO_ROUTE = 1
BAD_INPUT = 2

SHARE_MAX = 1_000_000
"""Percent and turns beyond which a limit limits nothing."""


def route(
    problem: Annotated[Path, typer.Argument(help="Problem file, as docs/route-format.md describes it.")],
    policy: Annotated[PolicyName, typer.Option(help="How the route is chosen.")] = PolicyName.NO_BACKTRACK,
    step_in: Annotated[
        int, typer.Option(min=0, max=LENGTH_MAX_MM, help="How deep a picker may step in without the cart, in mm.")
    ] = 0,
    detour: Annotated[
        int | None,
        typer.Option(min=0, max=SHARE_MAX, help="How much longer than the shortest a route may become, in percent."),
    ] = None,
    u_turns: Annotated[
        int | None, typer.Option(min=0, max=SHARE_MAX, help="How many in-and-back arms a route may have.")
    ] = None,
    measure: Annotated[Measure, typer.Option(help="What is kept small.")] = Measure.DISTANCE,
    time_limit: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=TIME_LIMIT_MAX_S,
            metavar="S",
            help="Seconds to look for better bins; 1 where --iterations is not given either.",
        ),
    ] = None,
    iterations: Iterations = None,
    seed: Seed = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the route file instead of a table.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say why these bins, and what the policy costs.")] = False,
    svg: Annotated[Path | None, typer.Option(help="Draw the floor and the route into this file.")] = None,
    out: Annotated[Path | None, typer.Option(help="Save the route file here.")] = None,
) -> None:
    """Plan the route of a problem file; exits with 1 if there is none and 2 if the file is no good."""
    budget = budget_of(time_limit, iterations, seconds=1.0)
    asked = _read(problem)
    with _refusals(problem, asked, policy):
        wanted = Policy(policy, step_in, detour, u_turns, measure)
        found = solve(asked, policy=wanted, budget=budget, seed=seed)
        reasons = found.explain(asked) if explain and not as_json else ""
    if svg is not None:
        _write(svg, _drawing(asked, found))
    if out is not None:
        _write(out, found.to_json() + "\n")
    if as_json:
        typer.echo(found.to_json())
        return
    _show(asked, found)
    if reasons:
        typer.echo(f"\n{_plain(reasons)}")


def _read(path: Path) -> PickProblem:
    """The problem in a file; leaves with a line for everything that is wrong with it, and warns of what is doubtful."""
    try:
        read = read_problem(path.read_text(encoding="utf-8-sig"))  # some editors begin a file with a byte order mark
    except OSError as error:
        _stop(f"{path}: cannot be read: {error.strerror}. Give the path of a problem file.", BAD_INPUT)
    except UnicodeDecodeError as error:
        _stop(f"{path}: no UTF-8 text: {error.reason} at byte {error.start}. Save it as UTF-8.", BAD_INPUT)
    except ProblemFileInvalid as error:
        lines = [_one_line(f"{path}: {fault}") for fault in error.problems]
        typer.echo("\n".join(lines) + ". docs/route-format.md describes problem files.", err=True)
        raise typer.Exit(BAD_INPUT) from error
    for fault in read.doubts:
        typer.echo(_one_line(f"{path}: {fault}"), err=True)
    return read.problem


@contextmanager
def _refusals(path: Path, asked: PickProblem, policy: PolicyName) -> Iterator[None]:
    """Leaves with a line that says why the problem of a file is not planned."""
    try:
        yield
    except NoRoute as error:
        _stop(f"{path}: no route: {why_no_route(asked, error)}.", NO_ROUTE)
    except CrossingsUnplanned as error:
        aisles = ", ".join(filter(None, error.aisles)) or "without a name"
        why = f"it takes walking to cross aisles {aisles}, and there is {error.why}"
        _stop(f"{path}: {policy.value} cannot plan this: {why}. The rules of the trade can.", BAD_INPUT)
    except OnwardError as error:
        _stop(f"{path}: {ANSWERS[type(error)].detail(error)}. Please report it with this file.", NO_ROUTE)
    except ValueError as error:
        other = "Try another --policy, --measure or other limits."
        _stop(f"{path}: {policy.value} cannot plan this: {error}. {other}", BAD_INPUT)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        _stop(f"{path}: cannot be written: {error.strerror}. Give a path in a folder that is there.", BAD_INPUT)


def _stop(line: str, status: int) -> NoReturn:
    typer.echo(_one_line(line), err=True)
    raise typer.Exit(status)


def _one_line(text: str) -> str:
    return _plain(" ".join(text.split()))


def _plain(text: str) -> str:
    """A text without characters that steer a terminal: they are shown as a program would write them."""
    return "".join(each if each.isprintable() or each == "\n" else ascii(each)[1:-1] for each in text)


def _drawing(problem: PickProblem, found: Route) -> str:
    own = found.certificate
    stops = [
        DrawnStop(stop.spot, ", ".join(f"{pick.quantity} from {pick.bin}" for pick in stop.picks))
        for stop in found.stops
    ]
    return floor_svg(
        problem.floor,
        legs=found.legs,
        stops=stops,
        start=found.start,
        end=found.end,
        title=f"{own.policy.name.value}: {_metres(own.distance_mm)}, {_metres(own.backtrack_mm)} of it backtrack",
    )


def _metres(length_mm: int) -> str:
    return f"{length_mm / 1000:.1f} m"


def _show(problem: PickProblem, found: Route) -> None:
    """Print the stops and the certificate."""
    console = Console(markup=False, emoji=False)
    table = Table("Stop", "Where", "Bin", "Line", "Quantity", "Walked")
    for column in (0, 4, 5):
        table.columns[column].justify = "right"
    for number, stop in enumerate(found.stops, 1):
        walked_mm = walked_until_mm(problem, found, number)
        for index, pick in enumerate(stop.picks):
            place = ("", "") if index else (str(number), _place(problem.floor, stop.spot))
            table.add_row(
                *place, _plain(pick.bin), _plain(pick.line), str(pick.quantity), "" if index else _metres(walked_mm)
            )
    console.print(table)
    own = found.certificate
    console.print(f"Distance   {_metres(own.distance_mm)} (at least {_metres(own.distance_bound_mm)})")
    console.print(f"Backtrack  {_metres(own.backtrack_mm)} (at least {_metres(own.backtrack_bound_mm)})")
    console.print(f"Bins       {own.stops}")
    console.print(f"U-turns    {own.u_turns} ({own.arms} of them in-and-back arms)")
    if own.walk_ms:
        console.print(f"Duration   {own.walk_ms / 1000:.1f} s (at least {own.walk_bound_ms / 1000:.1f} s)")
    if own.policy.detour_percent_max is not None:
        console.print(f"Detour     {own.distance_mm / max(1, own.shortest_mm) - 1:.1%} over {_metres(own.shortest_mm)}")
    console.print(f"Cross aisle walked a third time or more  {_metres(own.cross_thrice_mm)}")
    console.print(
        f"{'Proven best' if own.proven else 'Not proven best'} under {own.policy.name.value}", highlight=False
    )
    console.print(f"By {own.solver}, seed {own.seed}, in {own.duration_ms:.0f} ms", highlight=False)


def walked_until_mm(problem: PickProblem, found: Route, number: int) -> int:
    """How far a route has been walked at its stop `number`, counted from 1, crossings of wide aisles included."""
    stops = found.stops[:number]
    legs = found.legs[: stops[-1].after_leg]
    so_far = dataclasses.replace(problem, end=End(EndKind.ANYWHERE))
    return sum(leg.length_mm for leg in legs) + crossings_mm(so_far, legs, stops)


def _place(floor: Floor, spot: Spot) -> str:
    name = floor.edges[spot.edge].name
    return f"{f'aisle {_plain(name)}' if name else f'edge {spot.edge}'}, {_metres(spot.offset_mm)} in"
