"""Read an order file: one row an order line, the rows of an order sharing its number.

Every row is either an order line, counted under a rule of the mapping (a return, postage), or a
problem. Lines are numbered in the order they stand in the file. The time, the customer and the
channel of an order are those of its first row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from inventory.importing.cells import code_in, quantity_in, time_in
from inventory.importing.mapping import ColumnMapping
from inventory.importing.rows import Progress, RowProblem, RuleBook, check_fields, no_progress, take_rows
from inventory.importing.table_file import FieldReader, TableFile


@dataclass(frozen=True, slots=True)
class LineRead:
    """An order line as it stands in row `row` of the file; `name` is what the file calls the product."""

    row: int
    product: str
    quantity: int
    name: str


@dataclass(frozen=True, slots=True)
class OrderRead:
    """An order; `placed` and `due` are in the zone of the file, None where the file tells none."""

    number: str
    placed: datetime | None
    due: datetime | None
    customer: str
    priority: int
    lines: list[LineRead] = field(default_factory=list)
    channel: str = ""

    @property
    def placed_ms(self) -> int | None:
        """The time it was placed, in milliseconds since 1970."""
        return None if self.placed is None else round(self.placed.timestamp() * 1000)

    @property
    def due_ms(self) -> int | None:
        """The time it is due, in milliseconds since 1970."""
        return None if self.due is None else round(self.due.timestamp() * 1000)


@dataclass(frozen=True)
class OrderFile:
    """What is in an order file. `counted` says how many rows each rule set aside."""

    orders: tuple[OrderRead, ...]
    num_rows: int
    counted: Mapping[str, int]
    problems: tuple[RowProblem, ...]

    @property
    def num_lines(self) -> int:
        """Order lines, over all orders."""
        return sum(len(order.lines) for order in self.orders)


def read_orders(table: TableFile, mapping: ColumnMapping, progress: Progress = no_progress) -> OrderFile:
    """Read every row of an order file; what is wrong with a row lands in `problems`.

    An order of which one row is a problem is left out whole, since half an order is none.

    Raises
    ------
    ImportInvalid
        If the file or the mapping cannot be used at all.
    """
    check_fields(mapping, "orders")
    reader = FieldReader(table, mapping)
    orders = _Orders(mapping, reader.place_of)
    rows = take_rows(table, reader, RuleBook(mapping, reader.place_of), orders.add, progress, orders.breaks)
    return OrderFile(orders.whole(), rows.num_rows, rows.counted, rows.problems)


class _Orders:
    """Orders while their rows come in."""

    def __init__(self, mapping: ColumnMapping, places: Mapping[str, int]) -> None:
        self.zone, self.places = mapping.time_zone, places
        self.number, self.product, self.quantity = places["number"], places["product"], places["quantity"]
        self.by_number: dict[str, OrderRead] = {}
        self.broken: set[str] = set()

    def add(self, row_number: int, texts: Sequence[str]) -> None:
        """Add a line to its order; raises ValueError with the reason if it is none."""
        number = code_in(texts[self.number], "order number")
        product = code_in(texts[self.product], "product code")
        quantity = quantity_in(texts[self.quantity])
        order = self.by_number.get(number)
        if order is None:
            order = self._opened(number, texts)
            self.by_number[number] = order
        order.lines.append(LineRead(row_number, product, quantity, self._text("name", texts)))

    def breaks(self, texts: Sequence[str]) -> None:
        """A row is a problem, and with it the order it belongs to."""
        self.broken.add(texts[self.number] if texts else "")

    def whole(self) -> tuple[OrderRead, ...]:
        """The orders of which every row is good."""
        return tuple(order for number, order in self.by_number.items() if number not in self.broken)

    def _opened(self, number: str, texts: Sequence[str]) -> OrderRead:
        placed, due = self._text("placed", texts), self._text("due", texts)
        priority = self._text("priority", texts)
        try:
            rank = int(priority or 0)
        except ValueError:
            raise ValueError(f"priority {priority} is not a whole number") from None
        channel = self._text("channel", texts)
        return OrderRead(
            number=number,
            placed=time_in(placed, self.zone, "time placed") if placed else None,
            due=time_in(due, self.zone, "time due") if due else None,
            customer=self._text("customer", texts),
            priority=rank,
            channel=code_in(channel, "channel") if channel else "",
        )

    def _text(self, name: str, texts: Sequence[str]) -> str:
        place = self.places.get(name)
        return "" if place is None else texts[place]
