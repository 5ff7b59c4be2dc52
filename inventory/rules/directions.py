"""At which hand a bin is, for somebody who walks a route."""

from routing.route import Route
from warehouse.bins import Bin, Side

OTHER = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}


def side_walking(shelf: Bin, route: Route, stop: int) -> Side | None:
    """At which hand a bin is when the picker halts at it.

    `Bin.side` is told for walking from the tail of its edge to the head; who comes the other way has it
    at the other hand. The leg that leads to the halt tells the direction, or else the leg that follows.

    Parameters
    ----------
    shelf
        The bin.
    route
        The walk.
    stop
        Which of the route's stops it is picked at.

    Returns
    -------
    Side | None
        None if the picker walks on the bin's edge neither before nor after the halt.
    """
    after = route.stops[stop].after_leg
    for leg in (*route.legs[max(0, after - 1) : after], *route.legs[after : after + 1]):
        if leg.edge == shelf.spot.edge and leg.from_mm != leg.to_mm:
            return shelf.side if leg.to_mm > leg.from_mm else OTHER[shelf.side]
    return None
