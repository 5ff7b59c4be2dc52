"""Ours against the published optima of single-picker instances, fixed and scattered, with proofs.

Every route is planned by the function behind `onward bench sprp`, after warm-up. Published times are of a
commercial solver (and for fixed bins of the authors' dynamic program) on the authors' machine, for one block.
"""

import argparse
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from api.commands.bench import SprpResult, route_instance
from benchmarks.instances.optima import Published, asked_sample, published, sample_options
from routing.bin_choice import Budget
from routing.problem import Policy, PolicyName
from routing.warm_up import warm_up

SHORTEST, NO_BACKTRACK = Policy(PolicyName.SHORTEST), Policy()
FULL_MS = 2000
SEARCHES_MS = (10, 50, FULL_MS)
ROUNDS = 3
"""How often fixed instances are solved: their times are so short that one disturbance would stand out."""

CONSOLE = Console(width=140)


@dataclass(frozen=True)
class Solved:
    """An instance with what we found, and how long that is above what is published, in percent."""

    of: Published
    found: SprpResult

    @property
    def gap(self) -> float:
        """How much longer than the shortest route there is."""
        return 100 * (self.found["distance"] / self.of.optimum[self.found["blocks"]] - 1)

    @property
    def possible_gap(self) -> float:
        """How much longer than any route can be shown to be: published values may be below every choice of bins."""
        least = max(self.found["lower_bound"], self.of.optimum[self.found["blocks"]])
        return 100 * (self.found["distance"] / least - 1)

    @property
    def ms(self) -> float:
        """How long it took."""
        return 1000 * self.found["seconds"]


def main(options: Sequence[str] = ()) -> None:
    """Print the tables: fixed bins, scattered bins, and scattered bins without turning back."""
    parser = sample_options("published", "Hold routes against published optima.")
    parser.add_argument(
        "--prove", type=float, metavar="S", help="give instances that 2 s do not prove up to S seconds more"
    )
    asked = parser.parse_args(options)
    warm_up()
    _fixed()
    _scattered(asked_sample(asked, "sprp_ss"), asked)


def _solve(instance: Published, blocks: int, policy: Policy, time_ms: int) -> Solved:
    """Solve one instance; a distance below a published optimum, or a bound above it on one block, is a fault of ours.

    On two blocks some published values are below every choice of bins there is: pricing all of them one by one,
    where that can be done, shows it. They are counted, not taken for optima that were missed.
    """
    found = route_instance(instance.read(), blocks=blocks, policy=policy, budget=Budget(time_ms))
    optimum = instance.optimum[blocks]
    assert found["distance"] >= optimum, (found["instance"], found["distance"], optimum)
    if policy.name is PolicyName.SHORTEST and blocks == 1:
        assert found["lower_bound"] <= optimum, (found["instance"], optimum)
    return Solved(instance, found)


def _fixed() -> None:
    """All instances with fixed bins, one and two blocks."""
    table = Table(
        title="Fixed bins, shortest",
        caption="MIP, DP: published times of a commercial solver and of the authors' dynamic program",
    )
    for heading in (
        "blocks",
        "aisles",
        "instances",
        "optimal",
        "proven",
        "p50 ms",
        "p99 ms",
        "MIP p50 ms",
        "DP p50 ms",
    ):
        table.add_column(heading, justify="right")
    instances = published("sprp")
    for blocks in (1, 2):
        rounds = [[_solve(each, blocks, SHORTEST, FULL_MS) for each in instances] for _ in range(ROUNDS)]
        for aisles in (*sorted({each.num_aisles for each in instances}), None):
            group = [[one for one in solved if aisles in (None, one.of.num_aisles)] for solved in rounds]
            times = np.percentile([one.ms for solved in group for one in solved], [50, 99])
            table.add_row(
                str(blocks),
                str(aisles or "all"),
                str(len(group[0])),
                str(min(sum(one.gap == 0 for one in solved) for solved in group)),
                str(min(sum(one.found["optimal"] for one in solved) for solved in group)),
                *(f"{ms:.2f}" for ms in times),
                *(_published_ms([one.of for one in group[0]], blocks)),
            )
        table.add_section()
    CONSOLE.print(table)


def _published_ms(instances: Sequence[Published], blocks: int) -> tuple[str, str]:
    """Median published times in ms."""
    if blocks == 2:
        return "", ""
    dp_ms = [each.dp_ms for each in instances if each.dp_ms is not None]
    return f"{statistics.median(each.mip_ms for each in instances):.2f}", f"{statistics.median(dp_ms):.2f}"


def _scattered(instances: Sequence[Published], asked: argparse.Namespace) -> None:
    """Scattered bins: how near and how well proven, by time, by class, and under both policies."""
    summary = _gap_table("Scattered bins, shortest", "blocks", "ms")
    for blocks in (1, 2):
        for time_ms in SEARCHES_MS:
            solved = [_solve(each, blocks, SHORTEST, time_ms) for each in instances]
            summary.add_row(f"{blocks}", f"{time_ms}", *_gap_cells(solved))
            if time_ms == FULL_MS:
                summary.add_section()
                above = sum(one.found["lower_bound"] > one.of.optimum[blocks] for one in solved)
                print(f"{blocks} blocks: published values below our bound: {above} of {len(solved)}")
                _print_classes(solved)
                _prove_longer(solved, asked.prove)
    CONSOLE.print(summary)
    _without_backtrack(instances)


def _gap_table(title: str, *first: str) -> Table:
    caption = (
        "optimal: as published; possible gap: to our bound where that is above the published value; "
        "MIP: published times of a commercial solver, one block"
    )
    table = Table(title=title, caption=caption)
    columns = (
        "instances",
        "optimal",
        "optimal %",
        "mean gap %",
        "worst %",
        "possible gap %",
        "proven %",
        "p50 ms",
        "p99 ms",
    )
    for heading in (*first, *columns, "MIP p50 ms", f"MIP in {FULL_MS / 1000:g} s, %"):
        table.add_column(heading, justify="right")
    return table


def _gap_cells(solved: Sequence[Solved]) -> list[str]:
    """The figures of one row."""
    gaps = [one.gap for one in solved]
    p50_ms, p99_ms = np.percentile([one.ms for one in solved], [50, 99])
    optimal = sum(gap == 0 for gap in gaps)
    mip_ms = [one.of.mip_ms for one in solved if one.found["blocks"] == 1]
    return [
        str(len(gaps)),
        str(optimal),
        _percent(optimal, len(gaps)),
        f"{statistics.mean(gaps):.3f}",
        f"{max(gaps):.2f}",
        f"{statistics.mean(one.possible_gap for one in solved):.3f}",
        _percent(sum(one.found["optimal"] for one in solved), len(gaps)),
        f"{p50_ms:.1f}",
        f"{p99_ms:.1f}",
        f"{statistics.median(mip_ms):.0f}" if mip_ms else "",
        _percent(sum(ms <= FULL_MS for ms in mip_ms), len(mip_ms)) if mip_ms else "",
    ]


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}"


def _print_classes(solved: Sequence[Solved]) -> None:
    """One table by kind, by scatter and by size of order."""
    blocks = solved[0].found["blocks"]
    table = _gap_table(f"Scattered bins, shortest, {blocks} block{'s' * (blocks > 1)}, {FULL_MS / 1000:g} s", "class")
    classes: dict[str, Callable[[Published], Any]] = {
        "{}": lambda each: each.kind,
        "{} bins each": lambda each: each.scatter,
        "{} articles": lambda each: each.num_articles,
    }
    for name, trait in classes.items():
        for value in sorted({trait(one.of) for one in solved}):
            table.add_row(name.format(value), *_gap_cells([one for one in solved if trait(one.of) == value]))
        table.add_section()
    CONSOLE.print(table)


def _prove_longer(solved: Sequence[Solved], seconds: float | None) -> None:
    """Name what is not proven in time, and how long a proof takes if there is time for it."""
    unproven = [one for one in solved if not one.found["optimal"]]
    print(f"not proven in {FULL_MS / 1000:g} s: {len(unproven)}", flush=True)
    for one in unproven:
        told = f"  {one.of.file.name}: {one.found['distance']}, bound {one.found['lower_bound']}"
        if seconds is not None:
            longer = _solve(one.of, one.found["blocks"], SHORTEST, round(1000 * seconds))
            how = "proven" if longer.found["optimal"] else f"not proven, bound {longer.found['lower_bound']}"
            told += f"; with more time {longer.found['distance']}, {how} in {longer.ms / 1000:.1f} s"
        if one.found["blocks"] == 1:
            told += f" (published MIP {one.of.mip_ms / 1000:.1f} s)"
        print(told, flush=True)


def _without_backtrack(instances: Sequence[Published]) -> None:
    """Scattered bins without turning back: how often there is such a route, how well proven, at what price."""
    table = Table(title=f"Scattered bins, no_backtrack, {FULL_MS / 1000:g} s")
    for heading in ("blocks", "instances", "no backtrack", "proven %", "mean gap to bound %", "above shortest, %"):
        table.add_column(heading, justify="right")
    for heading in ("p50 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    for blocks in (1, 2):
        solved = [_solve(each, blocks, NO_BACKTRACK, FULL_MS) for each in instances]
        bound_gaps = [100 * (one.found["distance"] / max(1, one.found["lower_bound"]) - 1) for one in solved]
        times = np.percentile([one.ms for one in solved], [50, 99])
        table.add_row(
            str(blocks),
            str(len(solved)),
            str(sum(one.found["backtrack"] == 0 for one in solved)),
            _percent(sum(one.found["optimal"] for one in solved), len(solved)),
            f"{statistics.mean(bound_gaps):.2f}",
            f"{statistics.mean(one.gap for one in solved):.1f}",
            *(f"{ms:.1f}" for ms in times),
        )
    CONSOLE.print(table)
