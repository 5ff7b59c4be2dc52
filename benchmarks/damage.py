"""Does the rule for wrapping recommend what pays, and how far does breakage fall?

Synthetic products whose true rates are known: kinds of goods with a mean rate each, the rates of their products drawn
around it. First the errors of the recommendation, by how many units of a product have been seen: how many products
that should be wrapped are not, how many are wrapped in vain, and what that costs against knowing every rate. Then a
simulated year: every month goods come in, are wrapped as advised, and break by their true rates.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from inventory.rules.damage import Seen, WrapCosts, advise, learn

KINDS = {"glass": 0.11, "ceramics": 0.08, "liquids": 0.05, "electronics": 0.02, "toys": 0.004, "textiles": 0.0005}
"""Mean share of units that break unwrapped, by kind; 3 % over all with the shares below."""

SHARES = {"glass": 0.11, "ceramics": 0.1, "liquids": 0.1, "electronics": 0.2, "toys": 0.24, "textiles": 0.25}
"""Shares of the products."""

WEIGHT = 30.0
"""How alike the products of a kind are: their rates are drawn from a Beta distribution of this weight."""

VALUE_CENTS = 1_000
TROUBLE_CENTS = 1_000
BROKEN_CENTS = VALUE_CENTS + TROUBLE_CENTS
PREVENTED = 0.95
WRAP_CENTS = (12, 25, 40, 80)
"""What wrapping a unit may cost: a bag, a sleeve of corrugated paper, bubble film, a box of its own."""

NUM_PRODUCTS = 1_000
UNITS_SEEN = (0, 30, 100, 300, 1_000, 3_000)
NUM_MONTHS = 12
UNITS_A_MONTH = 60
"""Of each product on average; between products they differ as 1 to 100."""


@dataclass(frozen=True)
class World:
    """Products with the rates that nobody knows."""

    kinds: tuple[str, ...]
    rates: NDArray[np.float64]

    def pays(self, wrap_cents: int) -> NDArray[np.bool_]:
        """Which products should be wrapped, if one knew."""
        return np.asarray(self.rates > threshold(wrap_cents))


def threshold(wrap_cents: int) -> float:
    """The rate from which on wrapping pays."""
    return wrap_cents / (PREVENTED * BROKEN_CENTS)


def world(rng: np.random.Generator) -> World:
    """Draw the products."""
    kinds = tuple(rng.choice(list(SHARES), NUM_PRODUCTS, p=list(SHARES.values())))
    means = np.array([KINDS[kind] for kind in kinds])
    return World(kinds, rng.beta(means * WEIGHT, (1 - means) * WEIGHT))


def advised(which: World, units: NDArray[np.int64], broken: NDArray[np.int64], wrap_cents: int) -> NDArray[np.bool_]:
    """What the rule says to wrap after so many units."""
    costs = WrapCosts(wrap_cents={"": wrap_cents}, trouble_cents=TROUBLE_CENTS, prevented=PREVENTED)
    history = [
        Seen(str(number), kind, int(units[number]), int(broken[number])) for number, kind in enumerate(which.kinds)
    ]
    beliefs = learn(history)
    return np.array([advise(each, beliefs, VALUE_CENTS, costs).wrap for each in history])


def cost_cents(which: World, wrap: NDArray[np.bool_], wrap_cents: int) -> float:
    """Cents a unit, over products, of wrapping and of what breaks."""
    breakage = which.rates * BROKEN_CENTS
    return float(np.mean(np.where(wrap, wrap_cents + (1 - PREVENTED) * breakage, breakage)))


def errors(seed: int, wrap_cents: int) -> Table:
    """How often the recommendation is wrong, and what that costs."""
    rng = np.random.default_rng(seed)
    which = world(rng)
    pays = which.pays(wrap_cents)
    best = cost_cents(which, pays, wrap_cents)
    title = f"Wrapping costs {wrap_cents / 100:.2f} and pays above {threshold(wrap_cents):.2%}"
    table = Table(title=f"{title}: so for {pays.mean():.0%} of {NUM_PRODUCTS:,} products")
    for heading in ("units seen", "missed", "in vain", "cents a unit", "knowing all", "regret"):
        table.add_column(heading, justify="right")
    for units in UNITS_SEEN:
        seen = np.full(NUM_PRODUCTS, units)
        wrap = advised(which, seen, rng.binomial(seen, which.rates), wrap_cents)
        cost = cost_cents(which, wrap, wrap_cents)
        table.add_row(
            f"{units:,}",
            f"{(pays & ~wrap).sum() / pays.sum():.1%}",
            f"{(~pays & wrap).sum() / (~pays).sum():.1%}",
            f"{cost:.2f}",
            f"{best:.2f}",
            f"{cost / best - 1:.1%}",
        )
    return table


def year(seed: int, wrap_cents: int) -> NDArray[np.float64]:
    """Month by month: share of units broken, share wrapped, and cents a unit of wrapping and breakage together."""
    rng = np.random.default_rng(seed)
    which = world(rng)
    monthly = np.maximum(1, UNITS_A_MONTH * rng.lognormal(-0.5, 1.0, NUM_PRODUCTS)).astype(np.int64)
    units, broken = np.zeros(NUM_PRODUCTS, dtype=np.int64), np.zeros(NUM_PRODUCTS, dtype=np.int64)
    wrap = np.zeros(NUM_PRODUCTS, dtype=bool)
    months = []
    for _ in range(NUM_MONTHS):
        came = rng.poisson(monthly)
        breaks = rng.binomial(came, np.where(wrap, which.rates * (1 - PREVENTED), which.rates))
        cents = came[wrap].sum() * wrap_cents + breaks.sum() * BROKEN_CENTS
        months.append((breaks.sum() / came.sum(), came[wrap].sum() / came.sum(), cents / came.sum()))
        units, broken = units + np.where(wrap, 0, came), broken + np.where(wrap, 0, breaks)
        wrap = advised(which, units, broken, wrap_cents)
    return np.array(months)


def breakage(seeds: Sequence[int]) -> Table:
    """The simulated year, averaged over some worlds: in the first month nothing is wrapped, then what is advised."""
    table = Table(title=f"A year; a breakage costs {BROKEN_CENTS / 100:.2f}; {len(seeds)} worlds")
    for heading in (
        "wrapping costs",
        "broken in month 1",
        "months 2-12",
        "worst world",
        "wrapped",
        "cents",
        "unwrapped",
    ):
        table.add_column(heading, justify="right")
    for wrap_cents in WRAP_CENTS:
        figures = np.array([year(seed, wrap_cents) for seed in seeds])
        after = figures[:, 1:].mean(axis=1)
        table.add_row(
            f"{wrap_cents / 100:.2f}",
            f"{figures[:, 0, 0].mean():.2%}",
            f"{after[:, 0].mean():.2%}",
            f"{after[:, 0].max():.2%}",
            f"{after[:, 1].mean():.0%}",
            f"{after[:, 2].mean():.1f}",
            f"{figures[:, 0, 2].mean():.1f}",
        )
    return table


def main() -> None:
    """Print the tables."""
    console = Console()
    console.print(f"Wrapping prevents {PREVENTED:.0%} of breakages. Missed: should be wrapped and is not.")
    for wrap_cents in (WRAP_CENTS[0], WRAP_CENTS[2]):
        console.print(errors(1, wrap_cents))
    console.print(breakage(range(5)))
