"""Read a file of purchase orders or of advance notices: one row a line, the rows of a document sharing its number.

The supplier and the day of a document are those of its first row. A document of which one row is a problem is left
out whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from inventory.importing.cells import code_in, day_in, quantity_in
from inventory.importing.mapping import ColumnMapping
from inventory.importing.rows import Progress, RowProblem, RuleBook, check_fields, no_progress, take_rows
from inventory.importing.table_file import FieldReader, TableFile

PURCHASES, NOTICES = "purchase_orders", "advance_notices"


@dataclass(frozen=True, slots=True)
class InboundLine:
    """Goods ordered or announced in row `row` of the file."""

    row: int
    product: str
    quantity: int
    purchase_order: str = ""
    lot: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class InboundRead:
    """A purchase order, or what one truck brings."""

    number: str
    supplier: str
    expected_on: date | None
    lines: list[InboundLine] = field(default_factory=list)


@dataclass(frozen=True)
class InboundFile:
    """What is in such a file. `counted` says how many rows each rule set aside."""

    documents: tuple[InboundRead, ...]
    num_rows: int
    counted: Mapping[str, int]
    problems: tuple[RowProblem, ...]


def read_inbound(table: TableFile, mapping: ColumnMapping, kind: str, progress: Progress = no_progress) -> InboundFile:
    """Read every row of a file of `PURCHASES` or `NOTICES`; what is wrong with a row lands in `problems`.

    Raises
    ------
    ImportInvalid
        If the file or the mapping cannot be used at all.
    """
    check_fields(mapping, kind)
    reader = FieldReader(table, mapping)
    documents = _Documents(reader.place_of, one_line_a_product=kind == PURCHASES)
    rows = take_rows(table, reader, RuleBook(mapping, reader.place_of), documents.add, progress, documents.breaks)
    return InboundFile(documents.whole(), rows.num_rows, rows.counted, rows.problems)


class _Documents:
    """Documents while their rows come in."""

    def __init__(self, places: Mapping[str, int], *, one_line_a_product: bool) -> None:
        self.places, self.one_line_a_product = places, one_line_a_product
        self.by_number: dict[str, InboundRead] = {}
        self.broken: set[str] = set()

    def add(self, row_number: int, texts: Sequence[str]) -> None:
        """Add a line to its document; raises ValueError with the reason if it is none."""
        number = code_in(self._text("number", texts), "number")
        supplier = code_in(self._text("supplier", texts), "supplier")
        expected, expires = self._text("expected", texts), self._text("expires", texts)
        line = InboundLine(
            row_number,
            code_in(self._text("product", texts), "product code"),
            quantity_in(self._text("quantity", texts)),
            self._text("purchase_order", texts),
            self._text("lot", texts),
            day_in(expires, "expiry") if expires else None,
        )
        day = day_in(expected, "expected day") if expected else None
        document = self.by_number.setdefault(number, InboundRead(number, supplier, day))
        if document.supplier != supplier:
            raise ValueError(f"{number} is of supplier {document.supplier} in row {document.lines[0].row}")
        twice = [each.row for each in document.lines if each.product == line.product]
        if twice and self.one_line_a_product:
            raise ValueError(f"product {line.product} stands in row {twice[0]} of {number} already")
        document.lines.append(line)

    def breaks(self, texts: Sequence[str]) -> None:
        """A row is a problem, and with it the document it belongs to."""
        self.broken.add(self._text("number", texts) if texts else "")

    def whole(self) -> tuple[InboundRead, ...]:
        """The documents of which every row is good."""
        return tuple(each for number, each in self.by_number.items() if number not in self.broken)

    def _text(self, name: str, texts: Sequence[str]) -> str:
        place = self.places.get(name)
        return "" if place is None else texts[place]
