"""What can be done on one aisle segment of a floor with one-way edges, and what each way costs.

Problem: a segment lies between a lower and an upper cross-aisle node. Given the bins on it, which
combinations of passes can a best walk use?
Method: the segment is cut at its bins, at the start, the end and where floor is blocked or already
walked. The net flow (up minus down) is the same on all pieces but for the start and the end, so it is
fixed by the flow n at the lower end. A piece with flow n is passed |n| times; one without flow is passed
once each way or not at all. Leaving out the passes of a cycle never makes a walk worse, which is why no
piece is passed more often than that. A small recursion over the pieces finds the cheapest way for each
effect on the nodes; arms without the cart are laid over it from either mouth, every depth tried.
Complexity: O(k) for a segment of k bins; O(k^3) with a free end on it; times a^2 for a bins within
the step-in depth.

References
----------
.. [1] H. D. Ratliff, A. S. Rosenthal, Order-picking in a rectangular warehouse: a solvable case of the
   traveling salesman problem, Operations Research 31(3), 507-521, 1983 (section 3, vertical moves).
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from routing.walk import Pass

UNTOUCHED, BOTTOM, TOP, BOTH, JOINED, CLOSED = range(6)
"""What a move does to the segment's nodes: which it touches, whether it joins them.

CLOSED touches neither and holds the whole walk.
"""


@dataclass(frozen=True, slots=True)
class Weights:
    """What a mm of floor walked again and a mm walked add to a cost."""

    backtrack: int
    distance: int


@dataclass(frozen=True, slots=True)
class Lane:
    """One aisle segment, or a spur that hangs on one crossing. Offsets in mm from its lower end.

    `direction` is that of the lane, 1 for upwards. `mouths` says whether one can step in from the lower
    and from the upper end. Strictly inside may lie `start_mm`, where an open walk starts, `return_mm`,
    where a walk starts and must end, and `ends_mm`, the other allowed ends. `turned` says that the edge
    is measured from the other end. A spur is 1 mm longer than its edge and that mm is blocked, so that
    its leaf lies inside.
    """

    edge: int
    length_mm: int
    direction: int
    is_aisle: bool = True
    is_spur: bool = False
    turned: bool = False
    blocked: tuple[tuple[int, int], ...] = ()
    walked: tuple[tuple[int, int], ...] = ()
    mouths: tuple[bool, bool] = (True, True)
    start_mm: int | None = None
    return_mm: int | None = None
    ends_mm: tuple[int, ...] = ()

    def with_ends(self, offsets_mm: tuple[int, ...]) -> "Lane":
        """The lane with other allowed ends; where the walk starts inside, it may end there as well."""
        started = () if self.start_mm is None else (self.start_mm,)
        return replace(self, ends_mm=tuple(sorted({*offsets_mm, *started})))

    def on_edge_mm(self, offset_mm: int) -> int:
        """Where on the edge an offset of this lane is, and the other way round; `turned` lanes are spurs."""
        return self.length_mm - 1 - offset_mm if self.turned else offset_mm


@dataclass(frozen=True, slots=True)
class Plan:
    """How a segment is walked: (from_mm, to_mm, flow) of the pieces passed, (mouth, depth) of the arms."""

    lane: Lane
    pieces: tuple[tuple[int, int, int], ...]
    arms: tuple[tuple[int, int], ...] = ()

    def passes(self) -> Iterator[Pass]:
        """The passes that make up this plan."""
        lane = self.lane
        for low, high, flow in self.pieces:
            if flow >= 0:
                yield Pass(lane.edge, lane.on_edge_mm(low), lane.on_edge_mm(high), max(flow, 1))
            if flow <= 0:
                yield Pass(lane.edge, lane.on_edge_mm(high), lane.on_edge_mm(low), max(-flow, 1))
        for mouth_mm, depth_mm in self.arms:
            yield Pass(lane.edge, lane.on_edge_mm(mouth_mm), lane.on_edge_mm(depth_mm), step_in=True)


@dataclass(frozen=True, slots=True)
class Move:
    """One way to treat a segment: its effect, its cost, and where the walk ends if it ends here."""

    effect: int
    cost: int
    plan: Plan
    end_mm: int | None = None


@dataclass
class LaneMoves:
    """All moves of one lane with given bins, by whether the walk ends here and the flow at the lower end.

    Parameters
    ----------
    lane, bins_mm
        The segment and the distinct offsets to visit, strictly inside it, ascending.
    weights, step_in_mm
        What is minimised, and how deep one may go without the cart.
    """

    lane: Lane
    bins_mm: tuple[int, ...]
    weights: Weights
    step_in_mm: int
    _known: dict[tuple[bool, int], tuple[Move, ...]] = field(default_factory=dict)

    def moves(self, ends_here: bool, flow: int) -> tuple[Move, ...]:
        """The cheapest move for each effect, with net flow `flow` upwards at the lower end."""
        key = (ends_here, flow)
        if key not in self._known:
            self._known[key] = tuple(self._compute(ends_here, flow))
        return self._known[key]

    def _compute(self, ends_here: bool, flow: int) -> Iterator[Move]:
        if abs(flow) > 2:
            yield from self._more_often(ends_here, flow)
            return
        best: dict[int, Move] = {}
        for end_mm in self.lane.ends_mm if ends_here else (None,):
            for arms in self._step_ins(flow):
                for move in self._arrange(flow, end_mm, arms):
                    if move.effect not in best or move.cost < best[move.effect].cost:
                        best[move.effect] = move
        yield from best.values()

    def _more_often(self, ends_here: bool, flow: int) -> Iterator[Move]:
        """The moves of flow 2 or -2 with further passes; beyond it every piece has flow in one direction."""
        near = 2 if flow > 0 else -2
        more = abs(flow - near)
        slope = self.weights.distance + self.weights.backtrack * self.lane.is_aisle
        for move in self.moves(ends_here, near):
            pieces = tuple((low, high, net + flow - near) for low, high, net in move.plan.pieces)
            length = sum(high - low for low, high, _ in pieces)
            yield Move(move.effect, move.cost + more * length * slope, Plan(self.lane, pieces), move.end_mm)

    def _step_ins(self, flow: int) -> Iterator[tuple[tuple[int, int], ...]]:
        """Every choice of arms without the cart, as (mouth, depth) offsets; none leads out at the other end."""
        lane = self.lane
        special = lane.start_mm is not None or lane.return_mm is not None or bool(lane.ends_mm)
        if self.step_in_mm == 0 or lane.direction or not self.bins_mm or (flow and not special) or abs(flow) > 1:
            yield ()
            return
        low_limit = min([self.step_in_mm, *(low for low, _ in lane.blocked)])
        high_limit = max([lane.length_mm - self.step_in_mm, *(high for _, high in lane.blocked)])
        inside = [mm for mm in self.bins_mm if not (lane.is_spur and mm == lane.length_mm - 1)]
        lower: list[int | None] = [None, *(mm for mm in inside if lane.mouths[0] and mm <= low_limit)]
        upper: list[int | None] = [None, *(mm for mm in inside if lane.mouths[1] and mm >= high_limit)]
        for up_to, down_to in itertools.product(lower, upper):
            if up_to is not None and down_to is not None and down_to <= up_to:
                continue
            arms = [] if up_to is None else [(0, up_to)]
            yield tuple(arms if down_to is None else [*arms, (lane.length_mm, down_to)])

    def _arrange(self, flow: int, end_mm: int | None, arms: tuple[tuple[int, int], ...]) -> Iterator[Move]:
        """The cheapest move for each effect, with these arms and this end."""
        lane = self.lane
        required = {mm for mm in self.bins_mm if not any(min(arm) <= mm <= max(arm) for arm in arms)}
        required |= {mm for mm in (lane.start_mm, lane.return_mm, end_mm) if mm is not None}
        arms_cost = sum(2 * abs(depth - mouth) for mouth, depth in arms) * self.weights.distance
        reached = (any(mouth == 0 for mouth, _ in arms), any(mouth > 0 for mouth, _ in arms))
        for state, (cost, pieces) in self._reach(flow, end_mm, required).items():
            effect = _EFFECT[state]
            if arms:
                if effect == CLOSED:
                    continue
                if effect != JOINED:
                    effect |= reached[0] * BOTTOM | reached[1] * TOP
            yield Move(effect, cost + arms_cost, Plan(lane, tuple(_unfold(pieces)), arms), end_mm)

    def _reach(self, flow: int, end_mm: int | None, required: set[int]) -> "dict[str, tuple[int, _Chain]]":
        """For every state at the upper end the least cost and the pieces walked."""
        reach: dict[str, tuple[int, _Chain]] = {"lower end": (0, None)}
        for low, high, net, walked, can_pass in self._pieces(flow, end_mm, required):
            after: dict[str, tuple[int, _Chain]] = {}
            passes = abs(net) or 2
            length = high - low
            again = (passes - 1 + walked) * self.lane.is_aisle
            added = length * (passes * self.weights.distance + again * self.weights.backtrack)
            for state, (cost, chain) in reach.items():
                if can_pass and (state_walked := _WALK.get(state)) is not None:
                    entry = (cost + added, ((low, high, net), chain))
                    if state_walked not in after or entry[0] < after[state_walked][0]:
                        after[state_walked] = entry
                skipped = _SKIP.get((state, low in required)) if net == 0 else None
                if skipped is not None and (skipped not in after or cost < after[skipped][0]):
                    after[skipped] = (cost, chain)
            reach = after
        return reach

    def _pieces(self, flow: int, end_mm: int | None, required: set[int]) -> Iterator[tuple[int, int, int, bool, bool]]:
        """The pieces upwards: (from_mm, to_mm, net flow, walked before, may be passed so)."""
        lane = self.lane
        cuts = {0, lane.length_mm, *required}
        cuts.update(mm for pair in (*lane.blocked, *lane.walked) for mm in pair)
        for low, high in itertools.pairwise(sorted(cuts)):
            net = flow
            net += lane.start_mm is not None and lane.start_mm <= low
            net -= end_mm is not None and end_mm <= low
            walked = any(a <= low and high <= b for a, b in lane.walked)
            is_blocked = any(a <= low and high <= b for a, b in lane.blocked)
            along = lane.direction == 0 or lane.direction * net > 0
            yield low, high, net, walked, along and not is_blocked


_Chain = tuple[tuple[int, int, int], "_Chain"] | None

# Where one can be after a piece: in floor joined to the lower end, in a hole above such floor or above
# nothing, in floor above such a hole, or above floor that hangs on neither end.
_WALK = {
    "lower end": "joined below",
    "joined below": "joined below",
    "hole above floor": "island above floor",
    "hole": "island",
    "island above floor": "island above floor",
    "island": "island",
}
_SKIP = {
    ("lower end", False): "hole",
    ("lower end", True): "hole",
    ("joined below", False): "hole above floor",
    ("joined below", True): "hole above floor",
    ("hole above floor", False): "hole above floor",
    ("hole", False): "hole",
    ("island", False): "above an island",
    ("island", True): "above an island",
    ("above an island", False): "above an island",
}
_EFFECT = {
    "joined below": JOINED,
    "hole above floor": BOTTOM,
    "hole": UNTOUCHED,
    "island above floor": BOTH,
    "island": TOP,
    "above an island": CLOSED,
}


def _unfold(chain: _Chain) -> Iterator[tuple[int, int, int]]:
    while chain is not None:
        piece, chain = chain
        yield piece
