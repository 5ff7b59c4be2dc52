"""Plan one stow run: which bins a cart of goods goes into, and the path there that never turns back.

Problem
    Shares of goods are to be put away. For each several bins would do; which ones, and in which order?
Method
    The very problem of picking, with bins that take in the place of bins that give: each share is a line of a
    `PickProblem`, each bin that may take it a source with as many units as fit. No bin is offered to two shares, so
    that what is planned fits together. `routing.solve` chooses bins and path and verifies the route. Shares that no
    walk can reach are left out and the rest is planned again.
Complexity
    That of the solver.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from inventory.rules.stock import Shelves
from routing.bin_choice import Budget
from routing.problem import End, PickLine, PickProblem, Source
from routing.route import Route
from routing.solve import solve
from warehouse.errors import NoRoute
from warehouse.floor import Floor, Spot


@dataclass(frozen=True, slots=True)
class Offer:
    """A bin, by its row, that takes so many units of a share."""

    bin: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Share:
    """Units that belong together, and the bins that would take them."""

    name: str
    quantity: int
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class StowStop:
    """So many units of a share go into a bin."""

    share: str
    bin: int
    quantity: int


@dataclass(frozen=True)
class PlannedStow:
    """A stow run: its route and what goes where, in walking order."""

    problem: PickProblem
    route: Route
    stops: tuple[StowStop, ...]


def plan_stow_run(
    shares: Sequence[Share], floor: Floor, shelves: Shelves, start: Spot, *, budget: Budget, seed: int = 0
) -> tuple[PlannedStow | None, tuple[str, ...]]:
    """Plan a stow run; None if nothing can be brought anywhere, and the names of the shares left out.

    Parameters
    ----------
    shares
        What is on the cart. No bin may be offered to two of them; a share without enough offers is planned in part.
    floor, shelves
        Where the bins are, and what can be walked.
    start
        Where the cart stands, and comes back to empty.
    budget
        How long bins may be chosen.
    seed
        Of the search.

    Raises
    ------
    RouteRejected
        If the route does not stand up to verification.
    """
    lines = {}
    for share in shares:
        takes = sum(offer.quantity for offer in share.offers)
        if takes:
            sources = tuple(
                Source(shelves.codes[offer.bin], shelves.spots[offer.bin], offer.quantity) for offer in share.offers
            )
            lines[share.name] = PickLine(share.name, min(share.quantity, takes), sources)
    while lines:
        problem = PickProblem(floor, tuple(lines.values()), start, End())
        try:
            route = solve(problem, budget=budget, seed=seed)
        except NoRoute as error:
            for name in set(error.lines) & lines.keys() or set(lines):
                del lines[name]
            continue
        stops = tuple(
            StowStop(pick.line, shelves.index[pick.bin], pick.quantity) for stop in route.stops for pick in stop.picks
        )
        left_out = tuple(share.name for share in shares if share.name not in lines)
        return PlannedStow(problem, route, stops), left_out
    return None, tuple(share.name for share in shares)
