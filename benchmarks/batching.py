"""Orders on carts: how near the best known of published instances, and a day of 2,000 orders from order to route."""

import argparse
import csv
import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from api.commands.bench import batch_instance
from routing.batching import Item, make_batches
from routing.bin_choice import Budget
from routing.problem import PickLine, PickProblem, Source
from routing.published_batching import read_batching
from routing.solve import solve
from routing.warm_up import warm_up
from tests.shared_data import SHARED
from warehouse.bins import Cart
from warehouse.floor import Floor, Spot
from warehouse.layouts import rectangular_floor

PER_FAMILY = 6
"""Instances of each family in a sample, evenly spaced by name: the table is there in a few minutes."""

EQUAL = 1e-9
"""Of the distance: published values have two decimals at most, so less is a matter of arithmetic."""

AISLES, CROSS_AISLES, ORDERS, LINES, BINS = 40, 3, 2_000, 3, 3
AISLE_PITCH_MM, SEGMENT_MM, CELL_MM = 3_000, 15_000, 500
CART = Cart(num_totes=12, tote_volume_mm3=60_000_000, load_g=250_000)
UNIT_MM3, UNIT_G = 2_000_000, 800  # an order goes into one tote, so a cart takes twelve
ROUTE_MS = 50  # for the bins and the path of one cart

CONSOLE = Console(width=120)


@dataclass(frozen=True)
class Known:
    """A published instance and the shortest distance that anybody has published for it."""

    file: Path
    distance: float
    proven: bool


def known(folder: str, family: str) -> list[Known]:
    """The instances of a folder beside the project whose names begin with `family`; leaves if it is not there."""
    if SHARED is None:
        sys.exit("the published instances are not beside the project")
    path = SHARED / "bench" / folder
    rows = csv.DictReader((path / "best_known.csv").read_text().splitlines())
    found = [
        Known(path / row["instance"], float(row["best_known_distance"]), row["proven_optimal"] == "True")
        for row in rows
        if row["instance"].startswith(family)
    ]
    return sorted(found, key=lambda each: each.file.name)


def spread(instances: Sequence[Known], many: int) -> list[Known]:
    """So many of the instances, evenly spaced."""
    many = min(many, len(instances))
    return [instances[(2 * number + 1) * len(instances) // (2 * many)] for number in range(many)]


def gap_of(instance: Known, budget: Budget) -> float:
    """How much longer the walks of our batches are than the best published, as a share; less than 0 if shorter."""
    distance = batch_instance(read_batching(instance.file), budget=budget)["distance"]
    gap = distance / instance.distance - 1
    assert gap > -EQUAL or not instance.proven, f"{instance.file.name}: {distance} is below a proven optimum"
    return 0.0 if abs(gap) < EQUAL else gap


def print_gaps(asked: argparse.Namespace) -> None:
    """Print for each family how near the best known its instances come."""
    table = Table(title=f"Orders in batches, {asked.time_limit:g} s an instance", title_justify="left")
    for head in ("family", "instances", "mean gap", "worst", "at the best known", "below it", "up to 1 %"):
        table.add_column(head, justify="right")
    budget = Budget(round(1000 * asked.time_limit))
    for name, folder, family in (
        ("Henn, uniform", "batching_henn", "u/"),
        ("Henn, by class", "batching_henn", "cb/"),
        ("Foodmart", "batching_foodmart", ""),
    ):
        everything = known(folder, family)
        chosen = everything if asked.all else spread(everything, asked.per_family)
        batch_instance(read_batching(chosen[0].file), budget=Budget(None, iterations=1))  # compiles
        gaps = []
        for each in chosen:
            gaps.append(gap_of(each, budget))
            print(f"{name:>15} {each.file.name:<32} {gaps[-1]:>8.3%}", flush=True)
        table.add_row(
            name,
            f"{len(chosen)} of {len(everything)}",
            f"{statistics.fmean(gaps):.3%}",
            f"{max(gaps):.3%}",
            f"{sum(gap == 0 for gap in gaps)}",
            f"{sum(gap < 0 for gap in gaps)}",
            f"{sum(gap <= 0.01 for gap in gaps)}",
        )
    CONSOLE.print(table)


def day(seed: int) -> tuple[Floor, list[list[tuple[Spot, ...]]]]:
    """A floor, and for every line of every order the places where it lies, drawn anywhere."""
    dice = random.Random(seed)
    floor = rectangular_floor(
        [AISLE_PITCH_MM * aisle for aisle in range(AISLES)], [SEGMENT_MM * row for row in range(CROSS_AISLES)]
    )
    assert floor.grid is not None
    segments = [edge for column in floor.grid.segments for edge in column]
    cells = range(CELL_MM, SEGMENT_MM, CELL_MM)

    def line() -> tuple[Spot, ...]:
        return tuple({Spot(dice.choice(segments), dice.choice(cells)): None for _ in range(BINS)})

    return floor, [[line() for _ in range(LINES)] for _ in range(ORDERS)]


def print_day(seed: int) -> None:
    """Print how long a day of orders takes from order to route, and how far it is walked."""
    floor, orders = day(seed)
    assert floor.grid is not None
    start = floor.spot_at(floor.grid.nodes[0][0])
    items = [[Item(1, UNIT_MM3, UNIT_G, tuple(sorted({spot.edge for spot in line}))) for line in own] for own in orders]
    begun = time.perf_counter()
    carts = make_batches(items, floor, CART, seed=seed, start=start).batches
    batched = time.perf_counter()
    walked_mm = backtrack_mm = 0
    for loads in carts:
        lines = tuple(
            PickLine(f"{load.order}-{number}", 1, tuple(Source(f"{spot}", spot, 1) for spot in line))
            for load in loads
            for number, line in enumerate(orders[load.order])
        )
        own = solve(PickProblem(floor, lines, start), budget=Budget(ROUTE_MS), seed=seed).certificate
        walked_mm += own.distance_mm
        backtrack_mm += own.backtrack_mm
    routed = time.perf_counter()
    print(
        f"{ORDERS} orders, {ORDERS * LINES} lines of {BINS} bins, {AISLES} aisles x {CROSS_AISLES} cross aisles, "
        f"seed {seed}: {len(carts)} carts, {walked_mm / 1e6:.2f} km, backtrack {backtrack_mm} mm; "
        f"batches {batched - begun:.1f} s, routes {routed - batched:.1f} s, together {routed - begun:.1f} s",
        flush=True,
    )


def main(options: Sequence[str]) -> None:
    """Print the gaps of the published instances, and the day of 2,000 orders."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks batching", description=__doc__)
    parser.add_argument("--time-limit", type=float, default=10.0, metavar="S", help="seconds an instance (default 10)")
    parser.add_argument("--per-family", type=int, default=PER_FAMILY, help=f"instances (default {PER_FAMILY})")
    parser.add_argument("--all", action="store_true", help="take every instance")
    parser.add_argument("--seed", type=int, default=0, help="of the day of orders (default 0)")
    asked = parser.parse_args(options)
    warm_up()
    print_day(asked.seed)
    print_gaps(asked)
