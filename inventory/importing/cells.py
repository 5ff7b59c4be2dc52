"""What the texts of a cell mean. Every function raises ValueError with the reason for the report."""

import math
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

CODE_LENGTH_MAX = 64  # the width of the columns that keep numbers and codes

QUANTITY_MAX = 2**31 - 1  # what fits the quantity column on every database


def code_in(text: str, what: str) -> str:
    """A number or code: something, and not too long to keep."""
    if not text:
        raise ValueError(f"no {what}")
    if len(text) > CODE_LENGTH_MAX:
        raise ValueError(f"{what} {text[:20]}... is longer than {CODE_LENGTH_MAX} characters")
    return text


def quantity_in(text: str) -> int:
    """A whole number of units above 0; "3.0000" is whole."""
    try:
        quantity = int(text)
    except ValueError:
        number = _number(text, "quantity")
        if not number.is_integer():
            raise ValueError(f"quantity {text} is not a whole number") from None
        quantity = int(number)
    if not 0 < quantity <= QUANTITY_MAX:
        raise ValueError(f"quantity {text} is not between 1 and {QUANTITY_MAX}")
    return quantity


def length_mm_in(text: str, mm_per_unit: float, what: str) -> int:
    """A length in mm, to the nearest; what is under half a millimetre is none."""
    length_mm = round(_number(text, what) * mm_per_unit)
    if not 0 < length_mm <= QUANTITY_MAX:
        raise ValueError(f"{what} {text} is not above 0")
    return length_mm


def weight_g_in(text: str, g_per_unit: float) -> int:
    """A weight in g, to the nearest but at least 1."""
    weight = _number(text, "weight") * g_per_unit
    if not 0 < weight <= QUANTITY_MAX:
        raise ValueError(f"weight {text} is not above 0")
    return max(1, round(weight))


def time_in(text: str, zone: ZoneInfo, what: str) -> datetime:
    """An ISO 8601 time; one without an offset is read in `zone`.

    Raises
    ------
    ValueError
        If it is no time, or one that the clocks of `zone` skipped.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{what} {text!r} is not a time like 2011-12-05 08:32") from None
    if time.tzinfo is not None:
        return time.astimezone(zone)
    time = time.replace(tzinfo=zone)
    if time.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != time.replace(tzinfo=None):
        raise ValueError(f"{what} {text} does not exist in {zone.key}: the clocks were put forward")
    return time


def day_in(text: str, what: str) -> date:
    """A day as ISO 8601 writes it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{what} {text!r} is not a day like 2027-12-31") from None


def _number(text: str, what: str) -> float:
    if not text:
        raise ValueError(f"no {what}")
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{what} {text} is not a number") from None
    if not math.isfinite(number):
        raise ValueError(f"{what} {text} is not a number")
    return number
