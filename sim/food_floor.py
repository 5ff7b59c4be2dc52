"""The floor for a grocer's year: room for the largest stock that its shipments, orders and shelf lives leave.

Problem
    Shipments come in large lots, and not when they are needed: goods pile up over months. A floor that is sized by
    what is ordered alone is full in summer, and what finds no bin cannot be sold.
Method
    The year is run through in numbers first: each morning what is expired goes and what is shipped or missing comes,
    then the orders take what expires first. The largest volume of each storage class fills its aisles to `FILL`.
Complexity
    O(days * (products + lots)).
Limits
    Nothing is ever short or held back in it, and no bin is looked at: what is left of a bin that no unit fits into
    is part of what `FILL` leaves free.
"""

import dataclasses
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from sim.demo_site import COVER_DAYS, FILL, planned_site
from sim.food_demand import FoodYear
from warehouse.bins import StorageClass
from warehouse.site_writing import PlannedSite, PlannedZone, Where

LOW_DAYS = 5
"""A product of which there is less than these days' orders is filled up ..."""

FILL_DAYS = 10
"""... to what these days ask for."""

BINS_A_PRODUCT = 4

Lots = dict[date, int]
"""Units of a product by the last day on which they may be sold."""


def coming_in(year: FoodYear, coming: Sequence[date], here: Mapping[str, int]) -> Counter[str]:
    """Units of each product to take in on the first of the coming days: what was shipped, and what is missing."""
    came = Counter(year.shipped.get(coming[0], {}))
    needed, wanted = year.units(coming[:LOW_DAYS]), year.units(coming[:FILL_DAYS])
    for product in needed:
        there = here.get(product, 0) + came[product]
        if there < needed[product]:
            came[product] += wanted[product] - there
    return came


def expires_on(year: FoodYear, product: str, day: date) -> date | None:
    """When units that come in on a day expire, if they do."""
    life_days = year.class_of[product].shelf_life_days
    return None if life_days is None else day + timedelta(days=life_days)


def largest_stock_mm3(year: FoodYear) -> Counter[StorageClass]:
    """The largest volume of each storage class that is there on any day of the year."""
    volume_mm3 = {each.code: each.length_mm * each.width_mm * each.height_mm for each in year.products}
    lots: dict[str, Lots] = defaultdict(dict)
    largest: Counter[StorageClass] = Counter()
    for number, day in enumerate(year.days):
        for product, old in lots.items():
            lots[product] = {last: units for last, units in old.items() if last >= day}
        here = {product: sum(left.values()) for product, left in lots.items()}
        for product, units in coming_in(year, year.days[number : number + FILL_DAYS], here).items():
            last = expires_on(year, product, day) or date.max
            lots[product][last] = lots[product].get(last, 0) + units
        now: Counter[StorageClass] = Counter()
        for product, left in lots.items():
            now[year.class_of[product].storage_class] += sum(left.values()) * volume_mm3[product]
        largest |= now
        for product, units in year.units([day]).items():
            _sell(lots[product], units)
    return largest


def _sell(lots: Lots, units: int) -> None:
    """Take units out of the lots, first those that expire first."""
    for last in sorted(lots):
        taken = min(units, lots[last])
        lots[last] -= taken
        units -= taken


def food_site(year: FoodYear) -> PlannedSite:
    """A site with as many aisles for each storage class as its largest stock of the year asks for."""
    largest_mm3 = largest_stock_mm3(year)
    site = planned_site(largest_mm3.total() // COVER_DAYS, BINS_A_PRODUCT, "FoodMart, 1997")
    shelf_mm3 = site.bin_types[0].bin_type.volume_mm3
    aisle_mm3 = shelf_mm3 * site.slots * site.levels * site.bays * site.blocks * 2
    zones, last = [], 0
    for kept in (StorageClass.AMBIENT, StorageClass.CHILLED, StorageClass.FROZEN):
        first, last = last + 1, last + max(1, math.ceil(largest_mm3[kept] / FILL / aisle_mm3))
        zones.append(PlannedZone(kept.value, [kept], [Where(aisles=f"{first}-{last}")]))
    return dataclasses.replace(site, code="FOOD", num_aisles=last, zones=zones)
