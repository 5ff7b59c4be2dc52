"""The floor of a demonstration: sized by the volume of the demand, and by nothing else.

Rule
    The stock is ten days of the demand at hand. It fills two thirds of the bins' volume. Racks are
    shelving as sold: bays of 1.0 m, 0.5 m deep, five shelves of 0.4 m, 200 kg a shelf, on both sides of
    aisles 3.0 m from middle to middle. Three cross aisles of 2.5 m make two blocks. The floor is about
    one and a half times as wide as deep. Carts start and end at one place in the middle of the front.
    More bins a product make smaller bins in the same bays: shelves are divided into up to four.
Why
    Two weeks of stock, two thirds full, is what a busy mail-order house keeps within reach; the exact
    figures matter little, since every method is measured on the same floor. Neither the policy nor the
    number of bins a product moves a single rack.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

from warehouse.bins import BinType, Cart, StationKind, StorageClass
from warehouse.codes import DEFAULT_TEMPLATE
from warehouse.site_writing import PlannedBinType, PlannedSite, PlannedStation, PlannedZone

COVER_DAYS = 10
FILL = Fraction(2, 3)

BAY_WIDTH_MM, SHELF_DEPTH_MM, SHELF_HEIGHT_MM = 1_000, 500, 400
NUM_LEVELS = 5
SHELF_LOAD_G = 200_000
AISLE_PITCH_MM = 3_000  # two shelves of 0.5 m and 2 m for two carts to pass
CROSS_AISLE_WIDTH_MM = 2_500
NUM_BLOCKS = 2
WIDTH_BY_DEPTH = 1.5
DOCK_SPUR_MM = 3_000

CART = Cart(num_totes=12, tote_volume_mm3=60_000_000, load_g=250_000)

SHELF_VOLUME_MM3 = BAY_WIDTH_MM * SHELF_DEPTH_MM * SHELF_HEIGHT_MM
BAY_VOLUME_MM3 = SHELF_VOLUME_MM3 * NUM_LEVELS


@dataclass(frozen=True, slots=True)
class FloorSize:
    """A floor in aisles and bays; `num_bays` is on one side of one aisle in one block."""

    num_aisles: int
    num_bays: int

    @property
    def num_bays_in_all(self) -> int:
        """Bays on both sides of every aisle in every block."""
        return self.num_aisles * self.num_bays * 2 * NUM_BLOCKS

    @property
    def width_mm(self) -> int:
        """From the outer rack of the first aisle to that of the last."""
        return self.num_aisles * AISLE_PITCH_MM

    @property
    def depth_mm(self) -> int:
        """From the front of the first cross aisle to the back of the last."""
        return NUM_BLOCKS * self.num_bays * BAY_WIDTH_MM + (NUM_BLOCKS + 1) * CROSS_AISLE_WIDTH_MM


def floor_size(demand_mm3: int) -> FloorSize:
    """The floor for a day's demand of this volume.

    >>> floor_size(27_000_000_000)
    FloorSize(num_aisles=12, num_bays=9)
    """
    num_bays_needed = max(1, math.ceil(demand_mm3 * COVER_DAYS / FILL / BAY_VOLUME_MM3))
    sizes = (
        FloorSize(num_aisles, math.ceil(num_bays_needed / (num_aisles * 2 * NUM_BLOCKS)))
        for num_aisles in range(2, max(3, num_bays_needed))
    )
    return min(sizes, key=lambda size: abs(math.log(size.width_mm / size.depth_mm / WIDTH_BY_DEPTH)))


def slots_a_shelf(bins_per_product: int) -> int:
    """Bins on one shelf: one up to 3 bins a product, two up to 7, and four from there.

    >>> [slots_a_shelf(num) for num in (1, 2, 5, 10)]
    [1, 1, 2, 4]
    """
    return 1 if bins_per_product <= 3 else 2 if bins_per_product <= 7 else 4


def planned_site(demand_mm3: int, bins_per_product: int, name: str) -> PlannedSite:
    """The site for a day's demand of this volume, every product in `bins_per_product` bins."""
    size = floor_size(demand_mm3)
    slots = slots_a_shelf(bins_per_product)
    shelf = BinType(
        name="shelf",
        length_mm=SHELF_DEPTH_MM,
        width_mm=BAY_WIDTH_MM // slots,
        height_mm=SHELF_HEIGHT_MM,
        volume_mm3=SHELF_VOLUME_MM3 // slots,
        load_g=SHELF_LOAD_G // slots,
    )
    middle_mm = (size.num_aisles - 1) * AISLE_PITCH_MM // 2

    def station(station_name: str, kind: StationKind) -> PlannedStation:
        return PlannedStation(station_name, kind, x_mm=middle_mm, spur_mm=DOCK_SPUR_MM)

    return PlannedSite(
        code="DEMO-DAY",
        name=name,
        num_aisles=size.num_aisles,
        aisle_pitch_mm=AISLE_PITCH_MM,
        blocks=NUM_BLOCKS,
        bays=size.num_bays,
        bay_width_mm=BAY_WIDTH_MM,
        cross_aisle_width_mm=CROSS_AISLE_WIDTH_MM,
        levels=NUM_LEVELS,
        slots=slots,
        zones=[PlannedZone("all", [each for each in StorageClass if each is not StorageClass.CAGE])],
        bin_types=[PlannedBinType(shelf)],
        stations=[station("dock", StationKind.INBOUND), station("carts", StationKind.CART_PARK),
                  station("packing", StationKind.PACKING)],
        cart=CART,
        bin_code=DEFAULT_TEMPLATE,
        remark="Sized to its demand by the rule in docs/demo.md.",
    )  # fmt: skip


def floor_rule(demand_mm3: int) -> str:
    """The rule in two lines, with the figures it gives for this demand."""
    size = floor_size(demand_mm3)
    return (
        f"stock of {COVER_DAYS} days of this demand in bins {float(FILL):.0%} full: "
        f"{size.num_bays_in_all:,} bays of {BAY_VOLUME_MM3 / 1e9:g} m3; "
        f"{size.num_aisles} aisles, {NUM_BLOCKS} blocks of {size.num_bays} bays a side, "
        f"{size.width_mm / 1000:g} x {size.depth_mm / 1000:g} m; the same for every policy and number of bins"
    )
