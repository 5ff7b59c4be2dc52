from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from inventory.rules.look_alikes import Look, alike, all_alike, code_distance
from inventory.rules.storage_policy import LookAlike

codes = st.text("AB12", min_size=1, max_size=5)
looks = st.lists(
    st.builds(
        Look, codes, st.sampled_from(["red mug", "red mugs", "blue mug", "lamp"]), st.none() | st.integers(0, 15)
    ),
    max_size=12,
)
rules = st.builds(LookAlike, st.sampled_from([0, 60, 100]), st.integers(0, 2), st.integers(0, 2))


@given(looks, rules)
def test_all_pairs_are_those_that_are_alike_one_by_one(goods: list[Look], rule: LookAlike) -> None:
    found = all_alike(goods, rule)
    pairs = {(one, other) for one, others in found.items() for other in others if one < other}
    assert pairs == {
        (one, other) for one, other in combinations(range(len(goods)), 2) if alike(goods[one], goods[other], rule)
    }
    assert all(one in found[other] for one, others in found.items() for other in others)


@given(codes, codes)
def test_a_code_is_as_far_from_another_as_that_from_it(one: str, other: str) -> None:
    assert code_distance(one, other) == code_distance(other, one)
    assert (code_distance(one, other) == 0) == (one == other)
    assert code_distance(one, other) >= abs(len(one) - len(other))


def test_names_are_alike_by_what_they_share_whatever_the_case_and_the_signs() -> None:
    rule = LookAlike(name_percent=90)
    assert alike(Look("1", "T-Light holder, RED"), Look("2", "t light holder red"), rule)
    assert not alike(Look("1", "Mug"), Look("2", "Mop"), rule)
    assert not alike(Look("1", ""), Look("2", ""), rule)
