"""What a reading of temperature and humidity in a zone means for the zone and for the goods that lie there."""

from dataclasses import dataclass

from inventory.rules.storage_policy import NO_COLDEST_DC, NO_WARMEST_DC, Climate


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured: tenths of a degree Celsius, and percent where humidity is measured."""

    temperature_dc: int
    humidity_percent: int | None = None


def excursion(reading: Reading, climate: Climate) -> str | None:
    """How a reading leaves the climate that a zone keeps, in one line; None if it does not.

    >>> excursion(Reading(95), Climate(20, 80))
    '9.5 °C, 8.0 °C at most'
    >>> excursion(Reading(50), Climate(20, 80)) is None
    True
    """
    if reading.temperature_dc < climate.coldest_dc:
        return f"{reading.temperature_dc / 10:.1f} °C, {climate.coldest_dc / 10:.1f} °C at least"
    if reading.temperature_dc > climate.warmest_dc:
        return f"{reading.temperature_dc / 10:.1f} °C, {climate.warmest_dc / 10:.1f} °C at most"
    if reading.humidity_percent is None:
        return None
    if reading.humidity_percent < climate.driest_percent:
        return f"{reading.humidity_percent} % humidity, {climate.driest_percent} % at least"
    if reading.humidity_percent > climate.dampest_percent:
        return f"{reading.humidity_percent} % humidity, {climate.dampest_percent} % at most"
    return None


def measured(coldest_dc: int, warmest_dc: int, driest_percent: int | None, dampest_percent: int | None) -> str:
    """The extremes measured, in one line; those of humidity are None where none was measured.

    >>> measured(95, 120, None, None), measured(95, 95, 40, 81)
    ('9.5 to 12.0 °C', '9.5 °C, 40 to 81 % humidity')
    """
    told = [f"{_range(f'{coldest_dc / 10:.1f}', f'{warmest_dc / 10:.1f}')} °C"]
    if driest_percent is not None:
        told.append(f"{_range(str(driest_percent), str(dampest_percent))} % humidity")
    return ", ".join(told)


def _range(least: str, most: str) -> str:
    return least if least == most else f"{least} to {most}"


def harms(reading: Reading, coldest_dc: int, warmest_dc: int, climate: Climate) -> bool:
    """Whether a reading is bad for goods: by their own range where they have one, else by what their zone keeps.

    Goods with a range of their own are still harmed by humidity that their zone does not keep.

    >>> harms(Reading(95), 20, 250, Climate(20, 80)), harms(Reading(95), -2732, 1_000_000, Climate(20, 80))
    (False, True)
    """
    if (coldest_dc, warmest_dc) == (NO_COLDEST_DC, NO_WARMEST_DC):
        return excursion(reading, climate) is not None
    own = Climate(coldest_dc, warmest_dc, climate.driest_percent, climate.dampest_percent)
    return excursion(reading, own) is not None
