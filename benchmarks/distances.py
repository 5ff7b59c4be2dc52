"""Distances between bins: set-up and one million random pairs, on sites of growing size.

The aim is a site of 100,000 bins in under 10 s and under 1 GiB, reading its site file not counted.
Each row is measured in a process of its own, so that its peak memory is its own, too; the peak
includes the Python libraries and the site with all its bins.
"""

import multiprocessing
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from rich.console import Console
from rich.table import Table

from warehouse.bins import BinType, Cart, StationKind, StorageClass
from warehouse.distances import NO_WAY_MM, Distances, spot_array
from warehouse.site_file import read_site, write_site
from warehouse.site_writing import OneWay, PlannedBinType, PlannedSite, PlannedStation, PlannedZone

NUM_PAIRS = 1_000_000
SHAPES = ((25, 2), (50, 5), (250, 10))
"""Aisles and blocks; with 20 bays on each side, 5 levels and 2 slots: 20,000, 100,000 and 1,000,000 bins."""


def site_text(num_aisles: int, blocks: int) -> str:
    """The site file of a large site with some one-way aisles."""
    return write_site(
        PlannedSite(
            code="BENCH",
            name="Benchmark",
            num_aisles=num_aisles,
            aisle_pitch_mm=3_500,
            blocks=blocks,
            bays=20,
            bay_width_mm=1_200,
            cross_aisle_width_mm=3_000,
            levels=5,
            slots=2,
            zones=[PlannedZone("all", list(StorageClass))],
            bin_types=[PlannedBinType(BinType("shelf", 600, 500, 400, 120_000_000, 50_000))],
            stations=[PlannedStation("carts", StationKind.CART_PARK, aisle="1", spur_mm=2_000)],
            cart=Cart(12, 60_000_000, 250_000),
            one_way=[OneWay("up", aisles="3-4"), OneWay("down", aisles="5-6")],
            bin_code="{aisle:03}-{bay:03}-{level:A}{slot:01}-{check}",
        )
    )


def measure(num_aisles: int, blocks: int) -> tuple[int, float, float, float, float]:
    """Number of bins, seconds to read, seconds to set up, seconds for all pairs, peak memory in MiB."""
    begin = time.perf_counter()
    site = read_site(site_text(num_aisles, blocks))
    assert not isinstance(site, list), site
    read = time.perf_counter()
    distances = Distances(site.floor)
    spots = spot_array(each.spot for each in site.bins)
    ready = time.perf_counter()
    rng = np.random.default_rng(1)
    starts, ends = rng.integers(len(spots), size=(2, NUM_PAIRS))
    found = distances.pairs(spots[starts], spots[ends])
    done = time.perf_counter()
    assert (found < NO_WAY_MM).all()
    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, Linux KiB
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20
    return len(site.bins), read - begin, ready - read, done - ready, peak


def main() -> None:
    """Print the table."""
    table = Table(title=f"Distances, {NUM_PAIRS:,} random pairs of bins")
    for heading in ("bins", "crossings", "read site, s", "set up, s", "pairs, s", "peak memory, MiB"):
        table.add_column(heading, justify="right")
    for num_aisles, blocks in SHAPES:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as own_process:
            num_bins, read, ready, done, peak = own_process.submit(measure, num_aisles, blocks).result()
        crossings = num_aisles * (blocks + 1)
        table.add_row(f"{num_bins:,}", f"{crossings:,}", f"{read:.1f}", f"{ready:.2f}", f"{done:.2f}", f"{peak:,.0f}")
    Console().print(table)
