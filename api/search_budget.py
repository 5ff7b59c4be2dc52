"""How long the search of a command may go on: by the clock, by counted iterations, or both."""

import math
from typing import Annotated

import typer

from routing.bin_choice import Budget

TIME_LIMIT_MAX_S = 604_800.0
"""A week: nobody waits longer, and it fits every clock."""
ITERATIONS_MAX = 1_000_000_000
"""More than a week's worth; it fits every counter."""
SEED_MAX = 2**32 - 1
"""What the generators of random numbers are seeded with."""

Iterations = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=ITERATIONS_MAX,
        metavar="N",
        help="Steps of the search; without --time-limit no clock is looked at, and the answer is always the same.",
    ),
]
Seed = Annotated[int, typer.Option(min=0, max=SEED_MAX, help="Of the random numbers of the search.")]


def budget_of(time_limit: float | None, iterations: int | None, *, seconds: float) -> Budget:
    """The budget that two options make.

    Parameters
    ----------
    time_limit
        Seconds, if asked for.
    iterations
        How many, if asked for.
    seconds
        The time limit where neither is given.

    Raises
    ------
    typer.BadParameter
        If the time limit is no number of seconds.
    """
    if time_limit is None:
        return Budget(round(1000 * seconds) if iterations is None else None, iterations)
    if not math.isfinite(time_limit):
        raise typer.BadParameter("needs a number of seconds", param_hint="--time-limit")
    return Budget(round(1000 * time_limit), iterations)
