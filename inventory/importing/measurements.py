"""Read a cubing machine's file: one row a measurement of one unit. The same product may stand in several rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inventory.importing.cells import code_in, length_mm_in, weight_g_in
from inventory.importing.mapping import ColumnMapping
from inventory.importing.rows import Progress, RowProblem, RuleBook, check_fields, no_progress, take_rows
from inventory.importing.table_file import FieldReader, TableFile
from inventory.rules.measuring import Size


@dataclass(frozen=True, slots=True)
class MeasurementRead:
    """A measurement as it stands in row `row` of the file; `product` is a code or a barcode."""

    row: int
    product: str
    size: Size
    device: str


@dataclass(frozen=True)
class MeasurementFile:
    """What is in such a file. `counted` says how many rows each rule set aside."""

    measurements: tuple[MeasurementRead, ...]
    num_rows: int
    counted: Mapping[str, int]
    problems: tuple[RowProblem, ...]


def read_measurements(table: TableFile, mapping: ColumnMapping, progress: Progress = no_progress) -> MeasurementFile:
    """Read every row of a cubing machine's file; what is wrong with a row lands in `problems`.

    Raises
    ------
    ImportInvalid
        If the file or the mapping cannot be used at all.
    """
    check_fields(mapping, "measurements")
    reader = FieldReader(table, mapping)
    places = reader.place_of
    found: list[MeasurementRead] = []

    def take(row_number: int, texts: Sequence[str]) -> None:
        size = Size(
            length_mm_in(texts[places["length"]], mapping.mm_per_unit, "length"),
            length_mm_in(texts[places["width"]], mapping.mm_per_unit, "width"),
            length_mm_in(texts[places["height"]], mapping.mm_per_unit, "height"),
            weight_g_in(texts[places["weight"]], mapping.g_per_unit),
        )
        device = texts[places["device"]] if "device" in places else ""
        found.append(MeasurementRead(row_number, code_in(texts[places["product"]], "product code"), size, device))

    rows = take_rows(table, reader, RuleBook(mapping, places), take, progress)
    return MeasurementFile(tuple(found), rows.num_rows, rows.counted, rows.problems)
