"""Ours against others on scattered instances: the trade's rules, OR-Tools' routing library and PyVRP.

Ours gets 50 ms, and counts with its median of five seeds; the libraries get more time, each its own. All see
the same instances in one run, and every route is judged and measured by the same `routing.verify`. Times run
from the problem to the judged route, for everybody.
"""

import statistics
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.instances.optima import Published, asked_sample, sample_options
from benchmarks.rivals.ortools_routing import ortools_order
from benchmarks.rivals.places import places, walked_mm
from benchmarks.rivals.pyvrp_groups import pyvrp_order
from benchmarks.rivals.trade_rules import nearest_s_shape, random_largest_gap
from routing.bin_choice import Budget
from routing.problem import PickProblem, Policy, PolicyName
from routing.published import to_problem
from routing.solve import solve
from routing.warm_up import warm_up

OURS = "ours, 50 ms"
BUDGET = Budget(50)
SHORTEST = Policy(PolicyName.SHORTEST)
SEEDS = range(5)
ORTOOLS_S = 1
PYVRP_S = 2


@dataclass(frozen=True)
class Walked:
    """How far one walks by somebody's plan, in the instance's unit, and how long it took to make."""

    distance: float
    seconds: float


Planner = Callable[[PickProblem, int], int]
"""Plans a problem with a seed and says how far one walks."""


def ours(problem: PickProblem, seed: int) -> int:
    """What this project walks."""
    return solve(problem, policy=SHORTEST, budget=BUDGET, seed=seed).certificate.distance_mm


def ortools_routing(problem: PickProblem, seed: int) -> int:
    """What OR-Tools walks; its search knows no seed."""
    del seed
    where = places(problem)
    return walked_mm(where, ortools_order(where, ORTOOLS_S))


def pyvrp(problem: PickProblem, seed: int) -> int:
    """What PyVRP walks."""
    where = places(problem)
    with warnings.catch_warnings(action="ignore"):  # it tells when its penalties reach their limit
        return walked_mm(where, pyvrp_order(where, PYVRP_S, seed))


PLANNERS: dict[str, tuple[Planner, Sequence[int]]] = {
    OURS: (ours, SEEDS),
    "nearest bins, S-shape": (nearest_s_shape, range(1)),
    "random bins, largest gap": (random_largest_gap, SEEDS),
    f"OR-Tools, {ORTOOLS_S} s": (ortools_routing, range(1)),
    f"PyVRP, {PYVRP_S} s": (pyvrp, range(1)),
}
"""Everybody with the seeds of which the median counts."""
PEERS = [name for name in PLANNERS if name != OURS]


def main(options: Sequence[str] = ()) -> None:
    """Print by how much each peer walks farther, where, and every instance where one walks less."""
    parser = sample_options("peers", "Compare routes with those of other planners on scattered instances.")
    parser.add_argument("--blocks", type=int, choices=(1, 2), default=1, help="blocks of the floor (default 1)")
    asked = parser.parse_args(options)
    instances = asked_sample(asked, "sprp_ss")
    warm_up()
    found = {}
    for number, instance in enumerate(instances):
        problem = to_problem(instance.read(), blocks=asked.blocks)
        if number == 0:
            _plan_all(problem)  # first calls load and compile
        found[instance] = _plan_all(problem)
        assert all(walked.distance >= instance.optimum[asked.blocks] for walked in found[instance].values())
    console = Console(width=120)
    console.print(_by_class(found))
    console.print(_summary(found))
    _print_losses(found, asked.blocks)


def _plan_all(problem: PickProblem) -> dict[str, Walked]:
    """What everybody walks for one problem."""
    return {name: _median(problem, planner, seeds) for name, (planner, seeds) in PLANNERS.items()}


def _median(problem: PickProblem, planner: Planner, seeds: Iterable[int]) -> Walked:
    distances, seconds = [], []
    for seed in seeds:
        begun = time.perf_counter()
        distances.append(planner(problem, seed))
        seconds.append(time.perf_counter() - begun)
    return Walked(statistics.median(distances), statistics.median(seconds))


def _by_class(found: dict[Published, dict[str, Walked]]) -> Table:
    """How much farther each peer walks on average, class by class."""
    table = Table(title="Mean distance of each peer above ours, %; * where ours is worse on average")
    for heading in ("kind", "bins each", "articles", "instances", *PEERS):
        table.add_column(heading, justify="right")
    classes = defaultdict(list)
    for instance, walked in found.items():
        classes[instance.of_class].append(walked)
    for of_class, members in sorted(classes.items()):
        table.add_row(*map(str, of_class), str(len(members)), *(_above_text(members, peer) for peer in PEERS))
    table.add_section()
    table.add_row("all", "", "", str(len(found)), *(_above_text(list(found.values()), peer) for peer in PEERS))
    return table


def _above(walked: dict[str, Walked], peer: str) -> float:
    """How much farther a peer walks than we do, in percent of ours."""
    return 100 * (walked[peer].distance / walked[OURS].distance - 1)


def _above_text(members: Sequence[dict[str, Walked]], peer: str) -> str:
    mean = statistics.mean(_above(walked, peer) for walked in members)
    return f"{mean:.2f}{'*' if mean < 0 else ''}"


def _summary(found: dict[Published, dict[str, Walked]]) -> Table:
    """How often each peer is beaten, and how long everybody takes."""
    table = Table(title="Instance by instance")
    for heading in ("", "ours shorter", "equal", "ours longer", "mean above ours, %", "p50 s", "times our time"):
        table.add_column(heading, justify="right")
    own_s = statistics.median(walked[OURS].seconds for walked in found.values())
    table.add_row(OURS, "", "", "", "", f"{own_s:.3f}", "1")
    for peer in PEERS:
        above = [_above(walked, peer) for walked in found.values()]
        peer_s = statistics.median(walked[peer].seconds for walked in found.values())
        counts = (sum(each > 0 for each in above), sum(each == 0 for each in above), sum(each < 0 for each in above))
        table.add_row(
            peer, *map(str, counts), f"{statistics.mean(above):.2f}", f"{peer_s:.3f}", f"{peer_s / own_s:.2g}"
        )
    return table


def _print_losses(found: dict[Published, dict[str, Walked]], blocks: int) -> None:
    """Name every instance on which a peer walks less."""
    losses = [
        f"{instance.file.name}: {peer} {walked[peer].distance:g}, ours {walked[OURS].distance:g}, "
        f"optimum {instance.optimum[blocks]}"
        for instance, walked in found.items()
        for peer in PEERS
        if walked[peer].distance < walked[OURS].distance
    ]
    print("\n".join(["\nWhere a peer walks less:", *losses] if losses else ["\nNo peer walks less anywhere."]))
