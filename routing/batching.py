"""Which orders share a cart.

Problem
    Carts have a number of totes, a load and perhaps a number of lines. Put the orders on carts so that all carts
    together walk as little as can be.
Method
    1. `cart_loads` says what of each order travels together.
    2. On grid floors `priced_batching` puts loads on carts by a search that prices the walk of a batch, round what
       is blocked; one-way floor is priced as if it were walked both ways.
    3. On any other floor, where no way leads to the end, and where there are so many orders that pricing takes
       longer than it saves, batches grow by `cover_batching`'s estimate of the aisles walked.
    4. Where orders may always be split, both is done with whole orders and with every tote by itself, and the
       batches that walk less are taken.
Complexity
    That of `priced_batching` and `cover_batching`.
Source
    De Koster, R. et al. (1999). Efficient orderbatching methods in warehouses. International Journal of
    Production Research 37(7). The sources of the search are in `batch_search`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from routing.bin_choice import Budget
from routing.cart_loads import Item as Item
from routing.cart_loads import Load as Load
from routing.cart_loads import Misfit as Misfit
from routing.cart_loads import Splitting as Splitting
from routing.cart_loads import ToteShare as ToteShare
from routing.cart_loads import cut_orders, shares_once, taken_of_cart
from routing.cart_loads import misfit as misfit
from routing.cover_batching import batches_by_cover
from routing.deadlines import Deadlines, PricedBatch, batch_in_time, late_orders
from routing.prepared_floor import Role, prepare, sweepable
from routing.problem import End, PickProblem, Policy
from warehouse.bins import Cart
from warehouse.floor import Floor, Spot

LINES_PRICED_MAX = 20_000
"""Loads times the lines on a cart up to which walks are priced: 152 loads of 33 lines are 13,000 and take seconds;
2,000 of 4 lines are 100,000, took a minute and a half, and walked no less than with the estimate."""


class Batching(StrEnum):
    """How orders come to share a cart."""

    SAVINGS = "savings"
    ONE_ORDER = "one_order_per_run"


@dataclass(frozen=True, slots=True)
class Batches:
    """Loads that share a cart, batch by batch, and what no cart can take."""

    batches: tuple[tuple[Load, ...], ...]
    misfits: tuple[Misfit, ...]


def make_batches(
    orders: Sequence[Sequence[Item]],
    floor: Floor,
    cart: Cart,
    *,
    batching: Batching = Batching.SAVINGS,
    seed: int = 0,
    start: Spot | None = None,
    end: End | None = None,
    policy: Policy | None = None,
    splitting: Splitting = Splitting.IF_NEEDED,
    budget: Budget | None = None,
    deadlines: Deadlines | None = None,
) -> Batches:
    """Put orders on carts.

    Parameters
    ----------
    orders
        The items of every order; `Load.order` counts in this list.
    floor
        Where the edges of the items lie.
    cart
        What one cart holds.
    batching
        Share carts by savings, or let every order (every part of a split one) go alone.
    seed
        The same seed gives the same batches, unless the budget is one of time.
    start, end
        Where runs begin and end; by default at the floor's first crossing.
    policy
        How runs are walked; `no_backtrack` by default.
    splitting
        Whether an order may go on several carts. What goes on none then is a misfit with all its items.
    budget
        How long to search; by default a number of iterations that takes some seconds at most.
    deadlines
        When orders are due. Carts then come in the order in which they should go, and orders are kept apart
        where that brings fewer of them too late.

    Returns
    -------
    Batches
        Every unit is in exactly one load or misfit.
    """
    whole = Splitting.IF_NEEDED if splitting is Splitting.ALWAYS else splitting
    loads, misfits = cut_orders(orders, floor, cart, whole)
    if batching is Batching.ONE_ORDER or len(loads) < 2:
        return Batches(tuple((load,) for load in loads), tuple(misfits))
    run = _run_on(floor, start, end)

    def found(loads: list[Load]) -> _Found:
        search = _search(loads, orders, floor, cart, run, policy or Policy(), budget, seed)
        return _Found.of(loads, search, deadlines)

    best = found(loads)
    if splitting is Splitting.ALWAYS:
        best = min(best, found(cut_orders(orders, floor, cart, splitting)[0]), key=lambda each: each.rank)
    return Batches(tuple(tuple(best.loads[index] for index in batch.loads) for batch in best.batches), tuple(misfits))


@dataclass(frozen=True)
class _Found:
    """Loads in batches; the smaller `rank` comes less late and walks less."""

    loads: list[Load]
    batches: list[PricedBatch]
    rank: tuple[int, int]

    @classmethod
    def of(
        cls, loads: list[Load], search: Callable[[list[int]], list[PricedBatch]], deadlines: Deadlines | None
    ) -> "_Found":
        """The best batches that a search finds."""
        if deadlines is None:
            batches = search(list(range(len(loads))))
        else:
            batches = batch_in_time([load.order for load in loads], deadlines, search)
        num_late = 0 if deadlines is None else len(late_orders(batches, deadlines))
        return cls(loads, batches, (num_late, sum(batch.distance_mm for batch in batches)))


def _run_on(floor: Floor, start: Spot | None, end: End | None) -> PickProblem | None:
    """An empty run on the floor as walks on it are priced; None where that cannot be done.

    One-way floor is priced as if it could be walked both ways, which is nearer to the walk than an estimate.
    """
    if floor.has_one_way:
        floor = replace(floor, edges=tuple(replace(edge, direction=0) for edge in floor.edges))
    if floor.grid is None or not sweepable(floor):
        return None
    door = _at_crossing(floor, floor.spot_at(floor.grid.nodes[0][0]) if start is None else start)
    ends = tuple(_at_crossing(floor, spot) for spot in end.spots) if end is not None else ()
    prepared = prepare(floor)
    if ends and prepared.part_of(door) not in {prepared.part_of(spot) for spot in ends}:
        return None
    return PickProblem(floor, (), door, End() if end is None else End(end.kind, ends))


def _search(
    loads: list[Load],
    orders: Sequence[Sequence[Item]],
    floor: Floor,
    cart: Cart,
    run: PickProblem | None,
    policy: Policy,
    budget: Budget | None,
    seed: int,
) -> Callable[[list[int]], list[PricedBatch]]:
    """What puts some of the loads in batches."""
    if run is None or _lines_priced(loads, cart) > LINES_PRICED_MAX:
        return _Cover(loads, orders, floor, cart, seed).batch
    # The solver and the compiler behind it take a second to import: a server answers before it needs them.
    from routing.priced_batching import PricedBatching

    return PricedBatching(loads, orders, run, policy, cart, budget, seed).batch


def _lines_priced(loads: Sequence[Load], cart: Cart) -> float:
    """Loads times the lines on a full cart: what one look at every load costs, whatever is near it."""
    takes, has = taken_of_cart(loads, cart)
    share = max(1.0, float((takes.sum(axis=0) / has).max()))
    return len(loads) * sum(len(shares_once(load)) for load in loads) / share


def _at_crossing(floor: Floor, spot: Spot) -> Spot:
    """A spot as batches are priced from it: on an aisle or a dead end the nearer crossing stands for it."""
    prepared = prepare(floor)
    if floor.node_at(spot) in prepared.crossing or prepared.places[spot.edge].role is Role.GAP:
        return spot
    edge = floor.edges[spot.edge]
    ends = sorted([(spot.offset_mm, edge.tail), (edge.length_mm - spot.offset_mm, edge.head)])
    crossings = [node for _, node in ends if node in prepared.crossing]
    return floor.spot_at(crossings[0] if crossings else next(iter(prepared.crossing)))


@dataclass(frozen=True)
class _Cover:
    """Puts loads in batches by an estimate of the aisles walked."""

    loads: Sequence[Load]
    orders: Sequence[Sequence[Item]]
    floor: Floor
    cart: Cart
    seed: int

    def batch(self, some: list[int]) -> list[PricedBatch]:
        """Put some of the loads in batches."""
        found = batches_by_cover([self.loads[load] for load in some], self.orders, self.floor, self.cart, self.seed)
        return [PricedBatch.of([some[each] for each in batch], self.loads, walk_mm) for batch, walk_mm in found]
