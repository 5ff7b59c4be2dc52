"""Can a measurement be true? Against what matter weighs, and against what was known of the product before.

A measurement is doubted, not refused: whoever has the thing in his hands may confirm it. Sides are compared by
size, the longest with the longest, since nobody knows which way round a box was put down.
"""

from collections.abc import Sequence
from dataclasses import dataclass

DENSITY_MIN, DENSITY_MAX = 0.005, 12.0
"""In g/cm³: less than a bag of packing foam, more than lead. Between them lies what people buy."""

SIDE_MM_MAX = 6_000
"""Longer than a carpet on its roll: a slip of the key."""

DIFFERENCE_SHARE, DIFFERENCE_MM, DIFFERENCE_G = 0.15, 10, 20
"""Units of one product differ by less, and a machine by far less; both the share and the figure must be exceeded."""

SLIP_LOW, SLIP_HIGH = 8.0, 12.5
"""About ten times as much in all sides: centimetres and millimetres were mixed up."""


@dataclass(frozen=True, slots=True)
class Size:
    """Sides in mm and weight in g of one unit.

    Raises
    ------
    ValueError
        If one of them is not above 0.
    """

    length_mm: int
    width_mm: int
    height_mm: int
    weight_g: int

    def __post_init__(self) -> None:
        if min(self.length_mm, self.width_mm, self.height_mm, self.weight_g) <= 0:
            raise ValueError("a size and a weight are above 0")

    @property
    def sides_mm(self) -> tuple[int, int, int]:
        """The sides, the longest first."""
        first, second, third = sorted((self.length_mm, self.width_mm, self.height_mm), reverse=True)
        return first, second, third

    @property
    def density(self) -> float:
        """In g/cm³."""
        return 1000 * self.weight_g / (self.length_mm * self.width_mm * self.height_mm)


def doubts(measured: Size, before: Sequence[Size]) -> list[str]:
    """What speaks against a measurement, each in one line; nothing if it can be true.

    Parameters
    ----------
    measured
        The new measurement.
    before
        What was known: earlier measurements, or what the supplier has told. It must agree with the latest.

    Examples
    --------
    >>> doubts(Size(100, 80, 60, 400), [Size(60, 100, 82, 405)])
    []
    >>> doubts(Size(100, 80, 60, 9_000), [])
    ['18.75 g/cm³ is heavier than lead']
    >>> doubts(Size(10, 8, 6, 4), [Size(100, 80, 60, 400)])
    ['all sides are about a tenth of before: cm for mm?', 'weight 4 g, before 400 g']
    """
    found = []
    if measured.density > DENSITY_MAX:
        found.append(f"{measured.density:.2f} g/cm³ is heavier than lead")
    elif measured.density < DENSITY_MIN:
        found.append(f"{measured.density:.4f} g/cm³ is lighter than foam")
    if measured.sides_mm[0] > SIDE_MM_MAX:
        found.append(f"a side of {measured.sides_mm[0] / 1000:.1f} m is too long")
    if before:
        found += _against(measured, before[-1])
    return found


def _against(measured: Size, before: Size) -> list[str]:
    """How a measurement differs from one before."""
    found = []
    pairs = list(zip(measured.sides_mm, before.sides_mm, strict=True))
    ratios = [now / then for now, then in pairs]
    if all(SLIP_LOW <= ratio <= SLIP_HIGH for ratio in ratios):
        found.append("all sides are about ten times those before: mm for cm?")
    elif all(SLIP_LOW <= 1 / ratio <= SLIP_HIGH for ratio in ratios):
        found.append("all sides are about a tenth of before: cm for mm?")
    elif any(_differ(now, then, DIFFERENCE_MM) for now, then in pairs):
        now, then = (" x ".join(str(side) for side in sides) for sides in zip(*pairs, strict=True))
        found.append(f"{now} mm, before {then} mm")
    if _differ(measured.weight_g, before.weight_g, DIFFERENCE_G):
        found.append(f"weight {measured.weight_g} g, before {before.weight_g} g")
    return found


def _differ(now: int, then: int, figure: int) -> bool:
    return abs(now - then) > max(figure, DIFFERENCE_SHARE * then)
