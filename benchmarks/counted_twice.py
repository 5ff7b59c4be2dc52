"""Whether published two-block values count twice what lies in an aisle that is walked through twice.

Some published values of instances with quantities are below every choice of bins. An integer program that shares
no code with the route search finds the shortest tour twice: with units counted once, and counted twice where the
part of an aisle between two cross aisles is walked twice. With single units both are equally long: a control.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.instances.optima import Published, published, sample, sample_options
from benchmarks.tour_program import ProgramResult, shortest_by_program
from routing.published import to_problem

BLOCKS = 2
TIME_LIMIT_S = 5.0
"""Enough for most instances of five and ten aisles."""
AISLES_MAX = 10
"""Hardly any larger floor is solved in time."""


@dataclass(frozen=True)
class Read:
    """An instance with its shortest tours, units counted once and twice."""

    of: Published
    once: ProgramResult
    twice: ProgramResult

    @property
    def published(self) -> int:
        """The published length."""
        return self.of.optimum[BLOCKS]


def main(options: Sequence[str] = ()) -> None:
    """Print how the published values compare with both readings, and what the second does to values below."""
    parser = sample_options("counted_twice", "Read published two-block values in two ways.")
    parser.add_argument(
        "--time-limit", type=float, default=TIME_LIMIT_S, metavar="S", help="seconds an instance and a reading"
    )
    parser.add_argument(
        "--aisles-max",
        type=int,
        default=AISLES_MAX,
        metavar="A",
        help=f"leave out larger floors (default {AISLES_MAX})",
    )
    asked = parser.parse_args(options)
    fitting = [each for each in published("sprp_ss") if each.num_aisles <= asked.aisles_max]
    instances = sample(fitting, None if asked.all else max(1, asked.per_class))
    print(f"sprp_ss: {len(instances)} of {len(fitting)} instances of at most {asked.aisles_max} aisles\n", flush=True)
    reads = [_read(each, asked.time_limit) for each in instances]
    table = Table(
        title=f"Shortest tours on two blocks by an integer program, {asked.time_limit:g} s each",
        caption="below, above: the published value is below or above what is shown to be shortest",
    )
    headings = ("kind", "bins each", "instances", "once: solved", "published", "below", "above")
    for heading in (*headings, "twice: solved", "published", "below", "above"):
        table.add_column(heading, justify="right")
    for kind in sorted({each.of.kind for each in reads}):
        of_kind = [each for each in reads if each.of.kind == kind]
        for scatter in (*sorted({each.of.scatter for each in of_kind}), None):
            group = [each for each in of_kind if scatter in (None, each.of.scatter)]
            cells = [*_cells(group, lambda each: each.once), *_cells(group, lambda each: each.twice)]
            table.add_row(kind, str(scatter or "all"), str(len(group)), *cells)
        table.add_section()
    Console(width=120).print(table)
    _print_explained([each for each in reads if each.of.kind == "varying"])


def _read(instance: Published, time_limit_s: float) -> Read:
    """Solve an instance in both ways; a tour that really brings everything is no shorter than published."""
    problem = to_problem(instance.read(), blocks=BLOCKS)
    once, twice = (
        shortest_by_program(problem, counted_when_twice=times, time_limit_s=time_limit_s) for times in (1, 2)
    )
    assert once.distance_mm is None or once.distance_mm >= instance.optimum[BLOCKS], instance.file.name
    return Read(instance, once, twice)


def _cells(reads: Sequence[Read], reading: Callable[[Read], ProgramResult]) -> list[str]:
    """How many are solved, as published, published below the bound, and published above the tour."""
    solved = [(each.published, reading(each).distance_mm) for each in reads]
    return [
        str(sum(found is not None for _, found in solved)),
        str(sum(found == published for published, found in solved)),
        str(sum(each.published < reading(each).bound_mm for each in reads)),
        str(sum(found is not None and found < published for published, found in solved)),
    ]


def _print_explained(reads: Sequence[Read]) -> None:
    """Of the instances with quantities that are solved both ways: what counting twice explains and what it spoils."""
    both = [each for each in reads if each.once.distance_mm is not None and each.twice.distance_mm is not None]
    print(f"with quantities, solved both ways: {len(both)}")
    for told, group in (
        ("published below the tour", [each for each in both if each.published != each.once.distance_mm]),
        ("published as the tour", [each for each in both if each.published == each.once.distance_mm]),
    ):
        found = [(each.twice.distance_mm or 0) - each.published for each in group]
        print(
            f"  {told}: {len(group)}; counted twice {sum(gap == 0 for gap in found)} as published, "
            f"{sum(gap > 0 for gap in found)} still longer, {sum(gap < 0 for gap in found)} shorter than published"
        )
