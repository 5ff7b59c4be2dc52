"""The rest of a run, planned again from where the picker stands.

Problem
    A run is under way when a bin is found empty, short or damaged, or floor is found blocked. What is still to
    be brought has to be planned again, with what is in the totes and what floor was walked, and the picker
    waits for it. The picker is in the middle of a run and must not be sent back.
Method
    What is left is a `PickProblem` of its own: it starts where the cart stands, has the aisle floor walked so far
    as its history, and asks for what is not yet in the totes out of what the bins still offer. It is solved like
    any other. A short search, begun with the bins that were ahead, answers where its backtrack meets the solver's
    bound; where it does not, `backtrack_proof` shows that nothing better is left, or where to search on.
Complexity
    That of the solver, twice or three times where the picker is sent back.
Limits
    Lines that cannot be filled any more are brought in part, or not at all where no walk reaches them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from routing.bin_choice import Budget
from routing.problem import End, EndKind, PickLine, PickProblem, Policy, PolicyName
from routing.rates import count_arms
from routing.route import Leg, Pick, Route
from routing.solve import solve
from routing.verify import require_verified
from warehouse.errors import NoRoute
from warehouse.floor import EdgeKind, Spot, Stretch

SHORT_SEARCH = Budget(time_ms=8)
"""A picker stands and waits; on a run of 30 lines more than this rarely finds a better walk."""


@dataclass(frozen=True)
class Interruption:
    """What a picker reports in the middle of a route.

    The picker has walked the first `num_legs` legs and `beyond_mm` of the next one, and `picked` is in the totes.
    Of `missing` nothing was found: that many units fewer lie in that bin for that line. Floor in `blocked`
    cannot be walked from now on.
    """

    num_legs: int
    beyond_mm: int = 0
    picked: tuple[Pick, ...] = ()
    missing: tuple[Pick, ...] = ()
    blocked: tuple[Stretch, ...] = ()


@dataclass(frozen=True)
class Rest:
    """The rest of a run: what is asked now, its verified route, and how many units of which lines are given up."""

    problem: PickProblem
    route: Route
    short: dict[str, int]


def replan(problem: PickProblem, route: Route, interruption: Interruption, *, policy: Policy, seed: int = 0) -> Rest:
    """Plan the rest of an interrupted run.

    Parameters
    ----------
    problem, route
        What was asked and how it was planned; both may themselves be the rest of a run.
    interruption
        Where the picker is, and what is not as planned.
    policy, seed
        As for `solve`.

    Raises
    ------
    NoRoute
        If no walk leads to an allowed end.
    RouteRejected
        If the solver's route does not stand up to verification.
    """
    rest, short = rest_of_run(problem, route, interruption)
    ahead = picks_ahead(route, interruption.num_legs)
    while True:
        try:
            return Rest(rest, solve_rest(rest, policy=policy, seed=seed, incumbent=ahead), short)
        except NoRoute as error:
            unreachable = set(error.lines)
            if not unreachable:
                raise
            short |= {
                line.line: short.get(line.line, 0) + line.quantity for line in rest.lines if line.line in unreachable
            }
            rest = replace(rest, lines=tuple(line for line in rest.lines if line.line not in unreachable))


def solve_rest(
    problem: PickProblem,
    *,
    policy: Policy,
    budget: Budget = SHORT_SEARCH,
    seed: int = 0,
    incumbent: Sequence[Pick] = (),
) -> Route:
    """The route of a rest; where it turns back, it is proven that it must, or searched on.

    Raises
    ------
    NoRoute, RouteRejected
        As `solve`.
    """
    # Imported by the first rest, as `solve` imports its solvers: a server starts sooner without them.
    from routing.backtrack_proof import prove_backtrack
    from routing.prepared_floor import sweepable

    route = solve(problem, policy=policy, budget=budget, seed=seed, incumbent=incumbent)
    provable = policy.name is PolicyName.NO_BACKTRACK and not policy.limits_walk and sweepable(problem.floor)
    while provable and route.certificate.backtrack_mm > route.certificate.backtrack_bound_mm:
        seed += 1
        found = prove_backtrack(problem, policy, route.certificate.backtrack_mm)
        if found.proven:
            return _proven_to_turn_back(problem, route)
        again = solve(problem, policy=policy, budget=budget, seed=seed, incumbent=found.better or picks_ahead(route, 0))
        provable = again.certificate.backtrack_mm < route.certificate.backtrack_mm
        route = min(route, again, key=lambda each: (each.certificate.backtrack_mm, each.certificate.distance_mm))
    return route


def _proven_to_turn_back(problem: PickProblem, route: Route) -> Route:
    """The route, its backtrack being the least there is."""
    own = replace(route.certificate, backtrack_bound_mm=route.certificate.backtrack_mm)
    return require_verified(problem, replace(route, certificate=own), own.policy)


def rest_of_run(problem: PickProblem, route: Route, interruption: Interruption) -> tuple[PickProblem, dict[str, int]]:
    """What is left of an interrupted run, and how many units of which lines can be had no more.

    Raises
    ------
    ValueError
        If the interruption names legs the route has not, or more units than were asked for.
    """
    walked = legs_walked(route, interruption.num_legs, interruption.beyond_mm)
    picked = Counter[tuple[str, str]]()
    spent = Counter[tuple[str, str]]()
    for pick in interruption.picked:
        picked[pick.line, pick.bin] += pick.quantity
    for pick in (*interruption.picked, *interruption.missing):
        spent[pick.line, pick.bin] += pick.quantity
    lines: list[PickLine] = []
    short: dict[str, int] = {}
    for line in problem.lines:
        sources = tuple(
            replace(source, quantity=source.quantity - spent[line.line, source.bin])
            for source in line.sources
            if source.quantity > spent[line.line, source.bin]
        )
        wanted = line.quantity - sum(picked[line.line, source.bin] for source in line.sources)
        found = min(wanted, sum(source.quantity for source in sources))
        if found < 0:
            raise ValueError(f"more of line {line.line} is picked than was asked for")
        if found < wanted:
            short[line.line] = wanted - found
        if found:
            lines.append(replace(line, quantity=found, sources=sources))
    floor = problem.floor
    if interruption.blocked:
        floor = replace(floor, blocked=(*floor.blocked, *interruption.blocked))
    rest = PickProblem(
        floor,
        tuple(lines),
        start=stands_at(route, walked),
        end=end_of_rest(problem),
        walked=walked_after(problem, walked),
        times=problem.times,
    )
    return rest, short


def legs_walked(route: Route, num_legs: int, beyond_mm: int = 0) -> tuple[Leg, ...]:
    """The legs walked when the rest begins: the route's first ones, and the way back to a cart left at a mouth.

    Parameters
    ----------
    route
        What was being walked.
    num_legs, beyond_mm
        How many legs were walked whole, and how much of the next one.

    Raises
    ------
    ValueError
        If the route has no such legs.
    """
    if not 0 <= num_legs <= len(route.legs) or beyond_mm < 0:
        raise ValueError(f"{num_legs} legs and {beyond_mm} mm were walked of a route of {len(route.legs)} legs")
    walked = list(route.legs[:num_legs])
    if beyond_mm:
        if num_legs == len(route.legs) or beyond_mm > route.legs[num_legs].length_mm:
            raise ValueError(f"there are no {beyond_mm} mm beyond leg {num_legs}")
        leg = route.legs[num_legs]
        ahead_mm = beyond_mm if leg.to_mm > leg.from_mm else -beyond_mm
        walked.append(replace(leg, to_mm=leg.from_mm + ahead_mm))
    mouth: Spot | None = None
    for leg in walked:
        if leg.step_in and mouth is None:
            mouth = Spot(leg.edge, leg.from_mm)
        if not leg.step_in or (mouth is not None and leg.to_mm == mouth.offset_mm):
            mouth = None
    if mouth is not None:
        walked.append(Leg(mouth.edge, walked[-1].to_mm, mouth.offset_mm, step_in=True))
    return tuple(walked)


def picks_ahead(route: Route, num_legs: int) -> list[Pick]:
    """What a route still had to pick once its first `num_legs` legs are walked."""
    return [pick for stop in route.stops if stop.after_leg >= num_legs for pick in stop.picks]


def stands_at(route: Route, walked: Sequence[Leg]) -> Spot:
    """Where the cart stands after the `walked` legs of a route: in a wide aisle at the side halted at last."""
    if not walked:
        return route.start
    at = walked[-1]
    halts = {stop.after_leg: stop.spot for stop in route.stops if stop.spot.side}
    for number in range(len(walked), 0, -1):
        leg = walked[number - 1]
        if leg.edge != at.edge:
            return Spot(at.edge, at.to_mm)
        halt = halts.get(number)
        if halt is not None and (halt.edge, halt.offset_mm) == (leg.edge, leg.to_mm):
            return Spot(at.edge, at.to_mm, halt.side)
    return Spot(at.edge, at.to_mm, route.start.side)


def end_of_rest(problem: PickProblem) -> End:
    """Where the rest of a run ends: where the run was to end, not where the rest begins."""
    if problem.end.kind is EndKind.START:
        return End(EndKind.NEAREST, (problem.start,))
    return problem.end


def policy_of_rest(problem: PickProblem, route: Route, walked: Sequence[Leg]) -> Policy:
    """How the rest of a run is walked once the `walked` legs are done: as the run, with the U-turns it has left."""
    policy = route.certificate.policy
    if policy.u_turns_max is None:
        return policy
    return replace(policy, u_turns_max=max(0, policy.u_turns_max - count_arms(problem.floor, walked)))


def walked_after(problem: PickProblem, walked: Sequence[Leg]) -> tuple[Stretch, ...]:
    """The aisle floor walked on a run once the `walked` legs are done, earlier walking included.

    Step-ins do not count; overlapping stretches are joined, so that floor counts once.
    """
    floor = problem.floor
    stretches = [
        Stretch(leg.edge, min(leg.from_mm, leg.to_mm), max(leg.from_mm, leg.to_mm))
        for leg in walked
        if leg.from_mm != leg.to_mm and not leg.step_in and floor.edges[leg.edge].kind is EdgeKind.AISLE
    ]
    joined: list[Stretch] = []
    for stretch in sorted([*problem.walked, *stretches]):
        last = joined[-1] if joined else None
        if last is not None and last.edge == stretch.edge and stretch.from_mm <= last.to_mm:
            joined[-1] = Stretch(last.edge, last.from_mm, max(last.to_mm, stretch.to_mm))
        else:
            joined.append(stretch)
    return tuple(joined)
