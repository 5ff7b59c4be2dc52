"""What never turning back costs, and what each setting between that and the shortest route gives back.

Three dials on the published instances: how deep a picker may step in without the cart, how many in-and-back
arms a route may have, and how long a detour may be. Distances are held against the shortest route for the
same instance.
"""

import argparse
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.drawing.line_chart import charts_svg
from benchmarks.instances.optima import Published, asked_sample, published, sample_options
from routing.bin_choice import Budget
from routing.problem import PickProblem, Policy, PolicyName
from routing.published import to_problem
from routing.route import Certificate
from routing.solve import solve
from routing.warm_up import warm_up
from warehouse.floor import EdgeKind

SHORTEST = Policy(PolicyName.SHORTEST)
STEP_IN_PERCENT = tuple(range(0, 51, 5))
U_TURNS = tuple(range(11))
DETOURS_PERCENT = (0, 2, 5, 10, 20, 50)
SEARCH = Budget(time_ms=None, iterations=150)
"""About 50 ms on a quiet core; counted, so that the figures are the same wherever they are made."""

CONSOLE = Console(width=120)


@dataclass(frozen=True)
class Setting:
    """One position of a dial over all instances, in means: percent longer than the shortest, and more."""

    longer: float
    backtrack: float
    arms: float
    proven: float


@dataclass(frozen=True)
class Group:
    """Problems that are shown together, with their shortest routes."""

    name: str
    problems: list[PickProblem]
    shortest: list[Certificate]

    def at(self, policy_of: Callable[[PickProblem], Policy]) -> Setting:
        """What a policy gives on all of them; backtrack in percent of the shortest distance."""
        found = [_planned(problem, policy_of(problem)) for problem in self.problems]
        pairs = list(zip(found, self.shortest, strict=True))
        return Setting(
            statistics.mean(100 * (own.distance_mm / least.distance_mm - 1) for own, least in pairs),
            statistics.mean(100 * own.backtrack_mm / least.distance_mm for own, least in pairs),
            statistics.mean(own.arms for own in found),
            100 * statistics.mean(own.proven for own in found),
        )


def main(options: Sequence[str] = ()) -> None:
    """Print a table for each dial; with `--svg FILE` draw the first two."""
    parser = sample_options("dial", "Turn the dials between the shortest route and never turning back.")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw distance against step-in and U-turns")
    asked = parser.parse_args(options)
    warm_up()
    groups = list(_groups(asked))
    by_step_in = _dial(groups, "Step-in, % of an aisle", STEP_IN_PERCENT, _by_step_in)
    by_u_turns = _dial(groups, "In-and-back arms at most", U_TURNS, _by_u_turns)
    if asked.svg is not None:
        panels = [
            ("Never turning back: % longer than the shortest", "depth of a step-in, % of an aisle", by_step_in),
            ("Few U-turns: % longer than the shortest", "in-and-back arms allowed", by_u_turns),
        ]
        most = max(y for _, _, lines in panels for points in lines.values() for _, y in points)
        asked.svg.write_text(charts_svg(panels, top=20 * (most // 20 + 1)))
    _dial(groups, "Detour at most, %", DETOURS_PERCENT, _by_detour)


def _groups(asked: argparse.Namespace) -> list[Group]:
    fixed, scattered = published("sprp"), asked_sample(asked, "sprp_ss")
    return [
        _group("fixed bins, one block", fixed, 1),
        _group("fixed bins, two blocks", fixed, 2),
        _group("scattered bins, one block", scattered, 1),
    ]


def _group(name: str, instances: Sequence[Published], blocks: int) -> Group:
    problems = [to_problem(each.read(), blocks=blocks) for each in instances]
    return Group(name, problems, [_planned(problem, SHORTEST) for problem in problems])


def _planned(problem: PickProblem, policy: Policy) -> Certificate:
    return solve(problem, policy=policy, budget=SEARCH).certificate


def _by_step_in(percent: int) -> Callable[[PickProblem], Policy]:
    return lambda problem: Policy(step_in_mm=percent * _aisle_mm(problem) // 100)


def _aisle_mm(problem: PickProblem) -> int:
    return max(edge.length_mm for edge in problem.floor.edges if edge.kind is EdgeKind.AISLE)


def _by_u_turns(arms: int) -> Callable[[PickProblem], Policy]:
    return lambda _: replace(SHORTEST, u_turns_max=arms)


def _by_detour(percent: int) -> Callable[[PickProblem], Policy]:
    return lambda _: Policy(detour_percent_max=percent)


def _dial(
    groups: Sequence[Group],
    name: str,
    positions: Sequence[int],
    policy_of: Callable[[int], Callable[[PickProblem], Policy]],
) -> dict[str, list[tuple[float, float]]]:
    """Print the table of one dial; the distance at every position, by group."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for group in groups:
        table = Table(title=f"{group.name}, {len(group.problems)} instances")
        for heading in (name, "longer than the shortest, %", "backtrack, % of the shortest", "arms", "proven, %"):
            table.add_column(heading, justify="right")
        for position in positions:
            at = group.at(policy_of(position))
            lines.setdefault(group.name, []).append((position, at.longer))
            table.add_row(
                str(position), f"{at.longer:.2f}", f"{at.backtrack:.2f}", f"{at.arms:.2f}", f"{at.proven:.0f}"
            )
        CONSOLE.print(table)
    return lines
