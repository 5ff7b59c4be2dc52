"""Proof that a choice of bins is best, or a better choice, or at least a bound.

Problem
    A choice of bins and what its walk costs are known. Is there a better one?
Method
    `ways` writes the floor as ways that bring goods. `line_prices` raises a bound and drops ways that no
    better walk can take; in between `better_walks` tries to build all better walks from what is left, each
    time for as long as the prices have taken so far. When it comes to an end, its answer is exact. When prices
    have said all they can, it takes turns with `branching`, each turn twice as long as the one before. Costs
    of all walks often share a divisor (on a floor measured in decimetres a closed walk is a multiple of two
    of them), which tells how much better a better walk is at least.
Complexity
    Exponential: some milliseconds to a few seconds for most published instances of 3 to 30 lines.
Limits
    Where stops are charged for, ways are taken to stop nowhere and the fewest points that the lines need
    are added: a bound, seldom a proof. Bundled units (`ways`) can leave a better walk short.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.better_walks import REFIT_LABELS, Allowance, Search, WalkSearch, sweep_s
from routing.branching import Branching, Found
from routing.compiled import compiled
from routing.grid_arrays import GridArrays
from routing.grid_problem import GridProblem
from routing.line_prices import TABLED_MAX, bound_now, no_prices, room_for
from routing.poor_ways import worth_keeping
from routing.price_search import PriceSearch
from routing.problem import PolicyName
from routing.rough_prices import rough_prices
from routing.segment_moves import COST, MOVE, SHIFT, STOP, Ints
from routing.standing import LINE, NEED, QUANTITY, SPOT, Demand
from routing.ways import FROM, TO, Ways, all_ways, goods_at, without_others

ROUNDS = (0, 50, 50, 100, 100, 200)  # iterations on prices between two looks for better walks
TABLED_FROM = 3  # the round from which lines of few units have a price for each number of units
SCALE_MAX = 1 << 10  # fractions of a cost that prices are told apart by; finer ones raise no bound by 1
ROOM = 1 << 58  # no sum of costs or prices may exceed it
LONG_SWEEP_S = 0.002  # from so long a sweep on prices to begin with come from a floor with shorter ones
ROUGH_SHARE = 0.5  # of the time, at most, for them
ROUGH_STEP = 0.1  # to go on with from there, as they are good already
FIRST_TURN_S = 1.0  # of counted work, to build all better walks
PARTS_TIMES = 4.0  # as much for ruling them out in parts: mostly sweeps, which take less than is counted
NO_WALK: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """A cost that no choice of bins can beat, and the sources of a choice that may be better than the known one.

    `taken` is None if no better choice was found. `guess` are the sources on a walk that is cheapest at the
    prices, if there is one: they may fall short of what the lines need, and are a good beginning.
    """

    bound: int
    taken: NDArray[np.int8] | None
    guess: NDArray[np.int8] | None


class Prover:
    """Proves choices of one problem best, or finds better ones; what it has learnt serves the next attempt.

    Costs are divided by `divisor` to leave out what comes second where only the first is to be proven.
    Bounds and limits are counted `scale` times.

    Parameters
    ----------
    grid, demand
        The problem, and its lines and sources. There has to be at least one line.
    cost
        What the walk of some choice costs; dearer ones are never looked at.
    refit_labels
        From how many labels on prices are fitted to them.
    until
        When to give up setting it up, by `time.perf_counter`.

    Raises
    ------
    TimeoutError
        If it was given up.
    """

    def __init__(
        self,
        grid: GridProblem,
        demand: Demand,
        cost: int,
        refit_labels: int = REFIT_LABELS,
        until: float = math.inf,
    ) -> None:
        self.demand, self.refit_labels, self.odd = demand, refit_labels, grid.odd
        self.divisor = grid.unit if grid.policy.name is PolicyName.SHORTEST else 1
        line, spot, quantity = (demand.sources[:, column].copy() for column in (LINE, SPOT, QUANTITY))
        goods = goods_at(demand.lines[:, NEED].copy(), line, spot, quantity, grid.num_spots)
        self.arrays, self.stops_cost = _without_stops(grid, demand, self.divisor)
        ways = all_ways(self.arrays, goods, self.divisor, until)
        self.step_between = 1 if self.stops_cost else _common_step(ways, 1 if self.divisor > 1 else grid.unit)
        self.known = cost // self.divisor - self.stops_cost
        self.ways = without_others(ways, ways.way[:, COST] <= self.known)
        lines = len(ways.units)
        self.scale = min(SCALE_MAX, ROOM // max(1, len(ways.table) * self.known))
        self.dearest = float(
            min(max(1, self.limit), ROOM // (max(len(ways.table), int(ways.units.max())) * (1 + lines)))
        )
        self.prices, self.sweeps = no_prices(self.ways), room_for(self.ways, grid.arrays.program.next.shape[2])
        wish = np.zeros(len(ways.line_of))
        wish[ways.units_first + 1] = np.minimum(self.dearest, max(0, self.limit) / (2 * lines * ways.units))
        self.search = PriceSearch(self.prices, self.sweeps, wish, self.scale, self.dearest)
        self.by_turns: tuple[Branching, WalkSearch] | None = None
        self.round, self.spent_s, self.turn_s = 0, 0.0, FIRST_TURN_S
        self.proven, self.bound = False, 0
        self.chosen = NO_WALK
        self.guess: NDArray[np.int8] | None = None

    @property
    def limit(self) -> int:
        """No walk better than the known one costs as much."""
        return (self.known - self.step_between) * self.scale + 1

    def prove(self, cost: int, allowance: Allowance, rounds: int = len(ROUNDS)) -> Proof:
        """Look for a better choice than one of this cost, and for a proof that there is none.

        Comes back with a better choice as soon as one is found.

        Parameters
        ----------
        cost
            What the walk of the best known choice costs: no more than at any time before.
        allowance
            How long this may take.
        rounds
            After how many more rounds of prices to come back; the next call goes on from there.
        """
        if self.scale < 1:
            return Proof(0, None, None)
        self.known = min(self.known, cost // self.divisor - self.stops_cost)
        self.chosen = NO_WALK
        if self.limit < 1:
            self.proven = True
        last = min(self.round + rounds, len(ROUNDS))
        while self.round < last and not self.proven and allowance.left_s() > 0:
            self.raise_bound(allowance)
            self.round += 1
            if self.round > 1:
                walks = WalkSearch(self.what_is_left(), self.search.best, self.prices, self.sweeps)
                self.try_walks(walks, Allowance(work_s=self.spent_s, within=allowance))
        if self.round == len(ROUNDS):
            self.take_turns(allowance)
        if self.proven:
            self.bound = self.known
        bound = (self.bound + self.stops_cost) * self.divisor
        return Proof(bound, self.taken() if self.chosen else None, self.guess)

    def raise_bound(self, allowance: Allowance) -> None:
        """Seek better prices for a round, then drop ways."""
        if self.round == 0 and self.sweep_s() >= LONG_SWEEP_S:
            self.begin_roughly(allowance)
        if self.round == TABLED_FROM:
            self.price_numbers()
        done = self.search.go_on(self.ways, self.limit, ROUNDS[self.round], allowance)
        self.spent_s += (done + 3) * self.sweep_s()
        self.drop_ways()

    def sweep_s(self) -> float:
        """About how long a sweep at prices takes."""
        return sweep_s(self.ways, self.sweeps)

    def begin_roughly(self, allowance: Allowance) -> None:
        """Take prices to begin with from a floor on which sweeps are short."""
        share = Allowance(time.perf_counter() + ROUGH_SHARE * allowance.left_s(), within=allowance)
        rough = rough_prices(self.ways, self.odd, self.search, self.limit, share)
        self.search.begin_at(rough, ROUGH_STEP)

    def price_numbers(self) -> None:
        """From now on give lines of few units a price for each number of units, to begin with the same a unit."""
        ways = self.ways
        self.prices.tabled[:] = ways.units <= TABLED_MAX
        first = ways.units_first[ways.line_of]
        units = np.arange(len(ways.line_of)) - first
        wish = np.minimum(self.dearest, np.floor(self.search.best[first + 1]) * units)
        self.search.begin_at(wish, max(0.3, self.search.step))

    def drop_ways(self) -> None:
        """Take note of the best bound, and drop ways that no better walk takes; proven if none are left."""
        prices = self.prices._replace(wish=self.search.best)
        bound = int(bound_now(self.ways, prices, self.scale, self.sweeps))
        self.note(bound)
        if self.proven:
            return
        self.guess = self.sources_on(self.cheapest_walk())
        keep = worth_keeping(self.ways, self.prices, self.search.best, self.scale, self.limit, self.sweeps)
        if keep is None:
            self.proven = True
        else:
            self.ways = without_others(self.ways, keep)

    def try_walks(self, walks: WalkSearch, allowance: Allowance) -> None:
        """Go on building all better walks, unless there are none or no time is left."""
        if self.proven or allowance.left_s() <= 0:
            return
        out = walks.go_on(self.limit, allowance)
        if out.chosen:
            self.take(Found(out.chosen, out.bound))
        self.note(out.bound)

    def take_turns(self, allowance: Allowance) -> None:
        """Build all better walks, and rule them out in parts, by turns."""
        if self.by_turns is None:
            told = self.what_is_left(), self.search.best, self.prices, self.sweeps
            self.by_turns = Branching(*told), WalkSearch(*told)
        branching, walks = self.by_turns
        while not (self.proven or self.chosen) and allowance.left_s() > 0:
            self.try_walks(walks, Allowance(work_s=self.turn_s, within=allowance))
            self.rule_out(branching, Allowance(work_s=PARTS_TIMES * self.turn_s, within=allowance))
            self.turn_s *= 2

    def rule_out(self, branching: Branching, allowance: Allowance) -> None:
        """Go on ruling out parts, unless there are none or a better walk is found."""
        if self.proven or self.chosen:
            return
        found = branching.go_on(self.limit, allowance)
        if found:
            self.take(found)
        self.note(branching.bound)

    def what_is_left(self) -> Search:
        """The search for walks that are better than the best known one."""
        return Search(self.ways, self.scale, self.limit, self.dearest, self.refit_labels)

    def take(self, found: Found) -> None:
        """Take note of a better walk."""
        self.chosen, self.known = found.chosen, found.cost // self.scale

    def note(self, bound: int) -> None:
        """Take note of a bound, counted `scale` times."""
        if bound >= self.limit:
            self.proven = True
        else:
            self.bound = max(self.bound, -(-bound // self.scale))

    def cheapest_walk(self) -> list[int]:
        """The ways of a cheapest walk at the prices of the last sweep."""
        _, planes, states = self.sweeps.onward.shape
        chosen, plane, state = [], 0, self.ways.empty
        for step in range(len(self.ways.table)):
            code = int(self.sweeps.onward[step, plane, state])
            chosen.append(int(self.sweeps.chosen[code // states // planes]))
            plane, state = code // states % planes, code % states
        return chosen

    def taken(self) -> NDArray[np.int8] | None:
        """Sources enough for every line that lie on the chosen ways; None if they fall short."""
        taken = self.sources_on(self.chosen)
        line, quantity = self.demand.sources[:, LINE], self.demand.sources[:, QUANTITY] * taken
        brought = np.bincount(line, weights=quantity, minlength=len(self.demand.lines))
        return taken if (brought >= self.demand.lines[:, NEED]).all() else None

    def sources_on(self, chosen: Sequence[int]) -> NDArray[np.int8]:
        """Sources that lie on these ways, of every line the fullest, and no more than it needs."""
        spots = np.arange(len(self.arrays.spot_step))
        way = self.ways.way[np.array(chosen)[self.arrays.spot_step]]
        low, high = np.minimum(way[:, FROM], way[:, TO]), np.maximum(way[:, FROM], way[:, TO])
        passed = ((low <= spots) & (spots < high)) != (way[:, FROM] <= way[:, TO])
        sources = self.demand.sources
        taken = np.zeros(len(sources), np.int8)
        for line, need in enumerate(self.demand.lines[:, NEED].tolist()):
            mine = np.flatnonzero((sources[:, LINE] == line) & passed[sources[:, SPOT]])
            mine = mine[np.argsort(-sources[mine, QUANTITY], kind="stable")]
            brought = np.cumsum(sources[mine, QUANTITY])
            taken[mine[: int(np.searchsorted(brought, need)) + 1]] = 1
        return taken


def _without_stops(grid: GridProblem, demand: Demand, divisor: int) -> tuple[GridArrays, int]:
    """The problem with stops that cost nothing, and what all stops cost at least."""
    cost = int(grid.arrays.weights[STOP])
    if not cost:
        return grid.arrays, 0
    weights = grid.arrays.weights.copy()
    weights[STOP] = 0
    return grid.arrays._replace(weights=weights), _least_spots(demand) * cost // divisor


def _least_spots(demand: Demand) -> int:
    """At how many points any choice stops at least, as far as that is easily known."""
    claimed: set[int] = set()
    least = 0
    for line, need in enumerate(demand.lines[:, NEED].tolist()):
        mine = demand.sources[demand.sources[:, LINE] == line]
        spots, where = np.unique(mine[:, SPOT], return_inverse=True)
        if claimed.isdisjoint(spots.tolist()):
            claimed.update(spots.tolist())
            offers = np.sort(np.bincount(where, weights=mine[:, QUANTITY]))[::-1]
            least += int(np.searchsorted(np.cumsum(offers), need)) + 1
    return least


def _common_step(ways: Ways, unit: int) -> int:
    """What the costs of any two walks differ by at least, if they differ.

    Above `unit` stands what comes first in costs; where that differs they differ by more.
    """
    costs = ways.way[:, COST] if unit == 1 else ways.way[:, COST] % unit
    shared = int(np.gcd.reduce(costs)) if len(costs) else 0
    if shared == 0:
        return 1
    states = max(ways.done, int(ways.hops.max())) + 1
    return shared * (1 if _both_parities(ways, costs // shared % 2, states) else 2)


@compiled(makes_arrays=True)
def _both_parities(ways: Ways, parity: Ints, states: int) -> bool:
    """Whether there are walks of odd and of even cost, if the cost of every way is odd or even."""
    planes = ways.shift.shape[1]
    seen = np.zeros((planes, states), np.uint8)  # 1: at even cost, 2: at odd cost
    seen[0, ways.empty] = 1
    for step in range(len(ways.table)):
        then = np.zeros((planes, states), np.uint8)
        for way in range(ways.first[step], ways.first[step + 1]):
            hops = ways.hop_first[ways.table[step], ways.way[way, MOVE]]
            for plane in range(planes):
                to_plane = ways.shift[ways.way[way, SHIFT], plane]
                if to_plane < 0:
                    continue
                for hop in range(hops[0], hops[1]):
                    at = seen[plane, ways.hops[hop, 0]]
                    if parity[way]:
                        at = (at & 1) << 1 | at >> 1
                    then[to_plane, ways.hops[hop, 1]] |= at
        seen = then
    return bool(seen[planes - 1, ways.done] == 3)
