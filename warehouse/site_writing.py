"""Writing the site file of a warehouse that is planned by numbers, such as one sized to its demand.

The text is the truth: whoever plans a site writes it with `write_site` and reads it back with
`warehouse.site_file.read_site`, so a planned site and a described one can never differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from warehouse.bins import BinType, Cart, StationKind, StorageClass
from warehouse.codes import DEFAULT_TEMPLATE
from warehouse.units import LENGTHS, TIMES, VOLUMES, WEIGHTS, written
from warehouse.walk_times import WalkTimes


@dataclass(frozen=True)
class Where:
    """A part of a site, each by ranges such as "1-3, 7"; empty takes all."""

    aisles: str = ""
    bays: str = ""
    levels: str = ""
    zones: str = ""


@dataclass(frozen=True)
class PlannedZone:
    """A zone and the parts it takes; without parts it takes the rest."""

    name: str
    storage_classes: Sequence[StorageClass]
    where: Sequence[Where] = ()


@dataclass(frozen=True)
class PlannedBinType:
    """A bin type and the parts it takes; without parts it takes the rest."""

    bin_type: BinType
    where: Sequence[Where] = ()


@dataclass(frozen=True)
class PlannedStation:
    """A station at the head of `aisle`, or at `x_mm` to the right of the first aisle."""

    name: str
    kind: StationKind
    aisle: str = ""
    x_mm: int | None = None
    cross_aisle: int = 1
    spur_mm: int = 0


@dataclass(frozen=True)
class OneWay:
    """Aisles (with blocks, or all of them) or cross aisles that are walked in one direction."""

    direction: str
    aisles: str = ""
    blocks: str = ""
    cross_aisles: str = ""


@dataclass(frozen=True)
class PlannedSite:
    """A site with a rectangular floor, in the words of `docs/site-file.md`."""

    code: str
    name: str
    num_aisles: int
    aisle_pitch_mm: int
    blocks: int
    bays: int
    bay_width_mm: int
    cross_aisle_width_mm: int
    levels: int
    zones: Sequence[PlannedZone]
    bin_types: Sequence[PlannedBinType]
    stations: Sequence[PlannedStation]
    cart: Cart
    slots: int = 1
    one_way: Sequence[OneWay] = ()
    time_zone: str = "UTC"
    bin_code: str = DEFAULT_TEMPLATE
    remark: str = ""
    times: WalkTimes | None = None


def write_site(site: PlannedSite) -> str:
    """The site file of a planned site; `remark` becomes its first lines."""
    document: dict[str, Any] = {
        "code": site.code,
        "name": site.name,
        "time_zone": site.time_zone,
        "bin_code": site.bin_code,
        "floor": {"rectangular": _floor(site)},
        "zones": {zone.name: _zone(zone) for zone in site.zones},
        "bin_types": {planned.bin_type.name: _bin_type(planned) for planned in site.bin_types},
        "stations": {station.name: _station(station) for station in site.stations},
        "cart": {
            "totes": site.cart.num_totes,
            "tote_volume": written(site.cart.tote_volume_mm3, VOLUMES),
            "load": written(site.cart.load_g, WEIGHTS),
            **({} if site.cart.lines_max is None else {"lines": site.cart.lines_max}),
        },
    }
    if site.times is not None:
        document["times"] = _times(site.times)
    remark = "".join(f"# {line}\n" for line in site.remark.splitlines())
    return remark + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


def _floor(site: PlannedSite) -> Mapping[str, Any]:
    floor: dict[str, Any] = {
        "aisles": site.num_aisles,
        "aisle_pitch": written(site.aisle_pitch_mm, LENGTHS),
        "blocks": site.blocks,
        "bays": site.bays,
        "bay_width": written(site.bay_width_mm, LENGTHS),
        "cross_aisle_width": written(site.cross_aisle_width_mm, LENGTHS),
        "levels": site.levels,
        "slots": site.slots,
    }
    if site.one_way:
        floor["one_way"] = [_given(vars(entry)) for entry in site.one_way]
    return floor


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Only the values that say something."""
    return {key: value for key, value in values.items() if value}


def _where(where: Sequence[Where]) -> dict[str, Any]:
    return {"where": [_given(vars(part)) for part in where]} if where else {}


def _zone(zone: PlannedZone) -> dict[str, Any]:
    return {"storage_classes": [each.value for each in zone.storage_classes], **_where(zone.where)}


def _bin_type(planned: PlannedBinType) -> dict[str, Any]:
    own = planned.bin_type
    return {
        "length": written(own.length_mm, LENGTHS),
        "width": written(own.width_mm, LENGTHS),
        "height": written(own.height_mm, LENGTHS),
        "volume": written(own.volume_mm3, VOLUMES),
        "load": written(own.load_g, WEIGHTS),
        **_where(planned.where),
    }


def _times(times: WalkTimes) -> dict[str, Any]:
    own = {
        "arm": times.arm_ms,
        "aisle_end": times.aisle_end_ms,
        "stop": times.stop_ms,
        "unit": times.unit_ms,
        "level": times.level_ms,
    }
    return {
        "speed": written(times.speed_mm_s, LENGTHS),
        **{name: written(ms, TIMES) for name, ms in own.items() if ms},
    }


def _station(station: PlannedStation) -> dict[str, Any]:
    at: dict[str, Any] = {"x": written(station.x_mm, LENGTHS)} if station.x_mm is not None else {"aisle": station.aisle}
    spur = {"spur": written(station.spur_mm, LENGTHS)} if station.spur_mm else {}
    return {"kind": station.kind.value, "at": {**at, "cross_aisle": station.cross_aisle}, **spur}
