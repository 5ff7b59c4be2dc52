"""The rule for wrapping: rates pooled by category, against what wrapping and breakages cost."""

import numpy as np
import pytest

from inventory.rules.damage import Belief, Seen, WrapCosts, advise, learn

COSTS = WrapCosts(wrap_cents={"": 20, "glass": 50}, trouble_cents=500, prevented=0.8)


def test_a_product_that_nobody_knows_is_judged_like_its_category_and_one_with_history_by_itself() -> None:
    history = [Seen(f"G{number}", "glass", 400, 40 + number) for number in range(8)]
    history += [Seen(f"T{number}", "textile", 400, 0) for number in range(8)]
    beliefs = learn(history)
    new_glass = advise(Seen("new", "glass", 0, 0), beliefs, 1_500, COSTS)
    new_textile = advise(Seen("new", "textile", 0, 0), beliefs, 1_500, COSTS)
    assert new_glass.wrap
    assert not new_textile.wrap
    assert new_glass.rate == pytest.approx(0.11, abs=0.02)
    sturdy = advise(Seen("sturdy", "glass", 20_000, 2), beliefs, 1_500, COSTS)
    assert not sturdy.wrap
    assert sturdy.rate_high < sturdy.pays_above < new_glass.rate_low
    assert sturdy.probability < 0.001 < 0.99 < new_glass.probability
    assert new_glass.why == "Wrap: like others of its kind (about 10.8 % break), wrapping 0.50 saves 1.73 a unit"


def test_wrapping_pays_above_its_cost_over_what_it_saves_a_breakage() -> None:
    beliefs = learn([])
    seen = Seen("P", "", 100_000, 1_000)
    assert advise(seen, beliefs, 1_500, COSTS).pays_above == pytest.approx(20 / (0.8 * 2_000))
    assert not advise(seen, beliefs, 1_500, COSTS).wrap  # 1.0 % breaks, 1.25 % would have to
    assert advise(seen, beliefs, 4_500, COSTS).wrap
    assert not advise(seen, beliefs, 4_500, WrapCosts(prevented=0.0)).wrap
    with pytest.raises(ValueError, match="between 0 and 1"):
        WrapCosts(prevented=1.1)
    with pytest.raises(ValueError, match="not negative"):
        WrapCosts(wrap_cents={"": -1})


def test_categories_whose_products_are_alike_count_for_more_than_those_whose_products_differ() -> None:
    alike = learn([Seen(str(number), "a", 500, 25) for number in range(20)]).of("a")
    differing = learn([Seen(str(number), "b", 500, 50 * (number % 2)) for number in range(20)]).of("b")
    assert alike.rate == pytest.approx(differing.rate, abs=0.003)
    assert alike.broken + alike.whole > 50 * (differing.broken + differing.whole)


def test_the_credible_interval_holds_the_true_rate_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    rates = rng.beta(2, 38, 1_000)
    broken = rng.binomial(150, rates)
    history = [Seen(str(number), "c", 150, int(count)) for number, count in enumerate(broken)]
    beliefs = learn(history)
    advice = [advise(each, beliefs, 1_000, COSTS) for each in history]
    held = [each.rate_low <= rate <= each.rate_high for each, rate in zip(advice, rates, strict=True)]
    assert 0.87 <= np.mean(held) <= 0.93
    belief = beliefs.of("c")
    assert belief.broken + belief.whole == pytest.approx(40, rel=0.25)
    assert Belief(2, 38).probability_above(belief.interval(0.9)[1]) < 0.1
