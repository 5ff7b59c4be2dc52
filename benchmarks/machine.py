"""How fast the machine is at the moment, and how to measure on one that is shared."""

import time

STEPS = 10_000_000
"""Of a loop that every Python runs alike: about half a second."""


def loop_s() -> float:
    """How many seconds of processor time a fixed loop takes; figures of several machines are compared by it."""
    begun = time.process_time()
    total = 0
    for step in range(STEPS):
        total += step & 3
    return time.process_time() - begun


def count_processor_time() -> None:
    """From now on budgets and times are of the processor time this process gets, whoever else is on the machine.

    Libraries that look at a clock of their own, as those of other planners do, go on looking at that.
    """
    vars(time)["perf_counter"] = time.process_time
