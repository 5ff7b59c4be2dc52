"""Quantities as people write them: "0.9 m", "60 l", "250 kg", read to whole mm, mm3, g and ms."""

import re
from collections.abc import Mapping
from fractions import Fraction

LENGTHS: Mapping[str, int] = {"mm": 1, "cm": 10, "m": 1_000}
VOLUMES: Mapping[str, int] = {"mm3": 1, "cm3": 1_000, "ml": 1_000, "l": 1_000_000, "m3": 1_000_000_000}
WEIGHTS: Mapping[str, int] = {"g": 1, "kg": 1_000, "t": 1_000_000}
TIMES: Mapping[str, int] = {"ms": 1, "s": 1_000}

LENGTH_MAX_MM = 10_000_000
"""10 km: no warehouse is longer, and a slip of a unit is found."""

_QUANTITY = re.compile(r"(-?)(\d{1,12})(?:\.(\d{1,9}))?\s*([A-Za-z]+3?)?", re.ASCII)


def whole_units(text: str, units: Mapping[str, int]) -> int:
    """A written quantity in the smallest unit.

    Parameters
    ----------
    text
        A number, then one of `units`; a number alone is in the smallest unit.
    units
        Name of each unit and how many of the smallest unit it is.

    Returns
    -------
    int
        The quantity, exact.

    Raises
    ------
    ValueError
        If it is not a number with a known unit, or not a whole number of the smallest unit.

    Examples
    --------
    >>> whole_units("0.9 m", LENGTHS), whole_units("900", LENGTHS), whole_units("60 l", VOLUMES)
    (900, 900, 60000000)
    """
    smallest = next(iter(units))
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a number with a unit, such as 12 {smallest}")
    sign, number, decimals, unit = match.groups()
    if unit is not None and unit not in units:
        raise ValueError(f"{text!r}: the unit {unit} is not known here; {', '.join(units)} are")
    quantity = Fraction(f"{number}.{decimals or 0}") * units[unit or smallest]
    if quantity.denominator != 1:
        raise ValueError(f"{text!r} is not a whole number of {smallest}")
    return -int(quantity) if sign else int(quantity)


def written(quantity: int, units: Mapping[str, int]) -> str:
    """A quantity in the largest of `units` that gives a whole number.

    Examples
    --------
    >>> written(900, LENGTHS), written(3000, LENGTHS), written(60_000_000, VOLUMES)
    ('90 cm', '3 m', '60 l')
    """
    name, size = max(((name, size) for name, size in units.items() if quantity % size == 0), key=lambda unit: unit[1])
    return f"{quantity // size} {name}"
