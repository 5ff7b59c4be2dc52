"""Life that goods must have left: the strictest of all rules that are about them, their customer and their channel."""

from hypothesis import given
from hypothesis import strategies as st

from inventory.rules.stock_policy import MinimumLife, StockPolicy

PRODUCTS, CATEGORIES, CUSTOMERS, CHANNELS = ("milk", "nails"), ("dairy", "iron"), ("hotel", "ann"), ("web", "wholesale")
FACTS = st.tuples(*(st.sampled_from(each) for each in (PRODUCTS, CATEGORIES, ("", *CUSTOMERS), ("", *CHANNELS))))
RULES = st.lists(
    st.builds(
        MinimumLife,
        product=st.sampled_from(("", *PRODUCTS)),
        category=st.sampled_from(("", *CATEGORIES)),
        customer=st.sampled_from(("", *CUSTOMERS)),
        channel=st.sampled_from(("", *CHANNELS)),
        receipt_days=st.integers(0, 30),
        shipment_days=st.integers(0, 30),
    ),
    max_size=8,
)


def asked_for(rules: list[MinimumLife], facts: tuple[str, ...]) -> int:
    """By a walk over the rules: whatever a rule names must be what the order has."""
    days = 0
    for rule in rules:
        named = (rule.product, rule.category, rule.customer, rule.channel)
        if not any(name and name != fact for name, fact in zip(named, facts, strict=True)):
            days = max(days, rule.shipment_days)
    return days


@given(RULES, FACTS)
def test_the_strictest_rule_that_applies_holds(rules: list[MinimumLife], facts: tuple[str, str, str, str]) -> None:
    assert StockPolicy(minimum_life=tuple(rules)).shipment_days(*facts) == asked_for(rules, facts)


@given(RULES, RULES, FACTS)
def test_another_rule_never_lets_goods_be_older(
    rules: list[MinimumLife], more: list[MinimumLife], facts: tuple[str, str, str, str]
) -> None:
    before, after = StockPolicy(minimum_life=tuple(rules)), StockPolicy(minimum_life=(*rules, *more))
    assert after.shipment_days(*facts) >= before.shipment_days(*facts)
    assert after.receipt_days(*facts[:2]) >= before.receipt_days(*facts[:2])


def test_a_channel_asks_for_more_life_whoever_buys_and_for_one_customer_of_it_more_still() -> None:
    policy = StockPolicy(
        minimum_life=(
            MinimumLife(shipment_days=3, receipt_days=5),
            MinimumLife(channel="wholesale", shipment_days=30),
            MinimumLife(customer="hotel", channel="wholesale", shipment_days=60),
            MinimumLife(customer="ann", shipment_days=10),
        )
    )
    asked = {
        (customer, channel): policy.shipment_days("milk", "dairy", customer, channel)
        for customer in ("", "hotel", "ann")
        for channel in ("", "web", "wholesale")
    }
    assert asked == {
        ("", ""): 3,
        ("", "web"): 3,
        ("", "wholesale"): 30,
        ("hotel", ""): 3,
        ("hotel", "web"): 3,
        ("hotel", "wholesale"): 60,
        ("ann", ""): 10,
        ("ann", "web"): 10,
        ("ann", "wholesale"): 30,
    }
    assert policy.receipt_days("milk", "dairy") == 5
