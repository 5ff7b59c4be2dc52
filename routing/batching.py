"""Which orders share a cart.

Problem
    Carts have a number of totes and a load. Put the orders on carts so that all carts together walk as little as
    can be.
Method
    1. `cart_loads` says what of each order travels together.
    2. On floors that can be swept, `priced_batching` puts loads on carts by a search that prices the walk of a
       batch.
    3. On any other floor, where stretches are blocked, and where there are so many orders that pricing takes
       longer than it saves, batches grow by `cover_batching`'s estimate of the aisles walked.
Complexity
    That of `priced_batching` and `cover_batching`.
Source
    De Koster, R. et al. (1999). Efficient orderbatching methods in warehouses. International Journal of
    Production Research 37(7). The sources of the search are in `batch_search`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from routing.bin_choice import Budget
from routing.cart_loads import Item as Item
from routing.cart_loads import Load as Load
from routing.cart_loads import Misfit as Misfit
from routing.cart_loads import ToteShare as ToteShare
from routing.cart_loads import loads_of, shares_once
from routing.cart_loads import misfit as misfit
from routing.cover_batching import batches_by_cover
from routing.deadlines import Deadlines, PricedBatch, batch_in_time
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
    loads: list[Load] = []
    misfits: list[Misfit] = []
    for number, items in enumerate(orders):
        fitting = []
        for index, item in enumerate(items):
            why = misfit(item, cart)
            if why is None:
                fitting.append(index)
            else:
                misfits.append(Misfit(number, index, item.quantity, why))
        loads.extend(loads_of(number, items, fitting, floor, cart))
    if batching is Batching.ONE_ORDER or len(loads) < 2:
        return Batches(tuple((load,) for load in loads), tuple(misfits))
    search: Callable[[list[int]], list[PricedBatch]]
    # What lies where the middle of an aisle is blocked would seem to cost nothing.
    swept = sweepable(floor) and not floor.blocked
    if swept and floor.grid is not None and _lines_priced(loads, cart) <= LINES_PRICED_MAX:
        door = floor.spot_at(floor.grid.nodes[0][0]) if start is None else start
        run = PickProblem(floor, (), _at_crossing(floor, door), _ends_at_crossings(floor, end or End()))
        # The solver and the compiler behind it take a second to import: a server answers before it needs them.
        from routing.priced_batching import PricedBatching

        search = PricedBatching(loads, orders, run, policy or Policy(), cart, budget, seed).batch
    else:
        search = _Cover(loads, orders, floor, cart, seed).batch
    if deadlines is None:
        found = search(list(range(len(loads))))
    else:
        found = batch_in_time([load.order for load in loads], deadlines, search)
    return Batches(tuple(tuple(loads[index] for index in batch.loads) for batch in found), tuple(misfits))


def _lines_priced(loads: Sequence[Load], cart: Cart) -> float:
    """Loads times the lines on a full cart: what one look at every load costs, whatever is near it."""
    share = max(
        sum(len(load.totes) for load in loads) / cart.num_totes,
        sum(load.weight_g for load in loads) / cart.load_g,
        1.0,
    )
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


def _ends_at_crossings(floor: Floor, end: End) -> End:
    return End(end.kind, tuple(_at_crossing(floor, spot) for spot in end.spots))


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
