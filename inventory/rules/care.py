"""Care of hanging goods: which steps they need before they may be sold, and what follows on what somebody finds."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from warehouse.bins import StorageClass


class CareStep(StrEnum):
    """What is done to hanging goods, in the order in which it is done."""

    INSPECTION = "inspection"
    REPAIR = "repair"
    DRYING = "drying"


class Finding(StrEnum):
    """What somebody finds who has done a step."""

    GOOD = "good"
    UNFIT = "unfit"


@dataclass(frozen=True, slots=True)
class CareRules:
    """The steps that hanging goods go through when they come in and when they come back, before they may be sold.

    What hangs to dry is looked at after `drying_hours`.

    Raises
    ------
    ValueError
        If goods are to dry for less than an hour.
    """

    at_receipt: tuple[CareStep, ...] = ()
    at_return: tuple[CareStep, ...] = (CareStep.INSPECTION,)
    drying_hours: int = 12

    def __post_init__(self) -> None:
        if self.drying_hours < 1:
            raise ValueError("goods dry for an hour at least")


def steps_of(storage_class: str, steps: Iterable[CareStep]) -> tuple[CareStep, ...]:
    """The steps that goods of a storage class go through, in their order: none unless they hang."""
    return in_order(steps) if storage_class == StorageClass.HANGING else ()


def in_order(steps: Iterable[CareStep]) -> tuple[CareStep, ...]:
    """Each step once, in the order in which steps are done."""
    asked = set(steps)
    return tuple(step for step in CareStep if step in asked)


def steps_after(ahead: Iterable[CareStep], finding: Finding, also: Iterable[CareStep]) -> tuple[CareStep, ...]:
    """What is still to be done to units after a step: what was ahead, and what somebody found necessary.

    Examples
    --------
    >>> [str(step) for step in steps_after([CareStep.DRYING], Finding.GOOD, [CareStep.REPAIR])]
    ['repair', 'drying']
    >>> steps_after([CareStep.DRYING], Finding.UNFIT, [])
    ()
    """
    return () if finding is Finding.UNFIT else in_order([*ahead, *also])
