"""The floor graph and the layout of rectangular floors."""

import json

import pytest

from warehouse.floor import Edge, EdgeKind, Floor, Grid, Node, Spot, Stretch
from warehouse.layouts import rectangular_floor


def odd_floor() -> Floor:
    return rectangular_floor(
        [0, 3000, 7000],
        [0, 8000, 20_000],
        aisle_names=["A", "B", "C"],
        bare_x_mm=[5000],
        aisle_direction={(1, 0): 1},
        cross_direction={2: -1},
        missing_segments=frozenset({(2, 1)}),
        blocked=[(0, 1, 100, 200)],
    )


def test_a_rectangular_floor_has_its_columns_rows_and_missing_parts() -> None:
    floor = odd_floor()
    assert floor.grid is not None
    assert len(floor.nodes) == 4 * 3
    assert [floor.nodes[column[0]].x_mm for column in floor.grid.nodes] == [0, 3000, 5000, 7000]
    assert floor.grid.segments[2] == (-1, -1)
    assert floor.grid.segments[3][1] == -1
    upper = floor.edges[floor.grid.segments[0][1]]
    assert (upper.length_mm, upper.kind, upper.name) == (12_000, EdgeKind.AISLE, "A")
    assert floor.edges[floor.grid.segments[1][0]].direction == 1
    assert {floor.edges[gap].direction for gap in floor.grid.gaps[2]} == {-1}
    assert [floor.edges[gap].length_mm for gap in floor.grid.gaps[0]] == [3000, 2000, 2000]
    assert floor.blocked == (Stretch(floor.grid.segments[0][1], 100, 200),)
    assert floor.has_one_way
    assert not rectangular_floor([0], [0, 1]).has_one_way


@pytest.mark.parametrize(
    ("aisles", "rows", "bare", "names", "why"),
    [
        ([], [0, 1], (), None, "at least one aisle"),
        ([0], [0], (), None, "two cross aisles"),
        ([0, 0], [0, 1], (), None, "ascend strictly"),
        ([3, 0], [0, 1], (), None, "ascend strictly"),
        ([0, 3], [0, 1], (3,), None, "stand apart"),
        ([0], [1, 1], (), None, "cross aisle positions must ascend"),
        ([0], [0, 1], (), ["a", "b"], "every aisle once"),
    ],
)
def test_positions_that_make_no_floor_are_refused(
    aisles: list[int], rows: list[int], bare: tuple[int, ...], names: list[str] | None, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        rectangular_floor(aisles, rows, bare_x_mm=bare, aisle_names=names)


def test_a_floor_survives_json() -> None:
    floor = odd_floor()
    assert Floor.from_dict(json.loads(json.dumps(floor.to_dict()))) == floor
    bare = Floor(floor.nodes, floor.edges)
    assert Floor.from_dict(bare.to_dict()) == bare


@pytest.mark.parametrize("data", [{}, {"nodes": [], "edges": [{}]}, {"nodes": 3, "edges": []}])
def test_what_is_not_a_floor_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a floor"):
        Floor.from_dict(data)


@pytest.mark.parametrize(
    ("edge", "blocked", "why"),
    [
        (Edge(0, 2, 10, EdgeKind.CROSS), (), "not both there"),
        (Edge(0, 1, 0, EdgeKind.CROSS), (), "not a length"),
        (Edge(0, 1, 10, EdgeKind.CROSS, 2), (), "direction 2"),
        (Edge(0, 1, 10, EdgeKind.CROSS), (Stretch(1, 0, 1),), "does not exist"),
        (Edge(0, 1, 10, EdgeKind.CROSS), (Stretch(0, 5, 11),), "does not lie on its edge"),
        (Edge(0, 1, 10, EdgeKind.CROSS), (Stretch(0, 5, 5),), "does not lie on its edge"),
    ],
)
def test_a_floor_that_contradicts_itself_is_refused(edge: Edge, blocked: tuple[Stretch, ...], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Floor((Node(0, 0), Node(0, 10)), (edge,), blocked)


@pytest.mark.parametrize(
    ("nodes", "segments", "gaps"),
    [
        (((0, 1), (2, 9)), ((0,), (1,)), ((2,), (3,))),
        (((0, 1), (2, 2)), ((0,), (1,)), ((2,), (3,))),
        (((0, 1), (2, 3)), ((0,), (0,)), ((2,), (3,))),
        (((0, 1), (2, 3)), ((0,), (9,)), ((2,), (3,))),
        (((0, 1), (2, 3)), ((0,), (1,)), ((3,), (2,))),
        (((0, 1), (2, 3)), ((0,),), ((2,), (3,))),
        (((0, 1), (2, 3)), ((0,), (1,)), ((2,),)),
        ((), (), ()),
    ],
)
def test_a_grid_that_is_no_reading_of_its_floor_is_refused(
    nodes: tuple[tuple[int, ...], ...], segments: tuple[tuple[int, ...], ...], gaps: tuple[tuple[int, ...], ...]
) -> None:
    floor = rectangular_floor([0, 3000], [0, 10_000])
    Floor(floor.nodes, floor.edges, (), Grid(((0, 1), (2, 3)), ((0,), (-1,)), ((2,), (3,))))
    with pytest.raises(ValueError, match="grid"):
        Floor(floor.nodes, floor.edges, (), Grid(nodes, segments, gaps))


def test_spots_know_the_crossings_they_coincide_with() -> None:
    floor = rectangular_floor([0, 3000], [0, 10_000])
    assert floor.node_at(Spot(0, 0)) == 0
    assert floor.node_at(Spot(0, 10_000)) == 1
    assert floor.node_at(Spot(0, 5)) is None
    assert floor.same_point(Spot(0, 0), floor.spot_at(0))
    assert floor.same_point(Spot(0, 10_000), Spot(3, 0))
    assert not floor.same_point(Spot(0, 5), Spot(0, 6))
    assert floor.point_mm(Spot(3, 1500)) == (1500, 10_000)
    assert floor.incident[0] == (0, 2)
    with pytest.raises(ValueError, match="edge 9"):
        floor.check_spot(Spot(9, 0))
