"""What a picker walks: legs along edges, stops at bins, and a certificate of how good it is.

A route is read leg by leg. Each `Leg` runs along one edge from one offset to another, and the next leg
begins at the point of the floor where it ended. A `Stop` says after how many legs the picker halts,
and what is taken there. `routing.verify` checks all of it from the outside.
"""

import json
from dataclasses import dataclass
from typing import Any

from routing.problem import Measure, PickProblem, Policy, PolicyName, check_format, spot_from_list, spot_to_list
from warehouse.floor import Spot

FORMAT = "onward.route"
VERSION = 3
"""Version 1 knew no limits of a policy, version 2 no sides of aisles; both are still read."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A walk along edge `edge` from `from_mm` to `to_mm`, both measured from the edge's tail.

    `step_in` marks a leg walked without the cart, in or back (`routing.problem` says when it may be).
    """

    edge: int
    from_mm: int
    to_mm: int
    step_in: bool = False

    @property
    def length_mm(self) -> int:
        """How far this leg is."""
        return abs(self.to_mm - self.from_mm)


@dataclass(frozen=True, slots=True)
class Pick:
    """`quantity` units for line `line` out of bin `bin`."""

    line: str
    bin: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Stop:
    """A halt at `spot` after the first `after_leg` legs (0 is the start), with what is picked there."""

    after_leg: int
    spot: Spot
    picks: tuple[Pick, ...]


@dataclass(frozen=True, slots=True)
class Certificate:
    """How good a route is, and how that is known.

    `backtrack_bound_mm` and `distance_bound_mm` are lower bounds over all bin choices and walks; the
    distance bound holds at the reported backtrack under `no_backtrack` and outright under `shortest`.
    `proven` says that no route is better in the policy's own order: under `no_backtrack` that both
    figures meet their bounds, under `shortest` that the distance does.
    `cross_thrice_mm` is cross-aisle floor walked three times or more, each further pass counted. `arms` are the
    `u_turns` inside aisles. `walk_ms` is how long the run takes where the problem says how long things
    take, and `walk_bound_ms` a lower bound of it that stands in for that of the distance where the policy
    measures time. `shortest_mm` is the distance of the shortest route known, from which a policy that limits
    detours reckons. `crossing_mm` is how much of the distance is walked from one side of an aisle to the other.
    """

    distance_mm: int
    backtrack_mm: int
    stops: int
    u_turns: int
    cross_thrice_mm: int
    distance_bound_mm: int
    backtrack_bound_mm: int
    proven: bool
    policy: Policy
    solver: str
    seed: int
    duration_ms: float
    arms: int = 0
    walk_ms: int = 0
    walk_bound_ms: int = 0
    shortest_mm: int = 0
    crossing_mm: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """A planned walk with its stops and its certificate."""

    start: Spot
    legs: tuple[Leg, ...]
    stops: tuple[Stop, ...]
    certificate: Certificate

    @property
    def end(self) -> Spot:
        """Where the walk ends."""
        if not self.legs:
            return self.start
        return Spot(self.legs[-1].edge, self.legs[-1].to_mm)

    def explain(self, problem: PickProblem | None = None) -> str:
        """The route in words, as `routing.explain.explain` tells it; with the problem, the reasons for its bins."""
        # Explaining solves again, and solvers make routes: imported when it is asked for.
        from routing.explain import explain

        return explain(self, problem)

    def to_dict(self) -> dict[str, Any]:
        """The route as plain lists and numbers, for JSON."""
        own = self.certificate
        return {
            "format": FORMAT,
            "version": VERSION,
            "start": spot_to_list(self.start),
            "legs": [[leg.edge, leg.from_mm, leg.to_mm, int(leg.step_in)] for leg in self.legs],
            "stops": [
                {
                    "after_leg": stop.after_leg,
                    "spot": spot_to_list(stop.spot),
                    "picks": [{"line": pick.line, "bin": pick.bin, "quantity": pick.quantity} for pick in stop.picks],
                }
                for stop in self.stops
            ],
            "certificate": {
                "distance_mm": own.distance_mm,
                "backtrack_mm": own.backtrack_mm,
                "stops": own.stops,
                "u_turns": own.u_turns,
                "cross_thrice_mm": own.cross_thrice_mm,
                "distance_bound_mm": own.distance_bound_mm,
                "backtrack_bound_mm": own.backtrack_bound_mm,
                "proven": own.proven,
                "policy": own.policy.name.value,
                "step_in_mm": own.policy.step_in_mm,
                "detour_percent_max": own.policy.detour_percent_max,
                "u_turns_max": own.policy.u_turns_max,
                "measure": own.policy.measure.value,
                "solver": own.solver,
                "seed": own.seed,
                "duration_ms": own.duration_ms,
                "arms": own.arms,
                "walk_ms": own.walk_ms,
                "walk_bound_ms": own.walk_bound_ms,
                "shortest_mm": own.shortest_mm,
                "crossing_mm": own.crossing_mm,
            },
        }

    def to_json(self) -> str:
        """The route as a route file."""
        return json.dumps(self.to_dict(), indent=1)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Route":
        """The route that `to_dict` wrote.

        Raises
        ------
        ValueError
            If it is another format, a version this reader does not know, or a field is wrong.
        """
        check_format(data, FORMAT, VERSION)
        try:
            facts = dict(data["certificate"])
            policy = Policy(
                PolicyName(facts.pop("policy")),
                step_in_mm=facts.pop("step_in_mm", 0),
                detour_percent_max=facts.pop("detour_percent_max", None),
                u_turns_max=facts.pop("u_turns_max", None),
                measure=Measure(facts.pop("measure", Measure.DISTANCE)),
            )
            return cls(
                start=spot_from_list(data["start"]),
                legs=tuple(Leg(edge, low, high, bool(step_in)) for edge, low, high, step_in in data["legs"]),
                stops=tuple(
                    Stop(
                        after_leg=stop["after_leg"],
                        spot=spot_from_list(stop["spot"]),
                        picks=tuple(Pick(pick["line"], pick["bin"], pick["quantity"]) for pick in stop["picks"]),
                    )
                    for stop in data["stops"]
                ),
                certificate=Certificate(policy=policy, **facts),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a route: {error!r}") from error

    @classmethod
    def from_json(cls, text: str) -> "Route":
        """The route in a route file; raises ValueError as `from_dict` does."""
        return cls.from_dict(json.loads(text))
