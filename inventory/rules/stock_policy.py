"""What a site decides about its stock: causes that may be named, life that goods must have left, when to warn.

Everything here is data of a site, versioned with its author; `StockPolicy()` is that of a site that has set
none. The strictest of all rules that apply to a product, a customer or a channel holds, so a general rule is
never loosened by a special one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from inventory.rules.care import CareRules
from inventory.rules.damage import WrapCosts
from inventory.rules.storage_policy import StowRules


class StockStatus(StrEnum):
    """Whether goods may be sold, and if not, what keeps them."""

    AVAILABLE = "available"
    HOLD = "hold"
    QUARANTINED = "quarantined"
    DAMAGED = "damaged"
    EXPIRED = "expired"
    RECALLED = "recalled"


class Handling(StrEnum):
    """What else is done to goods for a cause: another place, another lot that they turn out to be of, a way out."""

    MOVE = "move"
    LOT = "lot"
    DISPOSE = "dispose"


Change = StockStatus | Handling
"""What is done to goods for a cause."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause that people may name, and the changes it may be named for."""

    code: str
    name: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class MinimumLife:
    """Days of life that goods must have left on the day they come in, and on those they are promised and leave.

    An empty `product`, `category`, `customer` or `channel` stands for every one. Nobody knows at receipt who will
    get the goods and by which channel, so a rule for one of these has no `receipt_days`.
    """

    product: str = ""
    category: str = ""
    customer: str = ""
    channel: str = ""
    receipt_days: int = 0
    shipment_days: int = 0

    def applies_to(self, product: str, category: str) -> bool:
        """Whether it is about a product of a category."""
        return self.product in ("", product) and self.category in ("", category)

    @property
    def for_everybody(self) -> bool:
        """Whether it is about goods whoever gets them, and however they were ordered."""
        return not self.customer and not self.channel

    def serves(self, customer: str, channel: str) -> bool:
        """Whether it is about an order of a customer that came by a channel."""
        return self.customer in ("", customer) and self.channel in ("", channel)


CAUSES = (
    Cause("quality-check", "Quality check", (StockStatus.HOLD, StockStatus.QUARANTINED, StockStatus.AVAILABLE)),
    Cause(
        "customer-complaint",
        "Customer complaint",
        (StockStatus.HOLD, StockStatus.QUARANTINED, StockStatus.RECALLED),
    ),
    Cause("temperature", "Wrong temperature", (StockStatus.HOLD, StockStatus.QUARANTINED, Handling.DISPOSE)),
    Cause("damaged-in-handling", "Damaged in handling", (StockStatus.DAMAGED, Handling.DISPOSE)),
    Cause("damaged-on-arrival", "Damaged on arrival", (StockStatus.DAMAGED, Handling.DISPOSE)),
    Cause("past-expiry", "Past its expiry", (StockStatus.EXPIRED, Handling.DISPOSE)),
    Cause("short-life", "Too little life left", (StockStatus.QUARANTINED, Handling.DISPOSE)),
    Cause("recall-supplier", "Recall by the supplier", (StockStatus.RECALLED, Handling.DISPOSE)),
    Cause("recall-authority", "Recall by an authority", (StockStatus.RECALLED, Handling.DISPOSE)),
    Cause(
        "returned",
        "Returned by the customer",
        (StockStatus.AVAILABLE, StockStatus.HOLD, StockStatus.QUARANTINED, StockStatus.DAMAGED, Handling.DISPOSE),
    ),
    Cause("unfit", "Checked and found unfit", (Handling.DISPOSE,)),
    Cause("released", "Checked and found good", (StockStatus.AVAILABLE,)),
    Cause("entered-wrongly", "Entered wrongly", (StockStatus.AVAILABLE, Handling.LOT, Handling.MOVE)),
    Cause("label-misread", "Label misread", (Handling.LOT,)),
    Cause("space", "Space needed", (Handling.MOVE,)),
    Cause("consolidation", "Put together", (Handling.MOVE,)),
    Cause("replenishment", "Forward area filled", (Handling.MOVE,)),
    Cause("care", "In care, or cared for", (StockStatus.HOLD, StockStatus.AVAILABLE, StockStatus.DAMAGED)),
)
"""The causes of a site that has set no list."""

ALERT_DAYS = (90, 60, 30, 7)
"""Days before expiry at which a site that says nothing else is warned."""


@dataclass(frozen=True)
class StockPolicy:
    """What a site decides about its stock.

    `fifo_window_days` are days of receipt that count as one for goods without expiry. `alert_days` and
    `quarantine_days` are by category, those of "" for all others: the days before expiry at which alerts are
    raised, and with fewer than which goods are quarantined. `demand_days` is how far back demand is looked at,
    `stowing` where goods may lie, `wrapping` what wrapping goods and not wrapping them costs, `care`
    what hanging goods go through before they may be sold. With `measure_first` no goods of a product come in that was
    never measured.

    Raises
    ------
    ValueError
        If a figure is out of range, or a cause is listed twice.
    """

    causes: tuple[Cause, ...] = CAUSES
    fifo_window_days: int = 1
    alert_days: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: {"": ALERT_DAYS})
    quarantine_days: Mapping[str, int] = field(default_factory=dict)
    minimum_life: tuple[MinimumLife, ...] = ()
    demand_days: int = 28
    stowing: StowRules = field(default_factory=StowRules)
    wrapping: WrapCosts = field(default_factory=WrapCosts)
    care: CareRules = field(default_factory=CareRules)
    measure_first: bool = False

    def __post_init__(self) -> None:
        codes = [cause.code for cause in self.causes]
        if len(set(codes)) < len(codes):
            raise ValueError("a cause is listed twice")
        if self.fifo_window_days < 1 or self.demand_days < 1:
            raise ValueError("a window has at least one day")
        lives = [days for each in self.minimum_life for days in (each.receipt_days, each.shipment_days)]
        levels = [day for days in self.alert_days.values() for day in days]
        if any(days < 0 for days in (*lives, *levels, *self.quarantine_days.values())):
            raise ValueError("days before expiry are not negative")

    def alert_days_of(self, category: str) -> tuple[int, ...]:
        """The levels for goods of a category, the earliest warning first."""
        days = self.alert_days.get(category, self.alert_days.get("", ALERT_DAYS))
        return tuple(sorted(set(days), reverse=True))

    def quarantine_days_of(self, category: str) -> int:
        """With fewer days left than these, goods of a category are quarantined."""
        return self.quarantine_days.get(category, self.quarantine_days.get("", 0))

    def receipt_days(self, product: str, category: str) -> int:
        """Days of life that a product must have left when it comes in."""
        rules = [each for each in self.minimum_life if each.applies_to(product, category) and each.for_everybody]
        return max((each.receipt_days for each in rules), default=0)

    def shipment_days(self, product: str, category: str, customer: str, channel: str) -> int:
        """Days of life that a product must have left when it is promised to a customer, and when it leaves for him.

        It is the strictest of all rules that apply to the product, the customer and the channel of his order.
        """
        return max(
            (
                each.shipment_days
                for each in self.minimum_life
                if each.applies_to(product, category) and each.serves(customer, channel)
            ),
            default=0,
        )
