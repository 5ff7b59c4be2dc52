"""Random small problems with everything a floor can do to a picker, for tests against brute force.

Lengths are whole metres and offsets half metres, so that ties are common; floors are small enough for
`brute_force`, by keeping aisles few where blocks are many.
"""

import dataclasses
import random
from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum

from routing.problem import End, EndKind, PickLine, PickProblem, Policy, PolicyName, Source
from warehouse.floor import (
    EITHER_SIDE,
    LEFT_SIDE,
    RIGHT_SIDE,
    Edge,
    EdgeKind,
    Floor,
    Grid,
    Node,
    Spot,
    Stretch,
)
from warehouse.layouts import rectangular_floor


class Feature(StrEnum):
    """What makes a problem special; a sample lists what it has."""

    BLOCKS_1 = "blocks_1"
    BLOCKS_2 = "blocks_2"
    BLOCKS_3 = "blocks_3"
    BLOCKS_4 = "blocks_4"
    BLOCKS_5 = "blocks_5"
    BARE_COLUMN = "bare_column"
    SPUR = "spur"
    MISSING_SEGMENT = "missing_segment"
    DEAD_END = "dead_end"
    ONE_WAY_AISLE = "one_way_aisle"
    ONE_WAY_CROSS = "one_way_cross"
    RETURN_AISLE = "return_aisle"
    END_NEAREST = "end_nearest"
    END_ANYWHERE = "end_anywhere"
    START_IN_AISLE = "start_in_aisle"
    START_IN_CROSS = "start_in_cross"
    HISTORY = "history"
    STEP_IN = "step_in"
    SEVERAL_SOURCES = "several_sources"


ONE_WAY = frozenset({Feature.ONE_WAY_AISLE, Feature.ONE_WAY_CROSS, Feature.RETURN_AISLE})
BLOCKS = (Feature.BLOCKS_1, Feature.BLOCKS_2, Feature.BLOCKS_3, Feature.BLOCKS_4, Feature.BLOCKS_5)
NUM_AISLES_MAX = (5, 4, 3, 3, 2)
"""For 1 to 5 blocks: what keeps a floor within reach of an exhaustive search."""
LIKELIHOOD = {
    Feature.BARE_COLUMN: 0.2,
    Feature.SPUR: 0.15,
    Feature.MISSING_SEGMENT: 0.2,
    Feature.DEAD_END: 0.25,
    Feature.ONE_WAY_AISLE: 0.15,
    Feature.ONE_WAY_CROSS: 0.08,
    Feature.RETURN_AISLE: 0.08,
    Feature.END_NEAREST: 0.25,
    Feature.END_ANYWHERE: 0.2,
    Feature.START_IN_AISLE: 0.2,
    Feature.START_IN_CROSS: 0.1,
    Feature.HISTORY: 0.25,
    Feature.STEP_IN: 0.25,
    Feature.SEVERAL_SOURCES: 0.3,
}
"""How often a feature is drawn unless it is wanted or avoided; ends and starts exclude one another."""


@dataclass(frozen=True)
class Sample:
    """A problem, the depth of step-in to solve it with, and what is special about it."""

    problem: PickProblem
    step_in_mm: int
    features: frozenset[Feature]

    def policy(self, name: PolicyName = PolicyName.NO_BACKTRACK) -> Policy:
        """A policy with this sample's step-in."""
        return Policy(name, self.step_in_mm)


def random_problem(
    rng: random.Random, *, want: Set[Feature] = frozenset(), avoid: Set[Feature] = frozenset()
) -> Sample:
    """A random small problem that has all features in `want` and none in `avoid`.

    It may be infeasible: one-way and blocked floor can leave a bin or the end out of reach.
    """
    drawn = _draw(rng, want, avoid)
    floor = _floor(rng, drawn)
    start = _start(rng, floor, drawn)
    lines = _lines(rng, floor, drawn)
    problem = PickProblem(floor, lines, start, _end(rng, floor, drawn), _walked(rng, floor, start, drawn))
    step_in_mm = 500 * rng.randrange(1, 11) if Feature.STEP_IN in drawn else 0
    return Sample(problem, step_in_mm, frozenset(drawn))


def widened(rng: random.Random, problem: PickProblem) -> PickProblem:
    """The problem with some or all aisles so wide that it takes walking to get from side to side."""
    share = rng.choice((0.3, 0.7, 1.0))
    edges = tuple(
        dataclasses.replace(edge, crossing_mm=500 * rng.randint(1, 9))
        if edge.kind is EdgeKind.AISLE and rng.random() < share
        else edge
        for edge in problem.floor.edges
    )
    side_of: dict[str, int] = {}

    def at_side(spot: Spot, name: str) -> Spot:
        side = rng.choice((EITHER_SIDE, *[LEFT_SIDE, RIGHT_SIDE] * 3))
        return dataclasses.replace(spot, side=side_of.setdefault(name, side))

    return dataclasses.replace(
        problem,
        floor=dataclasses.replace(problem.floor, edges=edges),
        start=at_side(problem.start, "start"),
        end=dataclasses.replace(
            problem.end, spots=tuple(at_side(spot, f"end {number}") for number, spot in enumerate(problem.end.spots))
        ),
        lines=tuple(
            dataclasses.replace(
                line,
                sources=tuple(
                    dataclasses.replace(source, spot=at_side(source.spot, source.bin)) for source in line.sources
                ),
            )
            for line in problem.lines
        ),
    )


def _draw(rng: random.Random, want: Set[Feature], avoid: Set[Feature]) -> set[Feature]:
    """The features of one sample."""
    drawn = set(want) | {each for each, p in LIKELIHOOD.items() if rng.random() < p and each not in avoid}
    for one, other in (
        (Feature.END_NEAREST, Feature.END_ANYWHERE),
        (Feature.START_IN_AISLE, Feature.START_IN_CROSS),
        (Feature.RETURN_AISLE, Feature.ONE_WAY_AISLE),
    ):
        if {one, other} <= drawn:
            drawn.discard(other if one in want else one)
    if not drawn & set(BLOCKS):
        drawn.add(rng.choice([each for each in BLOCKS if each not in avoid]))
    if Feature.RETURN_AISLE in drawn:
        drawn.difference_update({Feature.MISSING_SEGMENT, Feature.ONE_WAY_CROSS} - set(want))
    return drawn


def _floor(rng: random.Random, drawn: set[Feature]) -> Floor:
    """A floor with the drawn features; those that did not come about are taken off."""
    num_blocks = next(index + 1 for index, each in enumerate(BLOCKS) if each in drawn)
    few = 3 if Feature.RETURN_AISLE in drawn else 1 if rng.random() < 0.1 else 2
    num_aisles = rng.randint(few, max(few, NUM_AISLES_MAX[num_blocks - 1]))
    joined_once = Feature.SPUR in drawn and rng.random() < 0.5
    bare = Feature.BARE_COLUMN in drawn or joined_once
    x_mm = _ascending(rng, num_aisles + bare, (1, 4))
    bare_x_mm = [x_mm.pop(0 if joined_once else rng.randrange(len(x_mm)))] if bare else []
    cross_y_mm = _ascending(rng, num_blocks + 1, (3, 9))
    places = [(aisle, block) for aisle in range(num_aisles) for block in range(num_blocks)]
    missing: set[tuple[int, int]] = set()
    if Feature.MISSING_SEGMENT in drawn and len(places) > 1:
        missing = set(rng.sample(places, rng.randint(1, max(1, len(places) // 4))))
    there = [place for place in places if place not in missing]
    blocked = []
    if Feature.DEAD_END in drawn:
        for aisle, block in rng.sample(there, min(len(there), rng.randint(1, 2))):
            low_mm, high_mm = sorted(rng.sample(range(0, cross_y_mm[block + 1] - cross_y_mm[block] + 1, 500), 2))
            blocked.append((aisle, block, low_mm, high_mm))
    floor = rectangular_floor(
        x_mm,
        cross_y_mm,
        bare_x_mm=bare_x_mm,
        aisle_direction=_aisle_direction(rng, drawn, there),
        cross_direction=_cross_direction(rng, drawn, num_blocks + 1),
        missing_segments=frozenset(missing),
        blocked=blocked,
    )
    if not missing:
        drawn.discard(Feature.MISSING_SEGMENT)
    if joined_once:
        assert floor.grid is not None
        joined = rng.randrange(num_blocks + 1)
        return without_edges(floor, {row[0] for index, row in enumerate(floor.grid.gaps) if index != joined})
    if Feature.SPUR in drawn:
        return _with_spur(rng, floor)
    return floor


def _ascending(rng: random.Random, number: int, metres: tuple[int, int]) -> list[int]:
    """`number` ascending positions, uneven lengths apart."""
    positions = [0]
    while len(positions) < number:
        positions.append(positions[-1] + 1000 * rng.randint(*metres))
    return positions


def _aisle_direction(
    rng: random.Random, drawn: set[Feature], there: list[tuple[int, int]]
) -> dict[tuple[int, int], int]:
    """One-way rules of the aisles: one aisle back for all others, or a few segments at random."""
    aisles = sorted({aisle for aisle, _ in there})
    if Feature.RETURN_AISLE in drawn:
        back, way = rng.choice(aisles), rng.choice((-1, 1))
        return {(aisle, block): -way if aisle == back else way for aisle, block in there}
    if Feature.ONE_WAY_AISLE not in drawn:
        return {}
    if rng.random() < 0.5:
        return {(aisle, block): 1 if aisle % 2 == 0 else -1 for aisle, block in there}
    return {place: rng.choice((-1, 1)) for place in rng.sample(there, rng.randint(1, max(1, len(there) // 2)))}


def _cross_direction(rng: random.Random, drawn: set[Feature], num_rows: int) -> dict[int, int]:
    """One-way rules of the cross aisles."""
    if Feature.ONE_WAY_CROSS not in drawn:
        return {}
    return {row: rng.choice((-1, 1)) for row in rng.sample(range(num_rows), rng.randint(1, num_rows - 1))}


def without_edges(floor: Floor, gone: Set[int]) -> Floor:
    """The floor without some of its edges, the rest renumbered."""
    kept = [index for index in range(len(floor.edges)) if index not in gone]
    number = {-1: -1, **dict.fromkeys(gone, -1), **{old: new for new, old in enumerate(kept)}}
    assert floor.grid is not None
    return Floor(
        nodes=floor.nodes,
        edges=tuple(floor.edges[index] for index in kept),
        blocked=tuple(
            dataclasses.replace(each, edge=number[each.edge]) for each in floor.blocked if each.edge not in gone
        ),
        grid=Grid(
            nodes=floor.grid.nodes,
            segments=tuple(tuple(number[edge] for edge in column) for column in floor.grid.segments),
            gaps=tuple(tuple(number[edge] for edge in row) for row in floor.grid.gaps),
        ),
    )


def _with_spur(rng: random.Random, floor: Floor) -> Floor:
    """The floor with an edge that hangs on one crossing, beside the grid: the way to a station, or an aisle."""
    crossing = rng.choice([node for node, edges in enumerate(floor.incident) if edges])
    station = len(floor.nodes)
    ends = (crossing, station) if rng.random() < 0.5 else (station, crossing)
    kind = EdgeKind.CROSS if rng.random() < 0.7 else EdgeKind.AISLE
    spur = Edge(*ends, 1000 * rng.randint(1, 4), kind)
    at = Node(floor.nodes[crossing].x_mm, floor.nodes[crossing].y_mm - spur.length_mm)
    return dataclasses.replace(floor, nodes=(*floor.nodes, at), edges=(*floor.edges, spur))


def _edges(floor: Floor, kind: EdgeKind) -> list[int]:
    return [index for index, edge in enumerate(floor.edges) if edge.kind is kind]


def _inside(rng: random.Random, floor: Floor, edge: int) -> Spot:
    """A spot strictly inside an edge."""
    return Spot(edge, rng.randrange(500, floor.edges[edge].length_mm, 500))


def _at_node(rng: random.Random, floor: Floor) -> Spot:
    """A spot at a crossing."""
    return floor.spot_at(rng.choice([node for node, edges in enumerate(floor.incident) if edges]))


def _start(rng: random.Random, floor: Floor, drawn: set[Feature]) -> Spot:
    crosses = _edges(floor, EdgeKind.CROSS)
    if not crosses:
        drawn.discard(Feature.START_IN_CROSS)
    if Feature.START_IN_AISLE in drawn:
        return _inside(rng, floor, rng.choice(_edges(floor, EdgeKind.AISLE)))
    if Feature.START_IN_CROSS in drawn:
        return _inside(rng, floor, rng.choice(crosses))
    if Feature.SPUR in drawn:
        lone = next((node for node, edges in enumerate(floor.incident) if len(edges) == 1), None)
        if lone is not None and rng.random() < 0.7:
            return floor.spot_at(lone)
    return _at_node(rng, floor)


def _end(rng: random.Random, floor: Floor, drawn: set[Feature]) -> End:
    if Feature.END_ANYWHERE in drawn:
        return End(EndKind.ANYWHERE)
    if Feature.END_NEAREST not in drawn:
        return End()
    spots = []
    for _ in range(rng.randint(1, 3)):
        inside = rng.random() < 0.25
        spots.append(_inside(rng, floor, rng.randrange(len(floor.edges))) if inside else _at_node(rng, floor))
    return End(EndKind.NEAREST, tuple(dict.fromkeys(spots)))


def _walked(rng: random.Random, floor: Floor, start: Spot, drawn: set[Feature]) -> tuple[Stretch, ...]:
    """Aisle floor walked before: where the picker came from, and other stretches, possibly overlapping."""
    if Feature.HISTORY not in drawn:
        return ()
    stretches = []
    if floor.edges[start.edge].kind is EdgeKind.AISLE and 0 < start.offset_mm < floor.edges[start.edge].length_mm:
        came_from = rng.choice((0, floor.edges[start.edge].length_mm))
        stretches.append(Stretch(start.edge, min(start.offset_mm, came_from), max(start.offset_mm, came_from)))
    for edge in rng.choices(_edges(floor, EdgeKind.AISLE), k=rng.randint(1, 2)):
        length_mm = floor.edges[edge].length_mm
        whole = rng.random() < 0.5
        low_mm, high_mm = (0, length_mm) if whole else sorted(rng.sample(range(0, length_mm + 1, 500), 2))
        stretches.append(Stretch(edge, low_mm, high_mm))
    return tuple(stretches)


def _lines(rng: random.Random, floor: Floor, drawn: set[Feature]) -> tuple[PickLine, ...]:
    """Lines over a few bins; bins may share a spot, stand at a crossing, and serve several lines."""
    aisles = _edges(floor, EdgeKind.AISLE)
    several = Feature.SEVERAL_SOURCES in drawn
    spots: list[Spot] = []
    for _ in range(rng.randint(2, 7) if several else rng.randint(1, 6)):
        edge = rng.choice(aisles)
        spot = Spot(edge, rng.randrange(0, floor.edges[edge].length_mm + 1, 500))
        is_blocked = any(s.edge == edge and s.from_mm < spot.offset_mm < s.to_mm for s in floor.blocked)
        if not is_blocked:
            spots.append(spot)
    if spots and rng.random() < 0.2:
        spots.append(rng.choice(spots))
    bins = {f"B{index}": spot for index, spot in enumerate(spots)}
    if not several:
        return tuple(
            PickLine(f"L{index}", quantity, (Source(name, spot, quantity),))
            for index, (name, spot) in enumerate(bins.items())
            for quantity in (rng.randint(1, 3),)
        )
    lines = []
    for index in range(rng.randint(1, 3)):
        names = rng.sample(sorted(bins), min(len(bins), rng.randint(1, 4)))
        sources = tuple(Source(name, bins[name], rng.randint(1, 4)) for name in names)
        if sources:
            lines.append(PickLine(f"L{index}", rng.randint(1, sum(each.quantity for each in sources)), sources))
    if all(len(line.sources) == 1 for line in lines):
        drawn.discard(Feature.SEVERAL_SOURCES)
    return tuple(lines)
