"""Which goods to wrap when they come in: what their damage has shown so far, against what wrapping costs.

Problem
    Some products break on their way through the house and to the customer. Wrapping a unit when it comes in costs a
    little; a broken one costs its value, the trouble with it, and a customer. For most products nothing is known but
    a few hundred units, none of them broken, or one.
Method
    Broken units of a product are binomial with a rate of its own. The rates of a category's products are taken to be
    drawn from one Beta distribution, whose mean is the category's rate and whose weight (as if so many units had been
    seen) is fitted to how far its products differ, by the method of moments; the category's rate itself leans on that
    of all goods in the same way. So a product with few units is judged like its category, and one with many by
    itself. The posterior of a product's rate is a Beta again: its mean, and a credible interval.
    A unit is wrapped where that costs less than it saves: the mean rate x the share of breakages that wrapping
    prevents x what a breakage costs. The mean is what counts for cost; the interval says how sure that is, and
    `probability` how probable it is that wrapping pays.
Complexity
    A pass over the products.
Limits
    A product's own units are part of its category's experience and are counted again by themselves, which makes a
    category of one product a little too sure. Only units that were not wrapped tell the rate. Products that are
    wrapped are judged by what was seen before, so a category should leave a product unwrapped now and then if the
    goods or the carriers change.
Source
    Empirical Bayes for binomial rates: Gelman et al., Bayesian Data Analysis (3rd ed.), section 5.1; the moments as
    in Kleinman (1973), Journal of the American Statistical Association 68(341).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scipy.special import betainc, betaincinv

WEIGHT_MIN, WEIGHT_MAX = 10.0, 5_000.0
"""Units that a category's experience counts for: never less than a box, never so many that a product is drowned."""

WEIGHT_UNFITTED = 50.0
"""The same where a category has too few products to say how far they differ."""

NUM_PRODUCTS_FITTED = 3
"""Products that a category needs before their spread is taken seriously."""

UNITS_PRIOR, RATE_PRIOR = 50.0, 0.01
"""What is believed of a house that has seen nothing: one unit in a hundred breaks, as if fifty had been seen."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Units of a product that came in without being wrapped, and how many of them broke."""

    product: str
    category: str
    units: int
    broken: int


@dataclass(frozen=True, slots=True)
class WrapCosts:
    """What wrapping and breakages cost, in cents.

    `wrap_cents` is by category, that of "" for all others. A breakage costs the value of the unit and `trouble_cents`
    (sending another, the return, the clearing up). `prevented` is the share of breakages that wrapping prevents.

    Raises
    ------
    ValueError
        If a cost is negative, or the share is not one.
    """

    wrap_cents: Mapping[str, int] = field(default_factory=lambda: {"": 40})
    trouble_cents: int = 800
    prevented: float = 0.9
    credibility: float = 0.9

    def __post_init__(self) -> None:
        if self.trouble_cents < 0 or any(cents < 0 for cents in self.wrap_cents.values()):
            raise ValueError("costs are not negative")
        if not 0 <= self.prevented <= 1 or not 0 < self.credibility < 1:
            raise ValueError("shares are between 0 and 1")

    def wrap_cents_of(self, category: str) -> int:
        """What it costs to wrap a unit of a category."""
        return self.wrap_cents.get(category, self.wrap_cents.get("", 0))


@dataclass(frozen=True, slots=True)
class Belief:
    """A rate as a Beta distribution: as if `broken` of `broken + whole` units had broken."""

    broken: float
    whole: float

    @property
    def rate(self) -> float:
        """The mean."""
        return self.broken / (self.broken + self.whole)

    def interval(self, credibility: float) -> tuple[float, float]:
        """The rates between which it lies with this probability, as much below as above."""
        tail = (1 - credibility) / 2
        low, high = (float(betaincinv(self.broken, self.whole, each)) for each in (tail, 1 - tail))
        return low, high

    def probability_above(self, rate: float) -> float:
        """How probable it is that the rate is above this one."""
        return 1 - float(betainc(self.broken, self.whole, rate))


@dataclass(frozen=True, slots=True)
class Advice:
    """Whether to wrap a product, and why; `pays_above` is the rate from which on wrapping pays."""

    wrap: bool
    rate: float
    rate_low: float
    rate_high: float
    pays_above: float
    probability: float
    why: str


@dataclass(frozen=True)
class Beliefs:
    """What is believed of every category, and of goods of none that is known."""

    by_category: Mapping[str, Belief]
    of_all: Belief

    def of(self, category: str) -> Belief:
        """The belief with which a product of a category begins."""
        return self.by_category.get(category, self.of_all)


def learn(history: Sequence[Seen]) -> Beliefs:
    """What the history of all products says of each category.

    Examples
    --------
    >>> beliefs = learn([Seen("cup", "glass", 1000, 40), Seen("jar", "glass", 1000, 44), Seen("sock", "cloth", 900, 0)])
    >>> beliefs.of("glass").rate > 0.03, beliefs.of("cloth").rate < 0.01
    (True, True)
    """
    units, broken = sum(each.units for each in history), sum(each.broken for each in history)
    rate = (RATE_PRIOR * UNITS_PRIOR + broken) / (UNITS_PRIOR + units)
    of_all = _belief(rate, WEIGHT_UNFITTED)
    groups: dict[str, list[Seen]] = defaultdict(list)
    for each in history:
        if each.units:
            groups[each.category].append(each)
    return Beliefs({category: _of_category(own, of_all) for category, own in groups.items()}, of_all)


def _of_category(products: Sequence[Seen], of_all: Belief) -> Belief:
    """The Beta distribution of a category's rates: its mean leans on all goods, its weight says how alike they are."""
    units, broken = sum(each.units for each in products), sum(each.broken for each in products)
    rate = (of_all.rate * UNITS_PRIOR + broken) / (UNITS_PRIOR + units)
    return _belief(rate, _weight(products, broken / units) if broken else WEIGHT_UNFITTED)


def _weight(products: Sequence[Seen], rate: float) -> float:
    """How many units the category's experience counts for, from how far its products' rates lie apart.

    If all had the same rate, chance alone would spread the rates by rate (1 - rate) / units; what is beyond that is
    their own difference. The weight w of a Beta with that variance v of rates satisfies v = rate (1 - rate) / (w + 1).
    """
    if len(products) < NUM_PRODUCTS_FITTED:
        return WEIGHT_UNFITTED
    units = sum(each.units for each in products)
    spread = sum(each.units * (each.broken / each.units - rate) ** 2 for each in products)
    chance = rate * (1 - rate)
    effective = units - sum(each.units**2 for each in products) / units
    own = (spread - chance * (len(products) - 1)) / effective
    if own <= 0:
        return WEIGHT_MAX
    return min(WEIGHT_MAX, max(WEIGHT_MIN, chance / own - 1))


def _belief(rate: float, weight: float) -> Belief:
    return Belief(rate * weight, (1 - rate) * weight)


def advise(seen: Seen, beliefs: Beliefs, value_cents: int, costs: WrapCosts) -> Advice:
    """Whether to wrap a product that comes in.

    Parameters
    ----------
    seen
        What its own unwrapped units have shown, maybe nothing.
    beliefs
        What its category has shown.
    value_cents
        Value of one unit.
    costs
        What wrapping and a breakage cost.

    Examples
    --------
    >>> glass = Seen("cup", "glass", 1000, 40)
    >>> advise(glass, learn([glass]), 500, WrapCosts()).why
    'Wrap: 40 of 1,000 broke (about 4.0 %), wrapping 0.40 saves 0.47 a unit'
    """
    before = beliefs.of(seen.category)
    after = Belief(before.broken + seen.broken, before.whole + seen.units - seen.broken)
    wrap_cents = costs.wrap_cents_of(seen.category)
    saved_a_breakage = costs.prevented * (value_cents + costs.trouble_cents)
    pays_above = min(1.0, wrap_cents / saved_a_breakage) if saved_a_breakage else 1.0
    wrap = after.rate > pays_above
    low, high = after.interval(costs.credibility)
    return Advice(
        wrap,
        after.rate,
        low,
        high,
        pays_above,
        after.probability_above(pays_above),
        _why(seen, after, wrap_cents, saved_a_breakage, wrap=wrap),
    )


def _why(seen: Seen, after: Belief, wrap_cents: int, saved_a_breakage: float, *, wrap: bool) -> str:
    """The advice in one line."""
    saves_cents = after.rate * saved_a_breakage
    if seen.units:
        shown = f"{seen.broken} of {seen.units:,} broke (about {100 * after.rate:.1f} %)"
    else:
        shown = f"like others of its kind (about {100 * after.rate:.1f} % break)"
    costs = f"wrapping {wrap_cents / 100:.2f} saves {saves_cents / 100:.2f} a unit"
    return f"{'Wrap' if wrap else 'Do not wrap'}: {shown}, {costs}"
