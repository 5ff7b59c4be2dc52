"""Random floors that are no grid: obstacles, odd angles, storeys joined by lifts, one-way loops."""

import random

import networkx as nx

from routing.problem import PickLine, PickProblem, Source
from warehouse.floor import Edge, EdgeKind, Floor, Node, Spot

STEP_MM = 6000
"""Some distance between neighbouring crossings."""
LIFT_MM = 20_000
"""What waiting for a lift costs, as a length."""

Arc = tuple[int, int]


def random_graph(rng: random.Random, size: int) -> Floor:
    """A floor of one or two storeys of some size * size crossings, every part of it within reach of every other."""
    num_storeys = 2 if rng.random() < 0.25 else 1
    nodes: list[Node] = []
    edges: dict[Arc, Edge] = {}
    for storey in range(num_storeys):
        _add_storey(rng, size, storey, nodes, edges)
    if num_storeys == 2:
        half = len(nodes) // 2
        for _ in range(rng.randint(1, 2)):
            low, high = rng.randrange(half), rng.randrange(half, len(nodes))
            edges[low, high] = Edge(low, high, LIFT_MM, EdgeKind.CROSS)
    for _ in range(rng.randint(0, size)):
        _make_one_way(rng, edges)
    return _largest_part(nodes, list(edges.values()))


def random_tour(rng: random.Random, num_stops: int) -> PickProblem:
    """A floor with one bin a line, to be picked from a crossing and back to it."""
    return random_picks(rng, num_stops, 1)


def random_picks(rng: random.Random, num_lines: int, num_bins: int) -> PickProblem:
    """A floor and lines of one unit with `num_bins` bins each, to be picked from a crossing and back to it."""
    floor = random_graph(rng, rng.randint(5, 12))
    lines = []
    for line in range(num_lines):
        spots = [Spot(edge, rng.randrange(floor.edges[edge].length_mm)) for edge in _some_edges(rng, floor, num_bins)]
        sources = tuple(Source(f"B{line}.{index}", spot, 1) for index, spot in enumerate(spots))
        lines.append(PickLine(f"L{line}", 1, sources))
    return PickProblem(floor, tuple(lines), floor.spot_at(rng.randrange(len(floor.nodes))))


def _some_edges(rng: random.Random, floor: Floor, count: int) -> list[int]:
    return rng.choices(range(len(floor.edges)), k=count)


def _add_storey(rng: random.Random, size: int, storey: int, nodes: list[Node], edges: dict[Arc, Edge]) -> None:
    """A bent mesh with rectangular obstacles in it, some crossings joined at odd angles, some ways missing."""
    wide, deep = size, rng.randint(max(3, size - 3), size)
    holes = []
    for _ in range(rng.randint(1, 3)):
        x, y = rng.randrange(wide), rng.randrange(deep)
        holes.append((x, y, x + rng.randint(1, max(1, size // 4)), y + rng.randint(1, max(1, size // 4))))
    number: dict[tuple[int, int], int] = {}
    for x in range(wide):
        for y in range(deep):
            if not any(a <= x <= c and b <= y <= d for a, b, c, d in holes):
                number[x, y] = len(nodes)
                shift = rng.randrange(STEP_MM // 3), rng.randrange(STEP_MM // 3)
                nodes.append(Node(STEP_MM * x + shift[0] + 2 * storey * size * STEP_MM, STEP_MM * y + shift[1]))
    aisles_run_up = rng.random() < 0.5
    for (x, y), tail in number.items():
        for dx, dy in ((1, 0), (0, 1), (1, 1)):
            head = number.get((x + dx, y + dy))
            if head is None or rng.random() < (0.9 if dx and dy else 0.08):
                continue
            a, b = nodes[tail], nodes[head]
            length_mm = round(((a.x_mm - b.x_mm) ** 2 + (a.y_mm - b.y_mm) ** 2) ** 0.5)
            is_aisle = not (dx and dy) and (dy == 1) == aisles_run_up
            edges[tail, head] = Edge(tail, head, length_mm, EdgeKind.AISLE if is_aisle else EdgeKind.CROSS)


def _make_one_way(rng: random.Random, edges: dict[Arc, Edge]) -> None:
    """Let one loop be walked one way round only: the shortest one by way of some edge."""
    tail, head = rng.choice(list(edges))
    ways: dict[int, list[int]] = {}
    for a, b in edges:
        if (a, b) != (tail, head):
            ways.setdefault(a, []).append(b)
            ways.setdefault(b, []).append(a)
    came_from = {head: head}
    queue = [head]
    for point in queue:
        for then in ways.get(point, ()):
            if then not in came_from:
                came_from[then] = point
                queue.append(then)
    if tail not in came_from:
        return
    loop = [tail]
    while loop[-1] != head:
        loop.append(came_from[loop[-1]])
    loop.reverse()
    for a, b in zip(loop, [*loop[1:], head], strict=True):
        key, direction = ((a, b), 1) if (a, b) in edges else ((b, a), -1)
        edge = edges[key]
        if edge.direction == 0:
            edges[key] = Edge(edge.tail, edge.head, edge.length_mm, edge.kind, direction)


def _largest_part(nodes: list[Node], edges: list[Edge]) -> Floor:
    """The floor between the crossings that can all be reached from one another, the largest such part."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    for edge in edges:
        if edge.direction >= 0:
            graph.add_edge(edge.tail, edge.head)
        if edge.direction <= 0:
            graph.add_edge(edge.head, edge.tail)
    kept = max((sorted(part) for part in nx.strongly_connected_components(graph)), key=len)
    number = {node: index for index, node in enumerate(kept)}
    inside = [
        Edge(number[edge.tail], number[edge.head], edge.length_mm, edge.kind, edge.direction)
        for edge in edges
        if edge.tail in number and edge.head in number
    ]
    return Floor(tuple(nodes[node] for node in kept), tuple(inside))
