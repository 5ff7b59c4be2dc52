"""What a site decides about where goods may lie: data, kept in versions with the rest of the site's stock policy.

`StowRules()` is that of a site that has set none: goods fit, their zone keeps their storage class, one lot of a
product and a few products lie in a bin. Everything else is off until a site sets it. Temperatures are whole tenths
of a degree Celsius (`_dc`), humidity is in percent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from inventory.rules.stock import BoolArray, IntArray

NO_COLDEST_DC, NO_WARMEST_DC = -2732, 1_000_000
"""Where no temperature is stated: from absolute zero to whatever."""


@dataclass(frozen=True, slots=True)
class Climate:
    """The temperatures that a zone keeps, and the humidity.

    Raises
    ------
    ValueError
        If a range is upside down.
    """

    coldest_dc: int
    warmest_dc: int
    driest_percent: int = 0
    dampest_percent: int = 100

    def __post_init__(self) -> None:
        if self.coldest_dc > self.warmest_dc or not 0 <= self.driest_percent <= self.dampest_percent <= 100:
            raise ValueError("a climate reaches from a lower to a higher figure")


@dataclass(frozen=True, slots=True)
class HeavyLow:
    """Units that weigh more than `weight_g_max` do not lie at `level` or above it."""

    level: int
    weight_g_max: int


@dataclass(frozen=True, slots=True)
class LookAlike:
    """When two products are too much alike to lie in one bin or in neighbouring ones; 0 leaves a sign out.

    Their names share `name_percent` of their letter groups or more, their codes differ by `code_distance` signs or
    fewer, or the hashes of their pictures in `picture_bits` of 64 bits or fewer.

    Raises
    ------
    ValueError
        If a figure is out of range.
    """

    name_percent: int = 0
    code_distance: int = 0
    picture_bits: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.name_percent <= 100 or not 0 <= self.code_distance <= 3 or not 0 <= self.picture_bits <= 64:
            raise ValueError("likeness: at most 100 percent of a name, 3 signs of a code, 64 bits of a picture")

    @property
    def looks(self) -> bool:
        """Whether any sign is looked at."""
        return bool(self.name_percent or self.code_distance or self.picture_bits)


@dataclass(frozen=True, slots=True)
class Preferences:
    """What makes one allowed bin better than another.

    `spread_aisles` keeps a product's units apart, `near_flow` fills the aisles nearest to where runs pass with what is
    asked for, `level_fill` fills the emptier aisles first, which lengthens the walks and keeps pickers apart.
    """

    spread_aisles: bool = True
    near_flow: bool = True
    level_fill: bool = False


@dataclass(frozen=True, slots=True)
class ForwardLevel:
    """With fewer than `units_min` free units of a product in a forward area, it is filled up to `units_max`.

    Raises
    ------
    ValueError
        Unless 0 <= `units_min` <= `units_max`.
    """

    product: str
    units_min: int
    units_max: int

    def __post_init__(self) -> None:
        if not 0 <= self.units_min <= self.units_max:
            raise ValueError("a level reaches from a lower to a higher number of units")


@dataclass(frozen=True, slots=True)
class ForwardArea:
    """A zone that is filled from the other zones: `levels` by product, days of cover for products without one.

    Raises
    ------
    ValueError
        Unless 0 <= `days_min` <= `days_max`, or if a product is listed twice.
    """

    zone: str
    levels: tuple[ForwardLevel, ...] = ()
    days_min: int = 0
    days_max: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.days_min <= self.days_max:
            raise ValueError("days of cover reach from a lower to a higher number")
        if len({each.product for each in self.levels}) < len(self.levels):
            raise ValueError("a product is listed twice")


@dataclass(frozen=True, slots=True)
class Consolidation:
    """When a bin is worth emptying into others, and when so many are that somebody is told.

    A bin is nearly empty if its goods take less than `nearly_empty_percent` of its volume. Nearly empty bins pile up
    where they are `share_percent` of the bins in use or more, and at least `num_bins_min`, since of few bins in use
    many are nearly empty in any house. Without `share_percent` nobody is told.

    Raises
    ------
    ValueError
        If a share is not between 1 and 100, or no bin at all would be enough.
    """

    nearly_empty_percent: int = 10
    share_percent: int | None = None
    num_bins_min: int = 20

    def __post_init__(self) -> None:
        shares = (self.nearly_empty_percent, 100 if self.share_percent is None else self.share_percent)
        if not all(1 <= share <= 100 for share in shares) or self.num_bins_min < 1:
            raise ValueError("nearly empty bins pile up at 1 to 100 percent of the bins in use, and at 1 bin or more")

    def nearly_empty(self, used_mm3: IntArray, volume_mm3: IntArray) -> BoolArray:
        """Which bins hold something, and little."""
        return (used_mm3 > 0) & (100 * used_mm3 < self.nearly_empty_percent * volume_mm3)

    def piles_up(self, num_nearly_empty: int, num_used: int) -> bool:
        """Whether so many of the bins in use are nearly empty that they are worth emptying.

        Examples
        --------
        >>> rules = Consolidation(share_percent=25, num_bins_min=20)
        >>> rules.piles_up(20, 80), rules.piles_up(20, 81), rules.piles_up(19, 40)
        (True, False, False)
        """
        if self.share_percent is None:
            return False
        return num_nearly_empty >= self.num_bins_min and 100 * num_nearly_empty >= self.share_percent * num_used


@dataclass(frozen=True)
class StowRules:
    """The stowing rules of a site.

    `products_per_bin_max` is how many different products may share a bin, `fill_percent_max` how much of a bin's
    volume may be used. Goods worth `cage_value_cents` a unit or more lie in the cage. `hazards_apart` are pairs of
    hazard classes that must not lie in one bin or in neighbouring ones. Goods with fewer than `soon_days` days of
    life lie at level `soon_level_max` or below, where they are reached first. `climates` are those of the zones,
    `forward` the zones that are filled from the others, `consolidation` when bins are worth emptying.

    Raises
    ------
    ValueError
        If a figure is out of range.
    """

    products_per_bin_max: int = 8
    fill_percent_max: int = 100
    cage_value_cents: int | None = None
    heavy_low: tuple[HeavyLow, ...] = ()
    hazards_apart: tuple[tuple[str, str], ...] = ()
    look_alike: LookAlike = LookAlike()
    soon_days: int = 0
    soon_level_max: int = 1
    climates: Mapping[str, Climate] = field(default_factory=dict)
    preferences: Preferences = Preferences()
    forward: tuple[ForwardArea, ...] = ()
    consolidation: Consolidation = Consolidation()

    def __post_init__(self) -> None:
        if self.products_per_bin_max < 1:
            raise ValueError("at least one product must be allowed in a bin")
        if not 0 < self.fill_percent_max <= 100:
            raise ValueError("fill_percent_max lies between 1 and 100")
        if self.soon_days < 0 or (self.cage_value_cents or 0) < 0:
            raise ValueError("days and values are not negative")
        if any(each.weight_g_max <= 0 for each in self.heavy_low):
            raise ValueError("a level carries units of some weight")
        if len(self.hazard_bits) > 62:
            raise ValueError("at most 62 hazard classes can be kept apart")

    @property
    def hazard_bits(self) -> dict[str, int]:
        """A bit for each hazard class that is kept apart from another."""
        names = sorted({name for pair in self.hazards_apart for name in pair})
        return {name: 1 << number for number, name in enumerate(names)}

    def apart_from(self, hazard: str) -> frozenset[str]:
        """The hazard classes that goods of one must not lie near."""
        pairs = [pair for pair in self.hazards_apart if hazard in pair]
        return frozenset(second if first == hazard else first for first, second in pairs)

    def climate_of(self, zone: str) -> Climate:
        """What a zone keeps; any temperature at all where none is stated."""
        return self.climates.get(zone, ANY_CLIMATE)


ANY_CLIMATE = Climate(NO_COLDEST_DC, NO_WARMEST_DC)
