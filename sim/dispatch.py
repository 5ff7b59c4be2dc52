"""Plans that change while they are walked: bins are found empty, and orders that come in join runs.

Problem
    On a real day stock is not everywhere where it is booked, and orders come in while runs are under way.
    What do the rules of the live floor then make of the plans?
Method
    The stock of the morning is booked down as runs are promised their units. A stock record that holds nothing is
    found out by the first picker who gets there: what is still free of it is written off, and what the picker
    lacks is sought elsewhere with the rest of his run (`inventory.rules.replanning`). An order that comes in
    joins the run that walks least further for it, of those whose aisles hold most of its lines
    (`inventory.rules.joining`); otherwise it waits for the next release (`inventory.rules.releasing`).
Complexity
    One call of the solver for each bin found empty, and at most `NUM_RUNS_TRIED` for each order.
Limits
    A bin holds all that is booked or nothing. A run takes no orders while its picker halts at a bin. Planning
    takes no time.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from inventory.rules.allocation import Order
from inventory.rules.joining import EXTRA_MM_PER_LINE, NUM_RUNS_TRIED, JoinPlan, RunAhead, plan_join
from inventory.rules.pick_runs import Demand, PickArea, PlannedRun, PlannedStep
from inventory.rules.releasing import plan_release
from inventory.rules.replanning import Sought, plan_rest
from inventory.rules.stock import BoolArray, Goods, Stock
from inventory.rules.traffic import Traffic
from routing.batching import Splitting
from routing.bin_choice import Budget
from routing.meeting import Pace
from routing.problem import Policy
from routing.replanning import end_of_rest, legs_walked, picks_ahead, policy_of_rest, stands_at, walked_after
from routing.route import Leg, Pick


@dataclass
class LiveRun:
    """A run and how far it has come.

    `plan` is of what is ahead; its stop number `stop` is the next one, and `approach` are the legs that lead there.
    `walked_before_mm` was walked by earlier plans. Nobody `is_halting` takes orders.
    """

    plan: PlannedRun
    released_s: float
    orders: list[str]
    num_totes: int
    due_ms: int | None
    weight_g: int
    num_lines: int
    stop: int = 0
    approach: tuple[Leg, ...] = ()
    walked_before_mm: int = 0
    is_taken: bool = False
    is_halting: bool = False

    @property
    def ahead(self) -> list[PlannedStep]:
        """What is still to be picked."""
        return [step for step in self.plan.steps if step.stop >= self.stop]

    @property
    def routes_mm(self) -> int:
        """How far it is by its routes, from its start to its end."""
        return self.walked_before_mm + self.plan.route.certificate.distance_mm

    def set_out(self) -> None:
        """The next legs lead to the next stop, or to the end."""
        stops = self.plan.route.stops
        begin = stops[self.stop - 1].after_leg if self.stop else 0
        end = stops[self.stop].after_leg if self.stop < len(stops) else len(self.plan.route.legs)
        self.approach = self.plan.route.legs[begin:end]

    def go_by(self, plan: PlannedRun, walked: Sequence[Leg]) -> None:
        """Take another plan for what is ahead when the `walked` legs of this one are done."""
        self.walked_before_mm += sum(leg.length_mm for leg in walked)
        self.plan, self.stop = plan, 0


class Dispatch:
    """Releases orders, lets them join, and plans again; keeps what is free and counts what came of it.

    `is_empty` says which stock records hold nothing.
    """

    def __init__(
        self,
        stock: Stock,
        goods: Goods,
        area: PickArea,
        *,
        policy: Policy,
        budget: Budget,
        seed: int,
        splitting: Splitting = Splitting.IF_NEEDED,
        is_empty: BoolArray,
        midnight_ms: int,
    ) -> None:
        self.stock, self.goods, self.area = stock, goods, area
        self.policy, self.budget, self.seed, self.midnight_ms = policy, budget, seed, midnight_ms
        self.splitting = splitting
        self.runs: list[LiveRun] = []
        self.num_short = 0
        self.num_joined = 0
        self.num_found_empty = 0
        self.replanning_mm = 0
        self._is_empty = is_empty
        self._free = stock.quantity.copy()
        self._record = {pair: row for row, pair in enumerate(zip(stock.bin.tolist(), stock.lot.tolist(), strict=True))}

    def release(self, orders: Sequence[Order], now_s: float) -> list[LiveRun]:
        """The runs that pick some orders."""
        left = replace(self.stock, quantity=self._free.copy())
        plan = plan_release(
            orders,
            left,
            self.goods,
            self.area,
            policy=self.policy,
            splitting=self.splitting,
            budget=self.budget,
            seed=self.seed,
        )
        self.num_short += len(plan.shorts)
        due_of = {order.order: order.due_ms for order in orders}
        new = []
        for run in plan.runs:
            self._book(run.steps, -1)
            due = [each for each in (due_of[order] for order in run.orders) if each is not None]
            weight_g = self._weight_g(run.steps)
            due_ms, num_lines = min(due, default=None), _num_lines(run.steps)
            new.append(LiveRun(run, now_s, list(run.orders), run.num_totes, due_ms, weight_g, num_lines))
        self.runs += new
        return new

    def units_here(self, run: LiveRun) -> tuple[int, list[PlannedStep]]:
        """How many units are had at the next stop, and the steps whose bins hold nothing."""
        here = [step for step in run.ahead if step.stop == run.stop]
        missing = [step for step in here if self._is_empty[self._record[step.bin, step.lot]]]
        return sum(step.quantity for step in here) - sum(step.quantity for step in missing), missing

    def seek(self, run: LiveRun, missing: Sequence[PlannedStep]) -> tuple[Leg, ...]:
        """Look elsewhere for what was missing at the stop just left; the legs back to a cart left at a mouth."""
        for record in {self._record[step.bin, step.lot] for step in missing}:
            self._free[record] = 0
            self.num_found_empty += 1
        route, num_legs = run.plan.route, run.plan.route.stops[run.stop - 1].after_leg
        walked, ahead = legs_walked(route, num_legs), run.ahead
        sought: dict[str, Sought] = {}
        for step in missing:
            before = sought[step.line].quantity if step.line in sought else 0
            sought[step.line] = Sought(step.line, step.line, step.product, before + step.quantity, step.tote)
        self._book(ahead, 1)
        plan = plan_rest(
            _demands(ahead),
            list(sought.values()),
            replace(self.stock, quantity=self._free.copy()),
            self.goods,
            replace(self.area, start=stands_at(route, walked), end=end_of_rest(run.plan.problem)),
            walked=walked_after(run.plan.problem, walked),
            incumbent=picks_ahead(route, num_legs),
            policy=policy_of_rest(run.plan.problem, route, walked),
            budget=self.budget,
            seed=self.seed,
        )
        self._book(ahead if plan.run is None else plan.run.steps, -1)
        for line, each in sought.items():
            short = each.quantity - plan.found.get(line, 0)
            self.num_short += short > 0
            run.weight_g -= short * int(self.goods.weight_g[each.product])
        if plan.run is None:
            return ()
        before_mm = run.routes_mm
        run.go_by(plan.run, walked)
        self.replanning_mm += run.routes_mm - before_mm
        return walked[num_legs:]

    def join(self, order: Order, now_s: float) -> bool:
        """Let an order join a run; false if none passes its goods."""
        best: tuple[JoinPlan, LiveRun] | None = None
        for run in self._candidates(order):
            plan = self._plan_join(order, run, now_s)
            if plan is not None and (best is None or plan.extra_mm < best[0].extra_mm):
                best = plan, run
        if best is None:
            return False
        plan, run = best
        joined = [step for step in plan.run.steps if step.order == order.order]
        self._book(run.ahead, 1)
        self._book(plan.run.steps, -1)
        run.weight_g += self._weight_g(joined)
        run.num_lines += _num_lines(joined)
        run.go_by(plan.run, run.plan.route.legs[: self._num_legs(run)])
        run.orders.append(order.order)
        run.num_totes += plan.num_totes
        run.due_ms = min((each for each in (run.due_ms, order.due_ms) if each is not None), default=None)
        self.num_joined += len(order.lines)
        return True

    def _candidates(self, order: Order) -> list[LiveRun]:
        """The runs that go through most aisles in which an order's products can be had, best first."""
        edge = self.area.shelves.edge
        free = self._free > 0
        of_line = [
            set(edge[self.stock.bin[free & (self.stock.product == line.product)]].tolist()) for line in order.lines
        ]
        ranked = []
        for number, run in enumerate(self.runs):
            ahead = run.ahead
            if not ahead or run.is_halting or run.num_totes >= self.area.cart.num_totes:
                continue
            passed = {int(edge[step.bin]) for step in ahead}
            num_lines = sum(not passed.isdisjoint(edges) for edges in of_line)
            if num_lines:
                ranked.append((-num_lines, number))
        return [self.runs[number] for _, number in sorted(ranked)[:NUM_RUNS_TRIED]]

    def _plan_join(self, order: Order, run: LiveRun, now_s: float) -> JoinPlan | None:
        """The rest of a run with an order on it, if that may be."""
        num_legs, ahead = self._num_legs(run), run.ahead
        if num_legs and run.plan.route.legs[num_legs - 1].step_in:
            return None
        stock = replace(self.stock, quantity=self._free.copy())
        for step in ahead:
            stock.quantity[self._record[step.bin, step.lot]] += step.quantity
        plan = plan_join(
            order,
            self._rest(run, num_legs),
            stock,
            self.goods,
            self.area,
            extra_mm_per_line=EXTRA_MM_PER_LINE,
            now_ms=self.midnight_ms + round(1000 * now_s),
            budget=self.budget,
            seed=self.seed,
        )
        if isinstance(plan, str) or (run.is_taken and not _begins_with(plan.run, ahead[0])):
            return None
        return plan

    def _rest(self, run: LiveRun, num_legs: int) -> RunAhead:
        """What is left of a run, as the rule takes it."""
        pace, route, ahead = Pace(), run.plan.route, run.ahead
        codes, lots, bins = self.goods.codes, self.stock.lots.codes, self.area.shelves.codes
        walked, legs = legs_walked(route, num_legs), route.legs[num_legs:]
        halts_s = sum(halt_s for after_leg, halt_s in pace.halts_s(route).items() if after_leg >= num_legs)
        return RunAhead(
            ahead=_demands(ahead),
            legs=legs,
            picks=tuple(
                Pick(f"{codes[each.product]} {lots[each.lot]}", bins[each.bin], each.quantity) for each in ahead
            ),
            walked=walked_after(run.plan.problem, walked),
            start=stands_at(route, walked),
            end=end_of_rest(run.plan.problem) if num_legs else run.plan.problem.end,
            policy=policy_of_rest(run.plan.problem, route, walked),
            num_totes=run.num_totes,
            weight_g=run.weight_g,
            begins_s=0.0 if run.is_taken else Traffic().setup_s,
            rest_s=sum(leg.length_mm for leg in legs) / pace.speed_mm_s + halts_s,
            due_ms=run.due_ms,
            num_lines=run.num_lines,
        )

    def _num_legs(self, run: LiveRun) -> int:
        """How many legs of its plan are walked when a run gets to its next stop; none of one that waits."""
        return run.plan.route.stops[run.stop].after_leg if run.is_taken else 0

    def _weight_g(self, steps: Iterable[PlannedStep]) -> int:
        return sum(int(self.goods.weight_g[step.product]) * step.quantity for step in steps)

    def _book(self, steps: Iterable[PlannedStep], sign: int) -> None:
        """Give back (1) or promise (-1) the units of steps."""
        for step in steps:
            record = self._record[step.bin, step.lot]
            self._free[record] += sign * step.quantity
            assert self._free[record] >= 0, "a plan takes no more than there is"


def _num_lines(steps: Iterable[PlannedStep]) -> int:
    """The lines that steps pick for, as they count on a cart."""
    return len({(step.line, step.lot) for step in steps})


def _demands(steps: Sequence[PlannedStep]) -> tuple[Demand, ...]:
    """What steps bring, whichever bin it comes from."""
    wanted = Counter[tuple[str, int, int, int]]()
    for step in steps:
        wanted[step.line, step.product, step.lot, step.tote] += step.quantity
    return tuple(Demand(line, line, product, lot, units, tote) for (line, product, lot, tote), units in wanted.items())


def _begins_with(run: PlannedRun, now: PlannedStep) -> bool:
    """Whether a plan lets the picker begin with the step he is on his way to."""

    def facts(step: PlannedStep) -> tuple[object, ...]:
        return step.bin, step.lot, step.line, step.quantity, step.tote

    return any(facts(step) == facts(now) and not run.route.stops[step.stop].after_leg for step in run.steps)


def drawn_empty(stock: Stock, empty_percent: float, seed: np.random.SeedSequence) -> BoolArray:
    """Which stock records hold nothing: drawn anew for every replication, whoever walks."""
    drawn: BoolArray = np.random.default_rng(seed).random(len(stock)) < empty_percent / 100
    return drawn
