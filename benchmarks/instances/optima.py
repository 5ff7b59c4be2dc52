"""Published single-picker instances with their proven optima and published solve times."""

import argparse
import csv
import re
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from routing.published import Instance, read_instance
from tests.shared_data import SHARED

PER_CLASS = 1
"""Instances of each of the 24 classes in a sample: every class is seen, in a few minutes."""

NAME = re.compile(r"(?P<kind>unit|varying)_F(?P<scatter>\d+)_m(?P<aisles>\d+)_C(?P<cells>\d+)_a(?P<articles>\d+)_")


@dataclass(frozen=True)
class Published:
    """An instance and what is published about it.

    `kind` is "unit" (each article once) or "varying" (quantities), `scatter` in how many bins an article lies,
    `optimum` the shortest tour by the number of blocks, `mip_ms` and `dp_ms` how long a commercial solver and
    the authors' dynamic program took for one block.
    """

    file: Path
    kind: str
    scatter: int
    num_aisles: int
    num_articles: int
    optimum: dict[int, int] = field(hash=False)
    mip_ms: float
    dp_ms: float | None

    @property
    def of_class(self) -> tuple[str, int, int]:
        """Its class: kind, scatter, number of articles."""
        return self.kind, self.scatter, self.num_articles

    def read(self) -> Instance:
        """The instance itself."""
        return read_instance(self.file)


def published(name: str) -> list[Published]:
    """All instances of the folder `name` beside the project; leaves with a line if it is not there."""
    if SHARED is None:
        sys.exit("the published instances are not beside the project")
    folder = SHARED / "bench" / name
    return [_published(folder, row) for row in csv.DictReader((folder / "optimum.csv").read_text().splitlines())]


def _published(folder: Path, row: dict[str, str]) -> Published:
    facts = NAME.match(row["instance"])
    assert facts is not None, row["instance"]
    return Published(
        file=folder / row["instance"],
        kind=facts["kind"],
        scatter=int(facts["scatter"]),
        num_aisles=int(facts["aisles"]),
        num_articles=int(facts["articles"]),
        optimum={1: int(row["optimum_one_block"]), 2: int(row["optimum_two_block"])},
        mip_ms=float(row["published_mip_ms_cplex"]),
        dp_ms=float(row["published_dp_ms"]) if row["published_dp_ms"] else None,
    )


def sample(instances: Sequence[Published], per_class: int | None) -> list[Published]:
    """`per_class` instances of every class, evenly spaced by name, or all for None."""
    if per_class is None:
        return list(instances)
    classes: defaultdict[tuple[str, int, int], list[Published]] = defaultdict(list)
    for each in sorted(instances, key=lambda each: each.file.name):
        classes[each.of_class].append(each)
    chosen = []
    for _, members in sorted(classes.items()):
        count = min(per_class, len(members))
        chosen += [members[(2 * number + 1) * len(members) // (2 * count)] for number in range(count)]
    return chosen


def sample_options(name: str, about: str) -> argparse.ArgumentParser:
    """A parser with the options that say how many instances are taken; read them with `asked_sample`."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks {name}", description=about)
    parser.add_argument(
        "--per-class", type=int, default=PER_CLASS, help=f"instances of each class (default {PER_CLASS})"
    )
    parser.add_argument("--all", action="store_true", help="take every instance")
    return parser


def asked_sample(asked: argparse.Namespace, name: str) -> list[Published]:
    """The instances of folder `name` that the options ask for; prints which they are."""
    everything = published(name)
    chosen = sample(everything, None if asked.all else max(1, asked.per_class))
    print(f"{name}: {len(chosen)} of {len(everything)} instances, of every class\n", flush=True)
    return chosen
