import pytest

from inventory.rules.directions import side_walking
from routing.problem import Policy
from routing.route import Certificate, Leg, Pick, Route, Stop
from warehouse.bins import Bin, Side
from warehouse.floor import Spot
from warehouse.layouts import rectangular_floor

FLOOR = rectangular_floor([0, 3000], [0, 10_000])
LEFT_AISLE, RIGHT_AISLE = 0, 1
FRONT = next(index for index, edge in enumerate(FLOOR.edges) if (edge.tail, edge.head) == (0, 2))
MIDDLE, ENTRY = Spot(LEFT_AISLE, 4_000), Spot(LEFT_AISLE, 0)
NO_FACTS = Certificate(0, 0, 0, 0, 0, 0, 0, False, Policy(), "hand", 0, 0.0)


def route(legs: tuple[Leg, ...], after_leg: int, spot: Spot, start: Spot = ENTRY) -> Route:
    return Route(start, legs, (Stop(after_leg, spot, (Pick("line", "bin", 1),)),), NO_FACTS)


def bin_at(spot: Spot) -> Bin:
    return Bin("bin", spot, Side.LEFT, "1", 1, 1, 1, "zone", "type")


@pytest.mark.parametrize(
    ("walk", "side"),
    [
        (route((Leg(LEFT_AISLE, 0, 4_000), Leg(LEFT_AISLE, 4_000, 10_000)), 1, MIDDLE), Side.LEFT),
        (route((Leg(LEFT_AISLE, 10_000, 4_000), Leg(LEFT_AISLE, 4_000, 0)), 1, MIDDLE), Side.RIGHT),
        (route((Leg(LEFT_AISLE, 0, 4_000), Leg(LEFT_AISLE, 4_000, 0)), 1, MIDDLE), Side.LEFT),
        (route((Leg(LEFT_AISLE, 4_000, 0),), 0, MIDDLE, MIDDLE), Side.RIGHT),
        (route((), 0, MIDDLE, MIDDLE), None),
    ],
)
def test_a_bin_is_at_the_other_hand_of_who_comes_the_other_way(walk: Route, side: Side | None) -> None:
    assert side_walking(bin_at(MIDDLE), walk, 0) == side


def test_a_bin_at_the_mouth_of_its_aisle_is_seen_from_the_leg_into_the_aisle() -> None:
    walk = route((Leg(FRONT, 3000, 0), Leg(LEFT_AISLE, 0, 10_000)), 1, ENTRY, Spot(FRONT, 3000))
    assert side_walking(bin_at(ENTRY), walk, 0) is Side.LEFT
