"""A CSV file as rows of text: plain or gzip, UTF-8 with or without a mark, else Latin-1."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from inventory.importing.mapping import ColumnMapping
from warehouse.errors import ImportInvalid, Problem

DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class TableFile:
    """The text of a CSV file with its header read. `num_rows_about` counts line ends, for progress."""

    path: Path
    text: str
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    num_rows_about: int

    def rows(self) -> Iterator[list[str]]:
        """Every row after the header, as texts; raises csv.Error where the file is not CSV."""
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter)
        next(reader)
        return reader


def open_table(path: Path) -> TableFile:
    """Read a CSV file into memory and find its encoding and delimiter.

    Raises
    ------
    ImportInvalid
        If the file is not there, is damaged, empty, or has no proper header.
    """
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise ImportInvalid([Problem(str(path), f"cannot be read: {error}")]) from error
    text, encoding = _decoded(data)
    first_line = text[:100_000].split("\n", 1)[0]
    if not first_line.strip():
        raise ImportInvalid([Problem(str(path), "is empty: the first row must name the columns")])
    delimiter = max(DELIMITERS, key=first_line.count)
    try:
        header = tuple(name.strip() for name in next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)))
    except csv.Error as error:
        raise ImportInvalid([Problem(str(path), f"is not CSV: {error}")]) from error
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise ImportInvalid([Problem(str(path), f"column {name} stands twice in the header") for name in twice])
    return TableFile(path, text, encoding, delimiter, header, text.count("\n"))


class FieldReader:
    """Takes the mapped fields out of a row: `fields` names them, `take(row)` gives their texts.

    `place_of` says at which place of the texts a field stands.

    Texts are stripped, upper-cased and translated as the mapping says. Files that the mapping joins
    are read from the folder of the table.

    Raises
    ------
    ImportInvalid
        If columns that the mapping needs are in neither the file nor those joined to it.
    """

    def __init__(self, table: TableFile, mapping: ColumnMapping) -> None:
        self.width = len(table.header)
        self.joined = [_Joined(table, lookup.file, lookup.key) for lookup in mapping.lookups]
        columns = list(table.header)
        for joined in self.joined:
            columns += joined.columns
        wanted = {**mapping.columns, **{k: v for k, v in mapping.optional.items() if set(v) <= set(columns)}}
        missing = sorted({name for names in wanted.values() for name in names} - set(columns))
        if missing:
            raise ImportInvalid(
                [Problem(f"column {name}", f"is not in {table.path.name}: {', '.join(columns)}") for name in missing]
            )
        self.places = [tuple(columns.index(name) for name in names) for names in wanted.values()]
        self.fields = (*wanted, *mapping.constants)
        self.place_of = {name: number for number, name in enumerate(self.fields)}
        self.constants = tuple(mapping.constants.values())
        self.changes = [
            (number, name in mapping.upper, mapping.values.get(name))
            for number, name in enumerate(self.fields)
            if name in mapping.upper or name in mapping.values
        ]

    def take(self, row: list[str]) -> list[str]:
        """The texts of `fields` in this row.

        Raises
        ------
        ValueError
            If the row has another number of cells than the header, or a joined file lacks its key.
        """
        if len(row) != self.width:
            raise ValueError(f"has {len(row)} cells where the header has {self.width}")
        for joined in self.joined:
            row = row + joined.cells(row)
        texts = [
            row[place[0]].strip() if len(place) == 1 else "-".join(row[each].strip() for each in place)
            for place in self.places
        ]
        texts += self.constants
        for number, upper, values in self.changes:
            text = texts[number].upper() if upper else texts[number]
            texts[number] = text if values is None else values.get(text, values.get("*", text))
        return texts


class _Joined:
    """A file whose columns are joined over one key column."""

    def __init__(self, table: TableFile, file: str, key: str) -> None:
        other = open_table(table.path.parent / file)
        if key not in table.header or key not in other.header:
            raise ImportInvalid([Problem(f"column {key}", f"is needed in {table.path.name} and in {file}")])
        self.file, self.key = file, key
        self.place = table.header.index(key)
        theirs = other.header.index(key)
        kept = [number for number, name in enumerate(other.header) if name not in table.header]
        self.columns: Sequence[str] = [other.header[number] for number in kept]
        self.by_key = {
            row[theirs]: [row[number] for number in kept] for row in other.rows() if len(row) == len(other.header)
        }

    def cells(self, row: list[str]) -> list[str]:
        found = self.by_key.get(row[self.place])
        if found is None:
            raise ValueError(f"{self.key} {row[self.place]} is not in {self.file}")
        return found


def _decoded(data: bytes) -> tuple[str, str]:
    """The text and the encoding it was in; Latin-1 fits any bytes, so it comes last."""
    try:
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"
