"""A house of a few bins in a row and goods for it, made up by Hypothesis, and the single form of every rule."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from inventory.rules.bin_room import Needs
from inventory.rules.look_alikes import Look
from inventory.rules.random_stowing import Placement, Shares, place_at_random
from inventory.rules.stock import NEVER_DAY, Goods, IntArray, Lots, Shelves, Stock, storage_bits
from inventory.rules.storage_policy import NO_COLDEST_DC, NO_WARMEST_DC, Climate, HeavyLow, LookAlike, StowRules
from inventory.rules.stowing import BinRoom, Unit, refusal
from warehouse.bins import StorageClass
from warehouse.floor import Spot

CLASSES = (StorageClass.AMBIENT, StorageClass.FROZEN, StorageClass.HANGING, StorageClass.CAGE)
ZONES = ("A", "F", "R", "C")
TODAY = 739_000
COLD = (-250, -180)


def array(values: object) -> IntArray:
    return np.array(values, dtype=np.int64)


def in_a_row(num_bins: int) -> IntArray:
    """The neighbours of bins that stand in a row: the one before and the one after."""
    rows = np.arange(num_bins)
    none = np.full(num_bins, -1)
    return np.column_stack([rows - 1, np.where(rows + 1 < num_bins, rows + 1, -1), none, none])


@dataclass(frozen=True)
class House:
    """What is stowed where, and by which rules."""

    shares: Shares
    lots: Lots
    goods: Goods
    needs: Needs
    shelves: Shelves
    rules: StowRules
    seed: int

    def placed(
        self,
        stock: Stock | None = None,
        reachable: "np.ndarray[tuple[int], np.dtype[np.bool_]] | None" = None,
        shares: Shares | None = None,
    ) -> Placement:
        return place_at_random(
            shares or self.shares,
            self.lots,
            self.goods,
            self.shelves,
            needs=self.needs,
            stock=stock,
            rules=self.rules,
            seed=self.seed,
            today=TODAY,
            reachable=reachable,
        )

    def unit(self, lot: int) -> Unit:
        """One unit of a lot, for the single form of the rules."""
        product, goods, needs = int(self.lots.product[lot]), self.goods, self.needs
        return Unit(
            product=product,
            lot=lot,
            length_mm=int(goods.length_mm[product]),
            width_mm=int(goods.width_mm[product]),
            height_mm=int(goods.height_mm[product]),
            weight_g=int(goods.weight_g[product]),
            storage_class=goods.storage_classes[product],
            value_cents=int(needs.value_cents[product]),
            hazard=needs.hazards[product],
            coldest_dc=int(needs.coldest_dc[product]),
            warmest_dc=int(needs.warmest_dc[product]),
            days_left=int(self.lots.expires_day[lot]) - TODAY,
            look=needs.looks[product],
        )

    def room(self, bin_row: int, there: dict[int, dict[int, int]]) -> BinRoom:
        """A bin, for the single form; `there` is what lies in every bin, units by lot."""
        shelves, goods = self.shelves, self.goods
        here = [(lot, self.unit(lot), units) for lot, units in there.get(bin_row, {}).items()]
        next_to = [row for row in shelves.neighbours[bin_row].tolist() if row >= 0]
        near = {int(self.lots.product[lot]) for row in (bin_row, *next_to) for lot in there.get(row, {})}
        zone = ZONES[int(shelves.zone[bin_row])]
        return BinRoom(
            length_mm=int(shelves.length_mm[bin_row]),
            width_mm=int(shelves.width_mm[bin_row]),
            height_mm=int(shelves.height_mm[bin_row]),
            volume_mm3=int(shelves.volume_mm3[bin_row]),
            load_g=int(shelves.load_g[bin_row]),
            storage_classes=frozenset({CLASSES[ZONES.index(zone)]}),
            zone=zone,
            level=int(shelves.level[bin_row]),
            volume_used_mm3=sum(int(goods.volume_mm3[unit.product]) * units for _, unit, units in here),
            load_used_g=sum(unit.weight_g * units for _, unit, units in here),
            rail_used_mm=sum(unit.rail_mm * units for _, unit, units in here),
            contents=frozenset((unit.product, lot) for lot, unit, _ in here),
            hazards_near=frozenset(filter(None, (self.needs.hazards[product] for product in near))),
            looks_near={product: self.needs.looks[product] for product in near},
        )

    def assert_allowed(self, stock: Stock) -> dict[int, dict[int, int]]:
        """Put the records into empty bins one by one: no rule refuses any of them. What lies where then."""
        there: dict[int, dict[int, int]] = defaultdict(dict)
        for bin_row, lot, units in zip(stock.bin.tolist(), stock.lot.tolist(), stock.quantity.tolist(), strict=True):
            assert refusal(self.room(bin_row, there), self.unit(lot), units, self.rules) is None
            there[bin_row][lot] = there[bin_row].get(lot, 0) + units
        return there


@st.composite
def houses(draw: st.DrawFn) -> House:
    """A few bins of several zones, sizes and levels, and more or fewer goods than they hold."""
    num_bins, num_products = draw(st.integers(1, 12)), draw(st.integers(1, 6))

    def some(values: list[int], count: int) -> IntArray:
        return array(draw(st.lists(st.sampled_from(values), min_size=count, max_size=count)))

    sizes, zone = some([200, 400], num_bins), some([0, 0, 1, 2, 3], num_bins)
    shelves = Shelves(
        codes=tuple(f"B{index}" for index in range(num_bins)),
        spots=(Spot(0, 0),) * num_bins,
        length_mm=sizes,
        width_mm=array([300] * num_bins),
        height_mm=array([200] * num_bins),
        volume_mm3=sizes * 60_000,
        load_g=array([8_000] * num_bins),
        storage_bits=array([storage_bits([CLASSES[each]]) for each in zone]),
        level=some([1, 2, 3], num_bins),
        zone=zone,
        zone_names=ZONES,
        neighbours=in_a_row(num_bins),
    )
    kinds = some([0, 0, 0, 1, 2], num_products)
    goods = Goods(
        codes=tuple(f"P{index}" for index in range(num_products)),
        length_mm=some([60, 130, 350], num_products),
        width_mm=some([50, 120, 210], num_products),
        height_mm=array([100] * num_products),
        weight_g=some([1, 900, 3_000], num_products),
        storage_classes=tuple(CLASSES[each] for each in kinds),
    )
    cold = [each == 1 and draw(st.booleans()) for each in kinds]
    needs = Needs(
        value_cents=some([0, 0, 100, 9_000], num_products),
        coldest_dc=array([COLD[0] if each else NO_COLDEST_DC for each in cold]),
        warmest_dc=array([COLD[1] if each else NO_WARMEST_DC for each in cold]),
        hazards=tuple(draw(st.sampled_from(["", "", "acid", "base"])) for _ in range(num_products)),
        looks=tuple(
            Look(code, draw(st.sampled_from(["red mug", "red mugs", "green lamp", "chair"]))) for code in goods.codes
        ),
    )
    owners = draw(st.lists(st.integers(0, num_products - 1), min_size=1, max_size=10))
    lots = Lots(
        codes=tuple(f"L{index}" for index in range(len(owners))),
        product=array(owners),
        expires_day=array([draw(st.sampled_from([NEVER_DAY, TODAY + 5, TODAY + 50])) for _ in owners]),
        received_day=array(range(len(owners))),
    )
    shares = Shares(
        lot=array(range(len(owners))),
        quantity=array(draw(st.lists(st.integers(0, 20), min_size=len(owners), max_size=len(owners)))),
        num_bins=array(draw(st.lists(st.integers(1, 5), min_size=len(owners), max_size=len(owners)))),
    )
    rules = StowRules(
        products_per_bin_max=draw(st.integers(1, 3)),
        fill_percent_max=draw(st.sampled_from([60, 100])),
        cage_value_cents=draw(st.sampled_from([None, 5_000])),
        heavy_low=draw(st.sampled_from([(), (HeavyLow(2, 2_000), HeavyLow(3, 500))])),
        hazards_apart=draw(st.sampled_from([(), (("acid", "base"),), (("acid", "acid"),)])),
        look_alike=draw(st.sampled_from([LookAlike(), LookAlike(name_percent=60)])),
        soon_days=draw(st.sampled_from([0, 10])),
        soon_level_max=draw(st.integers(1, 2)),
        climates={"F": Climate(*draw(st.sampled_from([COLD, (-300, -180)])))},
    )
    return House(shares, lots, goods, needs, shelves, rules, draw(st.integers(0, 99)))
