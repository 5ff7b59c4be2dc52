"""Quantities with units."""

import pytest

from warehouse.units import LENGTHS, VOLUMES, WEIGHTS, whole_units, written


@pytest.mark.parametrize(
    ("text", "quantity"),
    [("900", 900), ("900 mm", 900), ("0.9m", 900), (" 90  cm ", 900), ("-1.5 m", -1500), ("0", 0), ("1.2345 m", None)],
)
def test_lengths_are_read_exactly_or_refused(text: str, quantity: int | None) -> None:
    if quantity is None:
        with pytest.raises(ValueError, match="not a whole number of mm"):
            whole_units(text, LENGTHS)
    else:
        assert whole_units(text, LENGTHS) == quantity


@pytest.mark.parametrize("text", ["", "m", "1,5 m", "1e3", "0x10", "1 mm 2", "٣ m", "--1", "1 kg", ".5 m", "nan"])
def test_what_is_not_a_length_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a number|not known here"):
        whole_units(text, LENGTHS)


@pytest.mark.parametrize("units", [LENGTHS, VOLUMES, WEIGHTS])
@pytest.mark.parametrize("quantity", [0, 1, 999, 1000, 1001, 250_000, 60_000_000, -2500])
def test_what_is_written_is_read_back(units: dict[str, int], quantity: int) -> None:
    assert whole_units(written(quantity, units), units) == quantity
