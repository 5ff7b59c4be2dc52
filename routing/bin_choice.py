"""Which bins to pick from, when a product lies in several.

Problem
    Every line may be filled from any of its sources. Choose sources so that the best walk by way of
    their points is best by the policy, and among equals touches the fewest bins.
Method
    Lines are filled one after the other, those with the fewest ways first, each where it adds least to
    the walk. Then one source at a time is taken in, others of its line that it makes superfluous are
    left out, and what is better is kept, until nothing is. From there lines are torn out at random and
    filled again, the better of old and new is kept, until the budget ends.
Complexity
    One call of `Pricer.price` a move; a descent takes about lines * sources of them.
Limits
    A local search; where there are no more than `ENUMERATE_MAX` ways to fill all lines they are all
    tried, and the answer is best.
"""

import itertools
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from routing.cost import NEVER
from routing.problem import PickLine, Source
from routing.route import Pick
from warehouse.floor import Spot

ENUMERATE_MAX = 256  # ways; pricing them all takes no longer than a short search
TORN_MAX = 4  # lines torn out at once; more forget too much of a good choice


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a search may go on: until a time or a number of iterations is over, whichever is first.

    With `time_ms=None` a search is limited by iterations alone and gives the same answer every time.
    `answer_by`, a moment of `time.perf_counter`, is when the route has to be there: on grid floors walked both ways
    the search ends early enough for it to be walked and verified by then, elsewhere it ends then.

    Raises
    ------
    ValueError
        If neither limit is given, or one is negative.
    """

    time_ms: int | None = 200
    iterations: int | None = None
    answer_by: float = math.inf

    def __post_init__(self) -> None:
        if self.time_ms is None and self.iterations is None:
            raise ValueError("a budget needs a time or a number of iterations")
        if (self.time_ms or 0) < 0 or (self.iterations or 0) < 0:
            raise ValueError("a budget cannot be negative")

    def leaving(self, seconds: float) -> "Budget":
        """The same budget with so long left between the end of the search and the answer."""
        return replace(self, answer_by=self.answer_by - seconds)

    def shared(self, number: int) -> "Budget":
        """The budget of each of so many searches that share this one."""
        return replace(
            self,
            time_ms=None if self.time_ms is None else self.time_ms // number,
            iterations=None if self.iterations is None else self.iterations // number,
        )


class Pricer(Protocol):
    """Prices walks by way of points; what a solver offers so that bins can be chosen for it.

    `spot_of` numbers the points of all sources that can be reached (sources at one point of the floor
    share a number). `price(needed)` is the cost of the best walk by way of every point whose entry in
    `needed` is not 0: one whole number, smaller is better in the policy's own order, `NEVER` where there
    is no walk. More points never cost less.
    """

    @property
    def spot_of(self) -> Mapping[Spot, int]:
        """The number of each point that can be reached."""

    def price(self, needed: NDArray[np.int32]) -> int:
        """The cost of the best walk by way of the needed points."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Chosen picks, the `needed` points they stand at, and what is known about them.

    `cost` is the price of the best walk found for them, `best` says that no choice has a better one, and
    `cost_bound` is a cost that no choice can beat.
    """

    picks: tuple[Pick, ...]
    needed: NDArray[np.int32]
    cost: int
    best: bool
    cost_bound: int


@dataclass(frozen=True, slots=True)
class _Option:
    """One source of a line that can be reached."""

    bin: int
    name: str
    spot: int
    quantity: int


Filling = tuple[int, ...]
"""Which options of one line are used, in ascending order."""


def given_filling(line: str, quantity: int, sources: Sequence[Source]) -> tuple[Pick, ...] | None:
    """The picks of a line that these sources fill in one way only, None if there are several ways or none."""
    if len(sources) == 1 and sources[0].quantity >= quantity:
        return (Pick(line, sources[0].bin, quantity),)
    if sum(source.quantity for source in sources) == quantity:
        return tuple(Pick(line, source.bin, source.quantity) for source in sources)
    return None


def choose_bins(lines: Sequence[PickLine], pricer: Pricer, budget: Budget, seed: int) -> Choice:
    """Choose bins for all lines.

    Parameters
    ----------
    lines
        Each can be filled from those of its sources whose spots are in `pricer.spot_of`.
    pricer
        What a walk costs.
    budget, seed
        How long to search, and the seed of the search's random numbers.

    Returns
    -------
    Choice
        Its cost is `NEVER` if no walk was found.

    Raises
    ------
    ValueError
        If some line cannot be filled from the sources that can be reached.
    """
    few = try_all_fillings(lines, pricer)
    if few is not None:
        return few
    search = _Search(lines, pricer, seed)
    search.construct()
    search.improve(budget)
    bound = search.bound()
    return search.choice(best=search.cost == bound, cost_bound=bound)


def try_all_fillings(lines: Sequence[PickLine], pricer: Pricer, ways_max: int = ENUMERATE_MAX) -> Choice | None:
    """The best choice if there are at most `ways_max`, else None; raises as `choose_bins` does."""
    if _num_ways(lines, pricer, ways_max) > ways_max:
        return None
    search = _Search(lines, pricer, seed=0)
    search.enumerate()
    return search.choice(best=True, cost_bound=search.cost)


def _num_ways(lines: Sequence[PickLine], pricer: Pricer, ways_max: int) -> int:
    """How many ways there are to fill all lines; counted on to no more than a few above `ways_max`."""
    ways = 1
    for line in lines:
        offers = [source.quantity for source in line.sources if source.spot in pricer.spot_of]
        if len(offers) > ways_max:  # nor is it tried how deep `fillings` would go
            return ways_max + 1
        ways *= sum(1 for _ in itertools.islice(fillings(offers, line.quantity), ways_max // ways + 1))
        if not 0 < ways <= ways_max:
            break
    return ways


def fillings(offers: Sequence[int], quantity: int) -> Iterator[Filling]:
    """Every way to gather so many units from bins that hold `offers`, without a superfluous bin.

    Larger offers are taken first, so that whatever is enough is so by its smallest one, and nothing is tried in vain.
    """
    order = sorted(range(len(offers)), key=lambda each: -offers[each])
    left = [*itertools.accumulate((offers[each] for each in reversed(order)), initial=0)][::-1]

    def gather(begin: int, missing: int, taken: Filling) -> Iterator[Filling]:
        for place in range(begin, len(order)):
            if left[place] < missing:
                return
            each = order[place]
            if offers[each] >= missing:
                yield tuple(sorted((*taken, each)))
            else:
                yield from gather(place + 1, missing - offers[each], (*taken, each))

    return gather(0, quantity, ())


class _Search:
    """The state of one search: the filling of every line and what it costs."""

    def __init__(self, lines: Sequence[PickLine], pricer: Pricer, seed: int) -> None:
        self.lines, self.pricer = lines, pricer
        self.random = np.random.default_rng(seed)
        bins: dict[str, int] = {}
        self.options: list[list[_Option]] = []
        for line in lines:
            reached = [source for source in line.sources if source.spot in pricer.spot_of]
            if sum(source.quantity for source in reached) < line.quantity:
                raise ValueError(f"line {line.line} cannot be filled")
            self.options.append(
                [
                    _Option(bins.setdefault(each.bin, len(bins)), each.bin, pricer.spot_of[each.spot], each.quantity)
                    for each in reached
                ]
            )
        self.needed = np.zeros(max(pricer.spot_of.values(), default=-1) + 1, np.int32)
        self.uses = [0] * len(bins)
        self.filling: list[Filling] = [()] * len(lines)
        self.cost = NEVER

    def set_filling(self, line: int, filling: Filling) -> None:
        """Fill a line in another way."""
        for each in self.filling[line]:
            option = self.options[line][each]
            self.needed[option.spot] -= 1
            self.uses[option.bin] -= 1
        for each in filling:
            option = self.options[line][each]
            self.needed[option.spot] += 1
            self.uses[option.bin] += 1
        self.filling[line] = filling

    def num_bins(self) -> int:
        """How many bins are picked from."""
        return sum(uses > 0 for uses in self.uses)

    def rank(self) -> tuple[int, int]:
        """What the fillings at hand cost; smaller is better."""
        return self.pricer.price(self.needed), self.num_bins()

    def enumerate(self) -> None:
        """Try every way to fill all lines and keep the best."""
        best: tuple[tuple[int, int], tuple[Filling, ...]] | None = None
        per_line = [
            sorted(fillings([option.quantity for option in options], line.quantity), key=lambda each: (len(each), each))
            for line, options in zip(self.lines, self.options, strict=True)
        ]
        for tried in itertools.product(*per_line):
            for line, filling in enumerate(tried):
                self.set_filling(line, filling)
            rank = self.rank()
            if best is None or rank < best[0]:
                best = rank, tried
        assert best is not None
        for line, filling in enumerate(best[1]):
            self.set_filling(line, filling)
        self.cost = best[0][0]

    def construct(self) -> None:
        """Fill the lines one after the other, those with the fewest ways first."""
        for line in sorted(range(len(self.lines)), key=lambda line: (len(self.options[line]), line)):
            self.fill(line)
        self.cost = self.pricer.price(self.needed)

    def fill(self, line: int) -> None:
        """Fill a line where it adds least to the walk."""
        while self.missing(line, self.filling[line]) > 0:
            free = [each for each in range(len(self.options[line])) if each not in self.filling[line]]
            self.take_best(line, [tuple(sorted((*self.filling[line], each))) for each in free])
        self.prune(line)

    def missing(self, line: int, filling: Filling) -> int:
        """How many units a filling falls short of a line."""
        return self.lines[line].quantity - sum(self.options[line][each].quantity for each in filling)

    def take_best(self, line: int, fillings: Sequence[Filling]) -> tuple[int, int]:
        """Fill a line in the cheapest of several ways; on equal cost the one that supplies most."""
        ranked = []
        for filling in fillings:
            self.set_filling(line, filling)
            ranked.append((*self.rank(), max(0, self.missing(line, filling)), filling))
        best = min(ranked)
        self.set_filling(line, best[3])
        return best[0], best[1]

    def prune(self, line: int) -> tuple[int, int]:
        """Leave out superfluous sources of a line, each time the one that saves most."""
        while True:
            shorter = [
                tuple(kept for kept in self.filling[line] if kept != each)
                for each in self.filling[line]
                if self.missing(line, tuple(kept for kept in self.filling[line] if kept != each)) <= 0
            ]
            if not shorter:
                return self.rank()
            self.take_best(line, shorter)

    def improve(self, budget: Budget) -> None:
        """Descend, then tear out and fill again until the budget ends."""
        end = deadline(budget)
        best = self.descend(end)
        kept = list(self.filling)
        for _ in itertools.count() if budget.iterations is None else range(budget.iterations):
            if time.perf_counter() >= end:
                break
            size = int(self.random.integers(1, TORN_MAX + 1))
            torn = self.random.choice(len(self.lines), min(len(self.lines), size), replace=False).tolist()
            for line in torn:
                self.set_filling(line, ())
            for line in torn:
                self.fill(line)
            rank = self.descend(end)
            if rank <= best:
                best, kept = rank, list(self.filling)
            else:
                for line, filling in enumerate(kept):
                    self.set_filling(line, filling)
        self.cost = best[0]

    def descend(self, end: float) -> tuple[int, int]:
        """Take in single sources as long as that is better."""
        best = self.rank()
        improved = True
        while improved:
            improved = False
            for line, options in enumerate(self.options):
                for each in range(len(options)):
                    if each in self.filling[line] or time.perf_counter() >= end:
                        continue
                    before = self.filling[line]
                    rank = self.take_in(line, each)
                    if rank < best:
                        best, improved = rank, True
                    else:
                        self.set_filling(line, before)
        return best

    def take_in(self, line: int, option: int) -> tuple[int, int]:
        """Use one more source of a line, and leave out others it makes superfluous."""
        filling = self.filling[line]
        if self.missing(line, (option,)) <= 0:
            self.set_filling(line, (option,))
            return self.rank()
        self.set_filling(line, tuple(sorted((*filling, option))))
        return self.prune(line)

    def bound(self) -> int:
        """A cost that no choice beats: all forced points, and for each line its cheapest source beside them."""
        forced = np.zeros_like(self.needed)
        for line, options in zip(self.lines, self.options, strict=True):
            total = sum(option.quantity for option in options)
            for option in options:
                there = sum(each.quantity for each in options if each.spot == option.spot)
                if total - there < line.quantity:
                    forced[option.spot] = 1
        bound = self.pricer.price(forced)
        for options in self.options:
            spots = {option.spot for option in options}
            if any(forced[spot] for spot in spots):
                continue
            least = NEVER
            for spot in sorted(spots):
                forced[spot] = 1
                least = min(least, self.pricer.price(forced))
                forced[spot] = 0
            bound = max(bound, least)
        return bound

    def choice(self, *, best: bool, cost_bound: int) -> Choice:
        """The choice at hand, with the quantities taken from each bin."""
        picks: list[Pick] = []
        for line, options, filling in zip(self.lines, self.options, self.filling, strict=True):
            picks += draw(line, [(options[each].name, options[each].quantity) for each in filling])
        return Choice(tuple(picks), self.needed.copy(), self.cost, best, cost_bound)


def draw(line: PickLine, bins: Sequence[tuple[str, int]]) -> list[Pick]:
    """What is taken for a line out of bins that hold (name, units) enough, the fullest bins first."""
    picks = []
    missing = line.quantity
    for name, quantity in sorted(bins, key=lambda each: (-each[1], each[0])):
        if missing > 0:
            picks.append(Pick(line.line, name, min(missing, quantity)))
        missing -= quantity
    return picks


def deadline(budget: Budget) -> float:
    """When a search that begins now has to end, by `time.perf_counter`."""
    lasts_s = math.inf if budget.time_ms is None else budget.time_ms / 1000
    return min(time.perf_counter() + lasts_s, budget.answer_by)
