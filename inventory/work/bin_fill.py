"""How full the bins of a site are."""

from dataclasses import dataclass

import numpy as np
from sqlmodel import Session

from inventory.rules.stock import BoolArray
from inventory.rules.storage_policy import Consolidation
from inventory.work.room_index import RoomIndex, room_index
from inventory.work.sites import live_site
from inventory.work.stock_policies import stock_policy
from warehouse.clock import Clock


@dataclass(frozen=True)
class Fill:
    """Bins of a zone, or of all; `fill_percent` is the share of their volume that goods take."""

    zone: str
    num_bins: int
    num_used: int
    num_nearly_empty: int
    volume_mm3: int
    volume_used_mm3: int
    fill_percent: float


@dataclass(frozen=True)
class SiteFill:
    """How full a site is."""

    total: Fill
    zones: tuple[Fill, ...]


def bin_fill(session: Session, site: str, clock: Clock) -> SiteFill:
    """How full the bins of a site are now, goods not for sale included.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    live = live_site(session, site)
    shelves = live.area.shelves
    rules = stock_policy(session, live.id, clock).stowing.consolidation
    with room_index(session, live) as index:
        every = np.ones(len(shelves), dtype=bool)
        zones = tuple(_fill(index, rules, name, shelves.zone == row) for row, name in enumerate(shelves.zone_names))
        return SiteFill(_fill(index, rules, "", every), zones)


def _fill(index: RoomIndex, rules: Consolidation, zone: str, here: BoolArray) -> Fill:
    volume, used = index.shelves.volume_mm3[here], index.volume_used[here]
    return Fill(
        zone=zone,
        num_bins=int(here.sum()),
        num_used=int((used > 0).sum()),
        num_nearly_empty=int(rules.nearly_empty(used, volume).sum()),
        volume_mm3=int(volume.sum()),
        volume_used_mm3=int(used.sum()),
        fill_percent=round(100 * float(used.sum()) / max(1.0, float(volume.sum())), 2),
    )
