"""Bin codes: every slip is caught, and no code is a product's."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from stdnum import ean

from tests.inventory.small_site import DEFINITION
from tests.warehouse.demo import demo_site
from warehouse.bins import Site
from warehouse.codes import DEFAULT_TEMPLATE, BinCodes, BinPosition
from warehouse.errors import BinCodeInvalid
from warehouse.site_file import read_site

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*-./ "
"""What a scanner or a hand could put in a place of a code."""


def accepted(codes: BinCodes, text: str) -> bool:
    try:
        codes.parse(text)
    except BinCodeInvalid:
        return False
    return True


def slips(code: str) -> Iterator[str]:
    """Every code with one wrong character, and every one with two neighbours swapped."""
    for index, right in enumerate(code):
        for wrong in ALPHABET:
            if wrong != right:
                yield code[:index] + wrong + code[index + 1 :]
    for index, (first, second) in enumerate(pairwise(code)):
        if first != second:
            yield code[:index] + second + first + code[index + 2 :]


@pytest.mark.untraced  # hundreds of thousands of codes, traced line by line, take twice as long
@pytest.mark.parametrize("whole", ["small", pytest.param("demo", marks=pytest.mark.slow)])
def test_every_wrong_character_and_every_swap_of_neighbours_is_caught_over_a_whole_site(whole: str) -> None:
    site = demo_site() if whole == "demo" else read_site(DEFINITION)
    assert isinstance(site, Site)
    codes = BinCodes(site.bin_code_template)  # without the site's bins: form and check character alone must do
    tried = 0
    for each in site.bins:
        assert codes.parse(each.code) == (each.aisle, each.bay, each.level, each.slot)
        for slip in slips(each.code):
            assert not accepted(codes, slip), (each.code, slip)
            tried += 1
    assert tried > 150 * len(site.bins) > 0
    assert {each.code[-1] for each in site.bins} == set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*")


def test_slips_in_codes_typed_without_separators_are_caught_too() -> None:
    site = demo_site()
    codes = BinCodes(site.bin_code_template)
    for each in site.bins[::37]:
        compact = each.code.replace("-", "")
        assert codes.canonical(compact.lower()) == each.code
        assert not any(accepted(codes, slip) for slip in slips(compact))


def test_no_bin_code_is_a_gtin() -> None:
    site = demo_site()
    for each in site.bins:
        for form in (each.code, each.code.replace("-", "")):
            assert not form.isdigit()
            assert not ean.is_valid(form)


def test_no_gtin_is_taken_for_a_bin_code() -> None:
    codes = BinCodes(DEFAULT_TEMPLATE)
    for digits in ("73513537", "036000291452", "4006381333931", "10012345678902"):
        assert ean.is_valid(digits)
        assert not accepted(codes, digits)


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{aisle:02}-{bay:03}-{level:01}{slot:01}-{check}", "digits only"),
        ("{aisle:02}{bay:03}{check}", "digits only"),
        ("{aisle:02}-{bay:03}-{level:A}", r"must end with \{check\}"),
        ("{check}{aisle:02}{bay:03}{level:A}", r"must end with \{check\}"),
        ("{aisle:02}-{level:A}-{check}", r"no \{bay\}"),
        ("A{aisle:02}{bay:02}{bay:02}{check}", "a field twice"),
        ("A{aisle:02}{shelf:02}{check}", "not a field"),
        ("A{aisle:2}{bay:02}{check}", "a shape is"),
        ("A{aisle}{bay:02}{check}", "a shape is"),
        ("A{aisle:02}{bay:A02}{check}", "only an aisle"),
        ("a{aisle:02}{bay:02}{check}", "cannot be read from 'a"),
        ("A{aisle:02}{bay:02", r"must end with \{check\}"),
    ],
)
def test_a_template_that_cannot_serve_is_refused_with_the_reason(template: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        BinCodes(template)


@pytest.mark.parametrize(
    ("template", "position", "form"),
    [
        ("{aisle:02}-{bay:03}-{level:A}{slot:01}-{check}", BinPosition("7", 42, 2, 1), "99-999-A9-?"),
        ("{aisle:AA}.{bay:02}.{level:01}/{slot:A}{check}", BinPosition("QX", 9, 3, 26), "AA.99.9/A?"),
        ("W{aisle:A02}{bay:04}{check}", BinPosition("M7", 1200, 1, 1), "WA999999?"),
        ("{aisle:02}-{bay:AA}-{check}", BinPosition("0", 53, 1, 1), "99-AA-?"),
    ],
)
def test_what_is_written_is_read_back(template: str, position: BinPosition, form: str) -> None:
    codes = BinCodes(template)
    assert codes.form == form
    assert codes.parse(f" {codes.format(position)}\r\n") == position


@pytest.mark.parametrize(
    "position",
    [
        BinPosition("100", 1, 1, 1),
        BinPosition("07", 1, 1, 1),
        BinPosition("A", 1, 1, 1),
        BinPosition("", 1, 1, 1),
        BinPosition("1", 1000, 1, 1),
        BinPosition("1", -1, 1, 1),
        BinPosition("1", 1, 27, 1),
        BinPosition("1", 1, 0, 1),
        BinPosition("1", 1, 1, 10),
    ],
)
def test_a_position_that_the_template_cannot_show_is_refused(position: BinPosition) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        BinCodes(DEFAULT_TEMPLATE).format(position)


def test_a_slot_without_a_field_is_refused() -> None:
    with pytest.raises(ValueError, match="slot 2 has no field"):
        BinCodes("{aisle:02}-{bay:03}-{level:A}-{check}").format(BinPosition("1", 1, 1, 2))


@pytest.mark.parametrize(
    ("position", "why"),
    [
        (BinPosition("13", 1, 1, 1), "no aisle 13"),
        (BinPosition("12", 41, 1, 1), "aisle 12 has no bay 41"),
        (BinPosition("12", 40, 5, 1), "bay 40 of aisle 12 has no level 5, slot 1"),
        (BinPosition("12", 40, 4, 3), "no level 4, slot 3"),
        (BinPosition("12", 0, 4, 2), "count from 1"),
    ],
)
def test_a_well_read_code_of_a_bin_that_is_not_there_is_refused(position: BinPosition, why: str) -> None:
    codes = BinCodes.of_site(demo_site())
    with pytest.raises(BinCodeInvalid) as caught:
        codes.parse(codes.format(position))
    assert why in caught.value.why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not of the form 99-999-A9-?"),
        ("07-042-B1-6", "check character 6 does not match"),
        ("07-042-B1", "not of the form"),
        ("07-042-b1-ȷ", "plain letters"),
        ("07-042B1-J", "not of the form"),
        ("07 042 B1 J", "not of the form"),
        ("\u0660\u0667-042-B1-J", "plain letters"),
    ],
)
def test_a_code_read_badly_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(BinCodeInvalid) as caught:
        BinCodes(DEFAULT_TEMPLATE).parse(text)
    assert why in caught.value.why
