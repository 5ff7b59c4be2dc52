"""How many head-on meetings in narrow aisles a crew is spared when runs give way to each other, and the price.

A generated day is planned twice, without and with giving way, and walked by the same pickers with the same luck:
paces differ and handling times vary, so what was planned to the second does not happen to the second.
"""

import argparse
from collections.abc import Sequence

import numpy as np

from inventory.rules.pick_runs import PickArea
from inventory.rules.random_stowing import Shares, place_at_random
from routing.bin_choice import Budget
from routing.problem import Policy
from sim.day import simulate_day
from sim.day_demand import generated_demand
from sim.demo_site import COVER_DAYS, planned_site
from sim.meetings import count_meetings
from sim.pickers import PickerTimes
from sim.planned_day import plan_day
from warehouse.site_file import read_site
from warehouse.site_writing import write_site

BINS_PER_PRODUCT = 5
WALKED = 10
"""Days walked on each plan; meetings are counts, and their mean needs no more for two figures."""


def main(options: Sequence[str]) -> None:
    """Print meetings and metres for crews of several sizes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks meetings", description=__doc__)
    parser.add_argument("--orders", type=int, default=60, help="orders of the day")
    parser.add_argument("--pickers", type=int, nargs="+", default=[6], help="crews")
    parser.add_argument("--every", type=int, default=600, help="seconds between releases")
    asked = parser.parse_args(list(options))
    demand = generated_demand(seed=1, num_orders=asked.orders)
    goods, lots = demand.as_arrays()
    orders, _ = demand.as_orders()
    site = read_site(write_site(planned_site(demand.volume_mm3, BINS_PER_PRODUCT, demand.name)))
    assert not isinstance(site, list), site
    area = PickArea.of_site(site)
    quantity = np.array([demand.units[code] * COVER_DAYS for code in goods.codes], dtype=np.int64)
    shares = Shares(np.arange(len(lots)), quantity, np.full(len(lots), BINS_PER_PRODUCT))
    stock = place_at_random(shares, lots, goods, area.shelves, seed=1).stock
    print("  pickers  giving way  runs  metres  meetings planned exactly  meetings walked")
    for crew in asked.pickers:
        for gives_way in (False, True):
            plan = plan_day(
                orders,
                stock,
                goods,
                area,
                policy=Policy(),
                release_every_s=asked.every,
                budget=Budget(time_ms=None, iterations=200),
                seed=1,
                num_pickers=crew if gives_way else None,
            )
            exact = PickerTimes(speed_cv=0.0, handling_cv=0.0)
            to_the_second, *lucky = (
                count_meetings(
                    area.floor,
                    plan.released,
                    simulate_day(plan.released, num_pickers=crew, times=times, seed=seed),
                )
                for seed, times in enumerate([exact] + [PickerTimes()] * WALKED)
            )
            print(
                f"  {crew:7}  {'yes' if gives_way else 'no':>10}  {len(plan.released):4}  "
                f"{plan.distance_mm / 1000:6.0f}  {to_the_second:24}  {np.mean(lucky):15.1f}",
                flush=True,
            )
