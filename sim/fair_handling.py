"""Is a supplier's wait explained by who handled it?

Problem
    Receivers differ in pace. If some supplier's trucks were given to the slow ones, or to the quick ones, his waits
    would tell so, and nobody could see it in a table of waits, since suppliers differ in their trucks as well.
Method
    When a truck is called some receivers are free, and one of them gets it. If that is blind to the supplier, each of
    them is as likely as the other. So for each supplier the pace of those who got his trucks is compared with the
    mean pace of those who were free, and the chance that blind choices differ as much is found by making them again
    many times, given who was free (an exact conditional randomisation test). Over the suppliers the chances are
    corrected for their number (Holm).
Complexity
    Suppliers x trucks x repetitions.
Limits
    It sees the choice among those who were free, not who was free: a crew that is slow in the morning is slow for
    whoever comes in the morning.
Source
    Holm (1979), Scandinavian Journal of Statistics 6(2).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.dock_day import Handled

NUM_REPETITIONS = 4_000
"""Chances down to a four-thousandth, which eight suppliers corrected for leave well below one in a hundred."""


@dataclass(frozen=True, slots=True)
class HandlingOf:
    """How the trucks of a supplier were handled.

    `pace_more` is by how much slower (above 0) or quicker than those who were free the receivers of his trucks were,
    on average; `chance` is how probable as much is if nobody looks at the supplier, corrected for their number.
    """

    sender: str
    num_trucks: int
    pace_more: float
    chance: float


def handling(days: Sequence[tuple[Sequence[Handled], Sequence[float]]], seed: int = 0) -> list[HandlingOf]:
    """How the trucks of every supplier were handled, by name.

    Parameters
    ----------
    days
        Of each day, who handled which truck, and the pace of every receiver (1 is usual, more is slower).
    seed
        Of the repetitions.
    """
    rng = np.random.default_rng(seed)
    excess: dict[str, list[float]] = {}
    blind: dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]] = {}
    for handled, paces in days:
        for each in handled:
            free = np.array([paces[receiver] for receiver in each.free])
            excess.setdefault(each.sender, []).append(paces[each.receiver] - float(free.mean()))
            drawn = blind.setdefault(each.sender, np.zeros(NUM_REPETITIONS))
            drawn += rng.choice(free, NUM_REPETITIONS) - free.mean()
    chances = {}
    for sender, own in excess.items():
        by_chance = np.abs(blind[sender] / len(own))
        as_much = int(np.count_nonzero(by_chance >= abs(float(np.mean(own))) - 1e-12))
        chances[sender] = (1 + as_much) / (1 + NUM_REPETITIONS)
    corrected = holm(chances)
    return [
        HandlingOf(sender, len(excess[sender]), float(np.mean(excess[sender])), corrected[sender])
        for sender in sorted(excess)
    ]


def holm(chances: Mapping[str, float]) -> dict[str, float]:
    """Chances corrected for how many were looked at.

    Examples
    --------
    >>> holm({"a": 0.01, "b": 0.04, "c": 0.5})
    {'a': 0.03, 'b': 0.08, 'c': 0.5}
    """
    corrected: dict[str, float] = {}
    largest = 0.0
    for rank, (name, chance) in enumerate(sorted(chances.items(), key=lambda each: each[1])):
        largest = max(largest, min(1.0, chance * (len(chances) - rank)))
        corrected[name] = largest
    return corrected
