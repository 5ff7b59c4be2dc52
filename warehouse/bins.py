"""Bins, zones and stations: what stands on the floor.

Volumes are in mm3 (a litre is 1,000,000 mm3), loads in g, lengths in mm.
"""

from dataclasses import dataclass
from enum import StrEnum

from warehouse.floor import Floor, Spot
from warehouse.walk_times import WalkTimes


class StorageClass(StrEnum):
    """How goods must be kept; a zone offers one or more classes, a product needs exactly one."""

    AMBIENT = "ambient"
    CHILLED = "chilled"
    FROZEN = "frozen"
    HANGING = "hanging"
    CAGE = "cage"
    HAZARDOUS = "hazardous"


class Side(StrEnum):
    """Which hand the bin is at, walking from the edge's tail to its head."""

    LEFT = "left"
    RIGHT = "right"


class StationKind(StrEnum):
    """What a station is for."""

    INBOUND = "inbound"
    CART_PARK = "cart_park"
    PACKING = "packing"
    PUT_WALL = "put_wall"
    CONVEYOR = "conveyor"


@dataclass(frozen=True, slots=True)
class BinType:
    """A size of bin: what fits through its opening, how much it holds and how much it carries."""

    name: str
    length_mm: int
    width_mm: int
    height_mm: int
    volume_mm3: int
    load_g: int


@dataclass(frozen=True, slots=True)
class Bin:
    """The smallest coded place. `code` is the full code with its check character."""

    code: str
    spot: Spot
    side: Side
    aisle: str
    bay: int
    level: int
    slot: int
    zone: str
    bin_type: str


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of the floor that keeps goods in certain ways."""

    name: str
    storage_classes: frozenset[StorageClass]


@dataclass(frozen=True, slots=True)
class Station:
    """A place where runs begin or end."""

    name: str
    kind: StationKind
    spot: Spot


@dataclass(frozen=True, slots=True)
class Cart:
    """What one picker pushes: `num_totes` totes of `tote_volume_mm3` each, `load_g` and `lines_max` lines in all.

    A line that is picked from two lots counts twice. Without `lines_max` there may be any number.
    """

    num_totes: int
    tote_volume_mm3: int
    load_g: int
    lines_max: int | None = None


@dataclass(frozen=True)
class Site:
    """A warehouse as its site file describes it; `definition` is the file's text.

    `times` are None where the file says nothing of them.
    """

    code: str
    name: str
    time_zone: str
    bin_code_template: str
    floor: Floor
    zones: dict[str, Zone]
    bin_types: dict[str, BinType]
    bins: tuple[Bin, ...]
    stations: tuple[Station, ...]
    cart: Cart
    definition: str
    times: WalkTimes | None = None
