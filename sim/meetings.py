"""How often pickers met head-on in narrow aisles on a simulated day."""

import itertools
from collections import defaultdict
from collections.abc import Sequence

from routing.meeting import Visit, meet, timed_visits
from sim.day import DayLog, ReleasedRun
from warehouse.floor import Floor


def count_meetings(floor: Floor, runs: Sequence[ReleasedRun], day: DayLog) -> int:
    """The head-on meetings of a day, as it was walked.

    Parameters
    ----------
    floor
        Where the runs are walked.
    runs, day
        What `simulate_day` was given, and what it answered.

    Returns
    -------
    int
        Pairs of visits to one aisle edge in which two pickers came towards each other.
    """
    by_edge: dict[int, list[Visit]] = defaultdict(list)
    for log in day.runs:
        for visit in timed_visits(floor, runs[log.run].route.legs, log.legs_s, log.done_s):
            by_edge[visit.edge].append(visit)
    return sum(meet(one, other, 0.0) for visits in by_edge.values() for one, other in itertools.combinations(visits, 2))
