"""`onward bench`: published instances solved, one line each."""

import json
import time
from collections.abc import Iterator
from enum import StrEnum
from glob import glob
from pathlib import Path
from typing import Annotated, Any

import typer

from routing.bin_choice import Budget
from routing.problem import Policy, PolicyName
from routing.published import Instance, read_instance, to_problem
from routing.solve import solve, warm_up

app = typer.Typer(no_args_is_help=True, help="Solve published benchmark instances.")


class ProvablePolicy(StrEnum):
    """Policies with a lower bound."""

    SHORTEST = "shortest"
    NO_BACKTRACK = "no_backtrack"


@app.callback()
def bench() -> None:
    """Solve published benchmark instances."""


@app.command()
def sprp(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="files, folders or globs")],
    blocks: Annotated[int, typer.Option(min=1, max=2, help="blocks of the floor")] = 1,
    policy: Annotated[ProvablePolicy, typer.Option(help="what is minimised")] = ProvablePolicy.SHORTEST,
    step_in: Annotated[int, typer.Option(min=0, metavar="MM", help="depth of a step-in, in the file's unit")] = 0,
    time_limit: Annotated[float, typer.Option(min=0, metavar="S", help="seconds to choose bins in")] = 2.0,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object a line")] = False,
) -> None:
    """Route single-picker instances (fixed and scattered, unit and varying); lengths in the file's own unit."""
    warm_up()
    files = list(_files(paths))
    if not files:
        raise typer.BadParameter("no instance there", param_hint="PATH")
    for file in files:
        try:
            instance = read_instance(file)
        except (OSError, ValueError) as error:
            raise typer.BadParameter(str(error), param_hint="PATH") from error
        result = _solve(instance, blocks, Policy(PolicyName(policy), step_in), Budget(round(1000 * time_limit)))
        print(json.dumps(result) if as_json else _in_words(result), flush=True)


def _files(paths: list[str]) -> Iterator[Path]:
    """The instance files named, each folder's and glob's in order."""
    for path in paths:
        if Path(path).is_dir():
            yield from sorted(Path(path).glob("*.txt"))
        else:
            yield from (Path(found) for found in sorted(glob(path)))  # noqa: PTH207 # Path takes no absolute patterns


def _solve(instance: Instance, blocks: int, policy: Policy, budget: Budget) -> dict[str, Any]:
    """One line of the result."""
    problem = to_problem(instance, blocks=blocks)
    begun = time.perf_counter()
    route = solve(problem, policy=policy, budget=budget)
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
        "route": [[supply.aisle, supply.cell, pick.line, pick.quantity] for supply, pick in picked],
    }


def _in_words(result: dict[str, Any]) -> str:
    return (
        f"{result['instance']:<40} {result['distance']:>6} (bound {result['lower_bound']}"
        f"{', optimal' if result['optimal'] else ''}), backtrack {result['backtrack']}, {result['seconds']:.3f} s"
    )
