"""What a picker is asked to walk: a floor, what to bring, where to start and where to end.

A `PickProblem` is complete in itself: it can be saved as JSON, sent to somebody and solved again.
The file format carries a name and a version; a reader refuses versions it does not know.

What the objective means is part of the problem (`docs/routes.md`):

- `backtrack_mm` is the length of aisle floor walked again. Every pass over a stretch of an aisle after
  the first counts, in either direction; floor in `walked` counts as passed once before the route begins.
  Cross aisles never count.
- A *step-in* is an in-and-back arm from an aisle's mouth (a node that also touches cross-aisle floor)
  into one aisle edge that may be walked both ways, no deeper than `step_in_mm` and not as far as the
  edge's other end, back to the same mouth.
  The cart stays behind, so its passes are neither backtrack nor do they make floor count as walked.
- `stops` is the number of distinct bins picked from.
- In an aisle with a `crossing_mm` a spot may be at one side. Going over to the other side between two nodes adds
  that much to the distance, and is no backtrack.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from warehouse.floor import Floor, Spot, Stretch
from warehouse.walk_times import WalkTimes as WalkTimes

FORMAT = "onward.problem"
VERSION = 3
"""Version 1 knew no lot groups and no times, version 2 no sides of aisles; both are still read."""


class PolicyName(StrEnum):
    """How a route is chosen. The first two are solved exactly, the others are the trade's rules."""

    NO_BACKTRACK = "no_backtrack"
    SHORTEST = "shortest"
    S_SHAPE = "s_shape"
    LARGEST_GAP = "largest_gap"
    LIST_ORDER = "list_order"


class Measure(StrEnum):
    """What is kept small once there is as little backtrack as can be."""

    DISTANCE = "distance"
    DURATION = "duration"


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy and its settings.

    `no_backtrack` minimises (backtrack_mm, distance_mm, stops) in that order, `shortest` minimises
    distance_mm. Settings bind both:

    - `step_in_mm` is how deep a picker may step into an aisle without the cart.
    - `detour_percent_max` is how much longer than the shortest a route may become for the sake of never
      turning back; beyond it the least backtrack within that length is walked. None sets no limit.
    - `u_turns_max` is how many in-and-back arms a route may have at most. None sets no limit.
    - `measure` says whether distance or the duration of the walk is kept small.

    Raises
    ------
    ValueError
        If a setting is negative, or a detour is limited where distance is not measured.
    """

    name: PolicyName = PolicyName.NO_BACKTRACK
    step_in_mm: int = 0
    detour_percent_max: int | None = None
    u_turns_max: int | None = None
    measure: Measure = Measure.DISTANCE

    def __post_init__(self) -> None:
        for name in ("step_in_mm", "detour_percent_max", "u_turns_max"):
            if (getattr(self, name) or 0) < 0:
                raise ValueError(f"{name} is {getattr(self, name)}; it cannot be negative")
        if self.detour_percent_max is not None and self.measure is not Measure.DISTANCE:
            raise ValueError("detour_percent_max limits distance; it cannot be set where duration is measured")

    @property
    def limits_walk(self) -> bool:
        """Whether a detour or a number of arms is limited."""
        return self.detour_percent_max is not None or self.u_turns_max is not None


class EndKind(StrEnum):
    """Where a route may end."""

    START = "start"
    NEAREST = "nearest"
    ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True)
class End:
    """The end of a route: back at the start, at the best of `spots` (one or several), or anywhere.

    Raises
    ------
    ValueError
        If spots are given for a kind that takes none, or none for one that needs them.
    """

    kind: EndKind = EndKind.START
    spots: tuple[Spot, ...] = ()

    def __post_init__(self) -> None:
        if (self.kind is EndKind.NEAREST) != bool(self.spots):
            raise ValueError(f"end {self.kind} with {len(self.spots)} spots: only 'nearest' takes spots, and needs one")


@dataclass(frozen=True, slots=True)
class Source:
    """`quantity` units for the taking in `bin` (any text that names it), reached from `spot`.

    Sources of a later `group` of their line may only give where all earlier groups are used up. `level` is
    how many levels above the floor the bin stands, for the time it takes to reach up.
    """

    bin: str
    spot: Spot
    quantity: int
    group: int = 0
    level: int = 0


@dataclass(frozen=True, slots=True)
class PickLine:
    """`quantity` units to bring, in any split over `sources` that uses up their groups in order.

    Sources of one group are equally allowed: which lots may be used was decided before. The same bin may
    serve several lines. `unit_weight_g` is what one unit weighs (0 if it is not known) and `fragile` says
    that nothing heavy may come on top of it; both are for the order in which a cart is loaded.
    """

    line: str
    quantity: int
    sources: tuple[Source, ...]
    unit_weight_g: int = 0
    fragile: bool = False


@dataclass(frozen=True)
class PickProblem:
    """One run to plan.

    `walked` is aisle floor already walked on this run; `start` may lie inside an aisle. `times` says how long
    things take, where that is to be measured or reported.

    Raises
    ------
    ValueError
        If a spot is off the floor, a quantity is not positive, a weight, a group or a level is negative, or two
        lines carry the same name.
    """

    floor: Floor
    lines: tuple[PickLine, ...]
    start: Spot
    end: End = End()
    walked: tuple[Stretch, ...] = ()
    times: WalkTimes | None = None

    def __post_init__(self) -> None:
        self.floor.check_spot(self.start)
        for spot in self.end.spots:
            self.floor.check_spot(spot)
        for stretch in self.walked:
            self.floor.check_stretch(stretch)
        names = [line.line for line in self.lines]
        if len(set(names)) != len(names):
            raise ValueError("two lines carry the same name; merge lines of one product and lot group")
        for line in self.lines:
            if line.quantity <= 0 or any(source.quantity <= 0 for source in line.sources):
                raise ValueError(f"line {line.line} has a quantity that is not positive")
            if line.unit_weight_g < 0 or any(min(source.group, source.level) < 0 for source in line.sources):
                raise ValueError(f"line {line.line} has a weight, a lot group or a level below 0")
            if len({source.bin for source in line.sources}) != len(line.sources):
                raise ValueError(f"line {line.line} names one bin twice")
            for source in line.sources:
                self.floor.check_spot(source.spot)

    def to_dict(self) -> dict[str, Any]:
        """The problem as plain lists and numbers, for JSON."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "floor": self.floor.to_dict(),
            "lines": [
                {
                    "line": line.line,
                    "quantity": line.quantity,
                    "unit_weight_g": line.unit_weight_g,
                    "fragile": line.fragile,
                    "sources": [
                        {
                            "bin": source.bin,
                            "spot": spot_to_list(source.spot),
                            "quantity": source.quantity,
                            "group": source.group,
                            "level": source.level,
                        }
                        for source in line.sources
                    ],
                }
                for line in self.lines
            ],
            "start": spot_to_list(self.start),
            "end": {"kind": self.end.kind.value, "spots": [spot_to_list(spot) for spot in self.end.spots]},
            "walked": [[each.edge, each.from_mm, each.to_mm] for each in self.walked],
            "times": None if self.times is None else asdict(self.times),
        }

    def to_json(self) -> str:
        """The problem as a problem file."""
        return json.dumps(self.to_dict(), indent=1)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "PickProblem":
        """The problem that `to_dict` wrote.

        Raises
        ------
        ProblemFileInvalid
            If it is another format, a version this reader does not know, or fields are wrong; it names them all.
        """
        # The reader makes problems: imported when one is to be read.
        from routing.problem_reading import problem_from_data

        return problem_from_data(data).problem

    @classmethod
    def from_json(cls, text: str) -> "PickProblem":
        """The problem in a problem file; raises as `from_dict` does."""
        from routing.problem_reading import read_problem

        return read_problem(text).problem


def check_format(data: object, name: str, version: int) -> None:
    """Raise ValueError unless `data` is a document of this format, of `version` or an older one."""
    if not isinstance(data, dict) or data.get("format") != name:
        raise ValueError(f"not a document of format {name}")
    own = data.get("version")
    if type(own) is not int or not 1 <= own <= version:
        raise ValueError(f"{name} version {json.dumps(own)[:40]} is not known here; versions up to {version} are")


def spot_to_list(spot: Spot) -> list[int]:
    """A spot as [edge, offset_mm], followed by its side where it has one."""
    return [spot.edge, spot.offset_mm, spot.side] if spot.side else [spot.edge, spot.offset_mm]


def spot_from_list(pair: Sequence[int]) -> Spot:
    """The spot that `spot_to_list` wrote."""
    edge, offset_mm, *side = pair
    return Spot(edge, offset_mm, *side)
