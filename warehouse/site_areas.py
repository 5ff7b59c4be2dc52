"""Which bins a zone or a bin type takes: areas of aisles, bays and levels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from warehouse.site_fields import Fields
from warehouse.site_layout import BinPlace, Layout


@dataclass(frozen=True)
class Area:
    """A part of a site; None takes them all."""

    aisles: frozenset[str] | None
    bays: frozenset[int] | None
    levels: frozenset[int] | None
    zones: frozenset[str] | None

    def holds(self, place: BinPlace, zone: str) -> bool:
        """Whether a bin place of zone `zone` is part of the area."""
        position = place.position
        return (
            (self.aisles is None or position.aisle in self.aisles)
            and (self.bays is None or position.bay in self.bays)
            and (self.levels is None or position.level in self.levels)
            and (self.zones is None or zone in self.zones)
        )


def read_areas(fields: Fields, layout: Layout | None, zones: Sequence[str] = ()) -> tuple[Area, ...]:
    """The areas under `where`; none means that everything not claimed by others is meant.

    Parameters
    ----------
    fields
        The zone or bin type.
    layout
        The site's aisles, bays and levels, or None where they could not be read.
    zones
        Names of the zones, if an area may name zones.
    """
    areas = []
    for entry in fields.entries("where"):
        entry.only("aisles", "bays", "levels", *(["zones"] if zones else []))
        if not entry.keys:
            entry.problem(None, "names no part of the site")
        if layout is None:
            continue
        areas.append(
            Area(
                aisles=_picked(entry, "aisles", layout.aisles, "aisle"),
                bays=_numbers(entry, "bays", layout.num_bays, "bay"),
                levels=_numbers(entry, "levels", layout.num_levels, "level"),
                zones=_picked(entry, "zones", zones, "zone"),
            )
        )
    return tuple(areas)


def _picked(entry: Fields, key: str, names: Sequence[str], what: str) -> frozenset[str] | None:
    return frozenset(entry.chosen(key, names, what)) if key in entry else None


def _numbers(entry: Fields, key: str, highest: int, what: str) -> frozenset[int] | None:
    picked = _picked(entry, key, [str(number) for number in range(1, highest + 1)], what)
    return None if picked is None else frozenset(int(number) for number in picked)


def claim(
    fields: Fields, claims: Mapping[str, tuple[Area, ...]], places: Sequence[BinPlace], zones: Sequence[str]
) -> list[str]:
    """Which of `claims` takes each bin place; doubt and gaps are noted as problems of `fields`.

    A claim without areas takes what no other claim takes. The result is empty where there are problems.
    """
    rest = [name for name, areas in claims.items() if not areas]
    if len(rest) > 1:
        fields.problem(rest[1], f"and {rest[0]} both have no where; only one can take the rest")
        return []
    answers: dict[tuple[str, int, int, str], str] = {}
    taken: list[str] = []
    conflicts: set[frozenset[str]] = set()
    for place, zone in zip(places, zones, strict=True):
        key = (place.position.aisle, place.position.bay, place.position.level, zone)
        name = answers.get(key)
        if name is None:
            takers = [each for each, areas in claims.items() if any(area.holds(place, zone) for area in areas)] or rest
            if len(takers) != 1 and frozenset(takers) not in conflicts:
                conflicts.add(frozenset(takers))
                _note_conflict(fields, takers, place)
            name = answers[key] = takers[0] if takers else ""
        taken.append(name)
    return [] if conflicts else taken


def _note_conflict(fields: Fields, takers: Sequence[str], place: BinPlace) -> None:
    """Note that a bin place belongs to nobody, or to several."""
    if takers:
        fields.problem(takers[1], f"and {takers[0]} both take {place.position}")
    else:
        fields.problem(None, f"none of them takes {place.position}; leave `where` out of one to take the rest")
