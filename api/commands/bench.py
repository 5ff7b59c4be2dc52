"""`onward bench`: published instances solved, one line each."""

import json
import time
from collections.abc import Callable
from enum import StrEnum
from glob import glob
from pathlib import Path
from typing import Annotated, TypedDict, TypeVar

import typer

from api.search_budget import TIME_LIMIT_MAX_S, Iterations, Seed, budget_of
from routing.batch_tours import solve_batching
from routing.bin_choice import Budget
from routing.problem import Policy, PolicyName
from routing.published import Instance, read_instance, to_problem
from routing.published_batching import BatchingInstance, read_batching
from routing.solve import solve
from routing.warm_up import warm_up
from warehouse.errors import NoRoute

NO_ROUTE = 1
BAD_INPUT = 2
SHORTEST = Policy(PolicyName.SHORTEST)

Read = TypeVar("Read")

app = typer.Typer(no_args_is_help=True, help="Solve published benchmark instances.")


class ProvablePolicy(StrEnum):
    """Policies with a lower bound."""

    SHORTEST = "shortest"
    NO_BACKTRACK = "no_backtrack"


class SprpResult(TypedDict):
    """The route of one single-picker instance; lengths in the file's own unit.

    `lower_bound` is of the distance: under `no_backtrack` among routes with the `backtrack` reported.
    `route` lists [aisle, cell, article, quantity] in walking order.
    """

    instance: str
    blocks: int
    policy: str
    distance: int
    backtrack: int
    lower_bound: int
    optimal: bool
    seconds: float
    route: list[tuple[int, int, str, int]]


class BatchingResult(TypedDict):
    """The batches of one instance; lengths in the file's own unit.

    `batches` lists the numbers of the orders on each cart: those of the file, or, where its orders have none,
    counted from 0. `lower_bound` is a distance that no batching can beat.
    """

    instance: str
    policy: str
    distance: float
    backtrack: float
    lower_bound: float
    seconds: float
    batches: list[tuple[int, ...]]


@app.callback()
def bench() -> None:
    """Solve published benchmark instances."""


@app.command()
def sprp(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files, folders (their *.txt) or globs.")],
    blocks: Annotated[int, typer.Option(min=1, max=2, help="Blocks of the floor; 2 adds a middle cross aisle.")] = 1,
    policy: Annotated[ProvablePolicy, typer.Option(help="What is minimised.")] = ProvablePolicy.SHORTEST,
    step_in: Annotated[
        int,
        typer.Option(min=0, metavar="MM", help="How deep one may step in without the cart, in the file's unit."),
    ] = 0,
    time_limit: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=TIME_LIMIT_MAX_S,
            metavar="S",
            help="Seconds an instance to choose bins and prove the choice; 2 where --iterations is not given either.",
        ),
    ] = None,
    iterations: Iterations = None,
    seed: Seed = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Route single-picker instances: articles in one bin or several, of unit or varying quantity.

    Lengths are in the file's own unit. Compiling comes first and is not timed. Exits with 1 if an instance has
    no route, and with 2 before anything is solved if a path or a file is no good.
    """
    budget = budget_of(time_limit, iterations, seconds=2.0)
    instances = _read_all(paths, read_instance)
    how = Policy(PolicyName(policy), step_in)
    warm_up()
    unsolved = 0
    for instance in instances:
        try:
            result = route_instance(instance, blocks=blocks, policy=how, budget=budget, seed=seed)
        except (NoRoute, ValueError) as error:  # the latter where its lengths are more than can be reckoned with
            typer.echo(f"{instance.name}: no route: {error}", err=True)
            unsolved += 1
        else:
            print(json.dumps(result) if as_json else _in_words(result), flush=True)
    if unsolved:
        raise typer.Exit(NO_ROUTE)


def route_instance(
    instance: Instance, *, blocks: int = 1, policy: Policy = SHORTEST, budget: Budget, seed: int = 0
) -> SprpResult:
    """Route a published instance; raises NoRoute if some article cannot be brought.

    Parameters
    ----------
    instance
        From `routing.published.read_instance`.
    blocks
        1 or 2.
    policy, budget, seed
        As `routing.solve.solve` takes them; the unit of the file stands for the mm.
    """
    problem = to_problem(instance, blocks=blocks)
    begun = time.perf_counter()
    route = solve(problem, policy=policy, budget=budget, seed=seed)
    seconds = time.perf_counter() - begun
    own = route.certificate
    picked = [(instance.supplies[int(pick.bin)], pick) for stop in route.stops for pick in stop.picks]
    return {
        "instance": instance.name,
        "blocks": blocks,
        "policy": policy.name.value,
        "distance": own.distance_mm,
        "backtrack": own.backtrack_mm,
        "lower_bound": own.distance_bound_mm,
        "optimal": own.proven,
        "seconds": round(seconds, 6),
        "route": [(supply.aisle, supply.cell, pick.line, pick.quantity) for supply, pick in picked],
    }


@app.command()
def batching(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files, folders (their *.txt) or globs.")],
    policy: Annotated[ProvablePolicy, typer.Option(help="What is minimised.")] = ProvablePolicy.SHORTEST,
    time_limit: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=TIME_LIMIT_MAX_S,
            metavar="S",
            help="Seconds an instance to put orders in batches; 10 where --iterations is not given either.",
        ),
    ] = None,
    iterations: Iterations = None,
    seed: Seed = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Put orders in batches: instances of Henn and Waescher, and of Foodmart.

    Lengths are in the file's own unit. Compiling comes first and is not timed. Exits with 1 if an instance cannot be
    solved, and with 2 before anything is solved if a path or a file is no good.
    """
    budget = budget_of(time_limit, iterations, seconds=10.0)
    instances = _read_all(paths, read_batching)
    how = Policy(PolicyName(policy))
    unsolved, is_warm = 0, False
    for instance in instances:
        try:
            if not is_warm:
                batch_instance(instance, policy=how, budget=Budget(None, iterations=1))  # compiles
            is_warm = True
            result = batch_instance(instance, policy=how, budget=budget, seed=seed)
        except ValueError as error:  # its lengths are more than can be reckoned with
            typer.echo(f"{instance.name}: no batches: {error}", err=True)
            unsolved += 1
        else:
            print(json.dumps(result) if as_json else _batches_in_words(result), flush=True)
    if unsolved:
        raise typer.Exit(NO_ROUTE)


def batch_instance(
    instance: BatchingInstance, *, policy: Policy = SHORTEST, budget: Budget, seed: int = 0
) -> BatchingResult:
    """Put the orders of a published instance in batches.

    Parameters
    ----------
    instance
        From `routing.published_batching.read_batching`.
    policy, budget, seed
        How tours are walked, how long to search, and the seed of the search.
    """
    begun = time.perf_counter()
    solved = solve_batching(instance, policy=policy, budget=budget, seed=seed)
    seconds = time.perf_counter() - begun
    return {
        "instance": instance.name,
        "policy": policy.name.value,
        "distance": solved.distance_mm / instance.scale,
        "backtrack": solved.backtrack_mm / instance.scale,
        "lower_bound": solved.distance_bound_mm / instance.scale,
        "seconds": round(seconds, 6),
        "batches": list(solved.batches),
    }


def _read_all(paths: list[str], read: Callable[[Path], Read]) -> list[Read]:
    """What `read` makes of the files at these paths; leaves with a line for each path and file that is no good."""
    found, faults = [], []
    for path in paths:
        files = _files(path)
        if not files:
            faults.append(f"{path}: no instance there. Give a file, a folder with *.txt files, or a glob.")
        for file in files:
            try:
                found.append(read(file))
            except OSError as error:
                faults.append(f"{file}: cannot be read: {error.strerror}.")
            except ValueError as error:  # it begins with the name of the file
                faults.append(f"{file.parent}/{error}")
    if faults:
        typer.echo("\n".join(faults), err=True)
        raise typer.Exit(BAD_INPUT)
    return found


def _files(path: str) -> list[Path]:
    """The files that a path names, in order."""
    if Path(path).is_dir():
        return sorted(Path(path).glob("*.txt"))
    if Path(path).exists():
        return [Path(path)]
    return [Path(found) for found in sorted(glob(path))]  # noqa: PTH207 # Path takes no absolute patterns


def _in_words(result: SprpResult) -> str:
    return (
        f"{result['instance']:<40} {result['distance']:>6} (bound {result['lower_bound']}"
        f"{', optimal' if result['optimal'] else ''}), backtrack {result['backtrack']}, {result['seconds']:.3f} s"
    )


def _batches_in_words(result: BatchingResult) -> str:
    return (
        f"{result['instance']:<40} {result['distance']:>10} (bound {result['lower_bound']}), "
        f"{len(result['batches'])} batches, {result['seconds']:.3f} s"
    )
