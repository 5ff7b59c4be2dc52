"""Read a product file: one row a product with the size and weight of one unit."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from inventory.importing.cells import code_in, length_mm_in, weight_g_in
from inventory.importing.mapping import ColumnMapping
from inventory.importing.rows import Progress, RowProblem, RuleBook, check_fields, no_progress, take_rows
from inventory.importing.table_file import FieldReader, TableFile
from warehouse.bins import StorageClass


@dataclass(frozen=True, slots=True)
class UnitSize:
    """Three lengths in mm and a weight in g of one unit."""

    length_mm: int
    width_mm: int
    height_mm: int
    weight_g: int

    @property
    def volume_mm3(self) -> int:
        """The volume of the box around one unit."""
        return self.length_mm * self.width_mm * self.height_mm


@dataclass(frozen=True, slots=True)
class ProductRead:
    """A product as it stands in row `row` of the file, the first one that names it."""

    row: int
    code: str
    name: str
    size: UnitSize
    storage_class: StorageClass
    barcodes: tuple[str, ...]
    fragile: bool = False


@dataclass(frozen=True)
class ProductFile:
    """What is in a product file. `counted` says how many rows each rule set aside."""

    products: tuple[ProductRead, ...]
    num_rows: int
    counted: Mapping[str, int]
    problems: tuple[RowProblem, ...]


FRAGILE = {"": False, "no": False, "false": False, "0": False, "yes": True, "true": True, "1": True}
"""What may stand in a field that says whether goods are fragile."""

SizeOf = Callable[[str], UnitSize]
"""The size of the product of a code, where the file itself tells none."""


def read_products(
    table: TableFile,
    mapping: ColumnMapping,
    progress: Progress = no_progress,
    size_of: SizeOf | None = None,
) -> ProductFile:
    """Read every row of a product file; what is wrong with a row lands in `problems`.

    Parameters
    ----------
    table, mapping, progress
        The file, what its columns mean, and who wants to know how far it is.
    size_of
        Gives sizes where the mapping has no columns for them.

    Raises
    ------
    ImportInvalid
        If the file or the mapping cannot be used at all.
    """
    if size_of is not None:
        mapping = mapping.with_constants(dict.fromkeys(("length", "width", "height", "weight"), ""))
    check_fields(mapping, "products")
    reader = FieldReader(table, mapping)
    products = _Products(mapping, reader.place_of, size_of)
    rows = take_rows(table, reader, RuleBook(mapping, reader.place_of), products.add, progress)
    return ProductFile(products.named(), rows.num_rows, rows.counted, rows.problems)


class _Products:
    """Products while their rows come in."""

    def __init__(self, mapping: ColumnMapping, places: Mapping[str, int], size_of: SizeOf | None) -> None:
        self.mapping, self.places, self.size_of = mapping, places, size_of
        self.by_code: dict[str, ProductRead] = {}
        self.owner_of_barcode: dict[str, str] = {}
        self.names: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, row_number: int, texts: Sequence[str]) -> None:
        """Add a product or check a repeated one; raises ValueError with the reason if it is none."""
        code = code_in(texts[self.places["product"]], "product code")
        name = self._text("name", texts)
        first = self.by_code.get(code)
        if first is not None and self.mapping.repeats == "most_common":
            self.names[code][name] += 1
            return
        product = ProductRead(
            row_number,
            code,
            name,
            self._size(code, texts),
            self._storage_class(texts),
            self._barcodes(code, texts),
            self._fragile(texts),
        )
        if first is not None:
            if replace(product, row=first.row) != first:
                raise ValueError(f"product {code} stands in row {first.row} with other content")
            return
        self.by_code[code] = product
        self.names[code][name] += 1

    def named(self) -> tuple[ProductRead, ...]:
        """All products, each under the name seen most often (the first of equals), or under its code."""
        return tuple(
            replace(product, name=max(self.names[code], key=lambda name: (name != "", self.names[code][name])) or code)
            for code, product in self.by_code.items()
        )

    def _size(self, code: str, texts: Sequence[str]) -> UnitSize:
        if self.size_of is not None:
            return self.size_of(code)
        mm_per_unit = self.mapping.mm_per_unit
        return UnitSize(
            length_mm=length_mm_in(self._text("length", texts), mm_per_unit, "length"),
            width_mm=length_mm_in(self._text("width", texts), mm_per_unit, "width"),
            height_mm=length_mm_in(self._text("height", texts), mm_per_unit, "height"),
            weight_g=weight_g_in(self._text("weight", texts), self.mapping.g_per_unit),
        )

    def _storage_class(self, texts: Sequence[str]) -> StorageClass:
        text = self._text("storage_class", texts) or StorageClass.AMBIENT.value
        try:
            return StorageClass(text.lower())
        except ValueError:
            raise ValueError(f"storage class {text} is not one of {', '.join(StorageClass)}") from None

    def _fragile(self, texts: Sequence[str]) -> bool:
        text = self._text("fragile", texts).lower()
        if text not in FRAGILE:
            raise ValueError(f"fragile {text} is neither yes nor no")
        return FRAGILE[text]

    def _barcodes(self, code: str, texts: Sequence[str]) -> tuple[str, ...]:
        barcodes = tuple(code_in(each, "barcode") for each in self._text("barcode", texts).split())
        for barcode in barcodes:
            owner = self.owner_of_barcode.setdefault(barcode, code)
            if owner != code:
                raise ValueError(f"barcode {barcode} belongs to product {owner} already")
        return barcodes

    def _text(self, name: str, texts: Sequence[str]) -> str:
        place = self.places.get(name)
        return "" if place is None else texts[place]
