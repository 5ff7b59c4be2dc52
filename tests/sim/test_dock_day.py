"""The docks as they are simulated, and the check that nobody's trucks go to anybody in particular."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from inventory.rules.dock_times import by_source
from sim.dock_day import SENDERS, DockScenario, Handled, simulate_docks
from sim.fair_handling import handling

SMALL = DockScenario(num_trucks=12, num_docks=2, num_receivers=2, num_stowers=3)


def test_every_unit_of_every_truck_gets_to_a_bin_and_the_same_seed_gives_the_same_day() -> None:
    log = simulate_docks(SMALL, seed=4)
    assert len(log.handled) == SMALL.num_trucks
    assert log == simulate_docks(SMALL, seed=4)
    assert log != simulate_docks(SMALL, seed=5)
    units = Counter({each.name: each.units_a_pallet for each in SENDERS})
    assert all(each.quantity == units[each.source] for each in log.spells)
    assert all(each.receiver in each.free for each in log.handled)


def test_more_docks_and_people_make_nobody_wait() -> None:
    plenty = replace(SMALL, num_docks=12, num_receivers=12, num_stowers=400)
    assert max(each.waited_s for each in simulate_docks(plenty, seed=4).handled) == 0
    slow, quick = (by_source(simulate_docks(each, seed=4).spells) for each in (SMALL, plenty))
    assert sum(each.p95_ms for each in slow) > sum(each.p95_ms for each in quick)


@pytest.fixture(scope="module")
def paces() -> tuple[float, ...]:
    return tuple(np.random.default_rng(1).lognormal(0, 0.2, 6))


def trucks(paces: tuple[float, ...], *, favoured: str) -> list[Handled]:
    """Three hundred trucks of three suppliers; one of them, if any, gets the quickest of those who are free."""
    rng = np.random.default_rng(2)
    handled = []
    for number in range(300):
        sender = "ABC"[number % 3]
        free = tuple(sorted(int(each) for each in rng.choice(6, rng.integers(1, 5), replace=False)))
        quickest = min(free, key=lambda receiver: paces[receiver])
        receiver = quickest if sender == favoured and rng.random() < 0.5 else int(rng.choice(free))
        handled.append(Handled(sender, receiver, free, 0.0, 0.0))
    return handled


def test_a_favoured_supplier_is_found_and_blind_choices_are_not_suspected(paces: tuple[float, ...]) -> None:
    blind = handling([(trucks(paces, favoured=""), paces)])
    assert min(each.chance for each in blind) > 0.05
    found = {each.sender: each for each in handling([(trucks(paces, favoured="B"), paces)])}
    assert found["B"].chance < 0.01
    assert found["B"].pace_more < 0
    assert min(found["A"].chance, found["C"].chance) > 0.05


def test_no_suppliers_wait_at_the_simulated_docks_is_explained_by_who_handled_it() -> None:
    logs = [simulate_docks(DockScenario(), seed) for seed in range(3)]
    found = handling([(log.handled, log.paces) for log in logs])
    assert sum(each.num_trucks for each in found) == 3 * 40
    assert min(each.chance for each in found) > 0.05
