"""Distances on floors, against networkx on a graph that has a node at every point that matters."""

import itertools
import random

import networkx as nx
import numpy as np
import pytest

from warehouse.distances import NO_WAY_MM, Distances, spot_array
from warehouse.floor import Edge, EdgeKind, Floor, Node, Spot, Stretch
from warehouse.layouts import rectangular_floor


def graph_of(floor: Floor, spots: list[Spot]) -> "nx.DiGraph[tuple[str, int, int]]":
    """The floor with every spot and every end of a blocked stretch as a node of its own."""
    graph: nx.DiGraph[tuple[str, int, int]] = nx.DiGraph()

    def point(edge: int, offset_mm: int) -> tuple[str, int, int]:
        node = floor.node_at(Spot(edge, offset_mm))
        return ("spot", edge, offset_mm) if node is None else ("node", node, 0)

    def join(a: tuple[str, int, int], b: tuple[str, int, int], length_mm: int) -> None:
        if not graph.has_edge(a, b) or graph.edges[a, b]["weight"] > length_mm:
            graph.add_edge(a, b, weight=length_mm)

    for index, edge in enumerate(floor.edges):
        here = [stretch for stretch in floor.blocked if stretch.edge == index]
        offsets = {0, edge.length_mm} | {spot.offset_mm for spot in spots if spot.edge == index}
        offsets |= {stretch.from_mm for stretch in here} | {stretch.to_mm for stretch in here}
        marks = sorted(offsets)
        graph.add_nodes_from(point(index, mark) for mark in marks)
        for low, high in itertools.pairwise(marks):
            if any(stretch.from_mm < high and stretch.to_mm > low for stretch in here):
                continue
            if edge.direction >= 0:
                join(point(index, low), point(index, high), high - low)
            if edge.direction <= 0:
                join(point(index, high), point(index, low), high - low)
    return graph


def random_floor(rng: random.Random) -> Floor:
    """A few nodes with edges thrown in, parallel ones, one-way ones and blocked ones among them."""
    nodes = tuple(Node(rng.randrange(9000), rng.randrange(9000)) for _ in range(rng.randrange(2, 7)))
    edges = []
    for _ in range(rng.randrange(1, 11)):
        tail, head = rng.sample(range(len(nodes)), 2)
        edges.append(Edge(tail, head, rng.randrange(1, 40), EdgeKind.AISLE, rng.choice([0, 0, 1, -1])))
    blocked = []
    for index, edge in enumerate(edges):
        for _ in range(rng.choice([0, 0, 1, 2])):
            low, high = sorted(rng.choices(range(edge.length_mm + 1), k=2))
            blocked += [Stretch(index, low, high)] if low < high else []
    return Floor(nodes, tuple(edges), tuple(blocked))


@pytest.mark.untraced  # other, quicker tests run the same lines
def test_every_pair_is_as_far_as_networkx_says_on_500_random_floors() -> None:
    rng = random.Random(11)
    one_way = blocked = unreachable = 0
    for _ in range(500):
        floor = random_floor(rng)
        spots = [
            Spot(edge, rng.randrange(floor.edges[edge].length_mm + 1))
            for edge in (rng.randrange(len(floor.edges)) for _ in range(12))
        ]
        spots.append(spots[0])
        found = Distances(floor).matrix(spots)
        graph = graph_of(floor, spots)
        for row, start in enumerate(spots):
            node = floor.node_at(start)
            source = ("spot", start.edge, start.offset_mm) if node is None else ("node", node, 0)
            lengths = nx.single_source_dijkstra_path_length(graph, source)
            for column, end in enumerate(spots):
                node = floor.node_at(end)
                target = ("spot", end.edge, end.offset_mm) if node is None else ("node", node, 0)
                assert found[row, column] == lengths.get(target, NO_WAY_MM), (floor, start, end)
                unreachable += target not in lengths
        one_way += floor.has_one_way
        blocked += bool(floor.blocked)
    assert min(one_way, blocked, unreachable) > 100


def test_two_bins_of_one_aisle_are_joined_along_it_or_around_a_blocked_stretch() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000], blocked=[(0, 0, 4000, 5000)])
    distances = Distances(floor)
    assert distances.between(Spot(0, 1000), Spot(0, 4000)) == 3000
    assert distances.between(Spot(0, 1000), Spot(0, 5000)) == 1000 + 3000 + 10000 + 3000 + 5000


def test_a_one_way_aisle_is_entered_at_its_tail_and_left_at_its_head() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000], aisle_direction={(0, 0): 1})
    distances = Distances(floor)
    assert distances.between(Spot(0, 2000), Spot(0, 6000)) == 4000
    assert distances.between(Spot(0, 6000), Spot(0, 2000)) == 4000 + 3000 + 10000 + 3000 + 2000


def test_where_there_is_no_way_the_answer_is_none() -> None:
    floor = rectangular_floor([0], [0, 10000], blocked=[(0, 0, 4000, 5000)])
    assert Distances(floor).between(Spot(0, 0), Spot(0, 6000)) is None


def test_a_spot_off_the_floor_is_refused() -> None:
    distances = Distances(rectangular_floor([0], [0, 10000]))
    with pytest.raises(ValueError, match="10001 mm along edge 0"):
        distances.between(Spot(0, 10001), Spot(0, 0))
    with pytest.raises(ValueError, match="edge 7"):
        distances.matrix([Spot(7, 0)])
    with pytest.raises(ValueError, match="do not make pairs"):
        distances.pairs([Spot(0, 0)], [])


def test_pairs_and_matrix_agree_and_take_arrays() -> None:
    floor = rectangular_floor([0, 3000, 6000], [0, 10000, 20000], cross_direction={1: 1})
    spots = [Spot(edge, 1500) for edge in range(len(floor.edges))]
    distances = Distances(floor)
    whole = distances.matrix(spots)
    rows, columns = np.divmod(np.arange(whole.size), len(spots))
    array = spot_array(spots)
    assert (distances.pairs(array[rows], array[columns]) == whole.ravel()).all()
    assert (distances.matrix(spots[:3], spots[5:]) == whole[:3, 5:]).all()
    assert distances.matrix([]).shape == (0, 0)
