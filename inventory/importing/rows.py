"""The rows of a file one by one: numbered, judged by the rules of a mapping, problems collected."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from inventory.importing.mapping import REQUIRED, ColumnMapping
from inventory.importing.table_file import FieldReader, TableFile
from warehouse.errors import ImportInvalid, Problem

Progress = Callable[[int, int], None]
"""Called now and then with the rows read and about how many there are."""

ROWS_PER_PROGRESS = 5_000  # often enough for a bar that moves, seldom enough to cost nothing


def no_progress(done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that cannot be used: its number, the header being row 1, and why."""

    row: int
    reason: str

    def as_problem(self) -> Problem:
        """The same, as every other file's problems are told."""
        return Problem(f"row {self.row}", self.reason)


def numbered_rows(table: TableFile, problems: list[RowProblem], progress: Progress) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not blank with its number; where the file stops being CSV the rows end."""
    number = 1
    rows = table.rows()
    while True:
        number += 1
        try:
            row = next(rows, None)
        except csv.Error as error:
            problems.append(RowProblem(number, f"is not CSV, and nothing after it was read: {error}"))
            break
        if row is None:
            break
        if number % ROWS_PER_PROGRESS == 0:
            progress(number, table.num_rows_about)
        if row:
            yield number, row
    progress(number, number)


class RuleBook:
    """The rules of a mapping over the fields of a reader; what a text matches is remembered."""

    def __init__(self, mapping: ColumnMapping, places: Mapping[str, int]) -> None:
        unknown = sorted({name for rule in mapping.rules for name, _ in rule.when} - set(places))
        if unknown:
            raise ImportInvalid([Problem(f"rule on {name}", "no column is mapped to this field") for name in unknown])
        self.rules: list[tuple[str, list[tuple[int, re.Pattern[str], dict[str, bool]]]]] = [
            (rule.count, [(places[name], pattern, {}) for name, pattern in rule.when]) for rule in mapping.rules
        ]

    def first(self, texts: Sequence[str]) -> str | None:
        """What the first rule that fits counts the row as, or None if none fits."""
        for count, conditions in self.rules:
            for place, pattern, known in conditions:
                text = texts[place]
                fits = known.get(text)
                if fits is None:
                    fits = known[text] = pattern.fullmatch(text) is not None
                if not fits:
                    break
            else:
                return count
        return None


def check_fields(mapping: ColumnMapping, kind: str) -> None:
    """Raise ImportInvalid unless `mapping` is of this kind and tells every field that a row needs."""
    if mapping.kind != kind:
        raise ImportInvalid([Problem(f"mapping {mapping.name}", f"is for {mapping.kind}, not for {kind}")])
    missing = [name for name in REQUIRED[kind] if name not in mapping.columns and name not in mapping.constants]
    if missing:
        raise ImportInvalid([Problem(f"field {name}", "no column is mapped to it") for name in missing])


@dataclass(frozen=True)
class RowsRead:
    """What became of the rows of a file. `counted` says how many rows each rule set aside."""

    num_rows: int
    counted: Mapping[str, int]
    problems: tuple[RowProblem, ...]


Taker = Callable[[int, Sequence[str]], None]
"""Takes in a row: its number and the texts of its fields. Raises ValueError with the reason if it cannot."""


def take_rows(
    table: TableFile,
    reader: FieldReader,
    rules: RuleBook,
    take: Taker,
    progress: Progress,
    on_problem: Callable[[Sequence[str]], None] = lambda _: None,
) -> RowsRead:
    """Hand every row of a file that no rule sets aside to a taker; what is wrong with a row is collected.

    Parameters
    ----------
    table, reader, rules, take, progress
        The file, how its fields are read, which rows are set aside, who takes the others, who watches.
    on_problem
        Told the texts of a row that is a problem; none where it could not be taken apart.
    """
    counted: Counter[str] = Counter()
    problems: list[RowProblem] = []
    num_rows = 0
    for row_number, row in numbered_rows(table, problems, progress):
        num_rows += 1
        texts: list[str] = []
        try:
            texts = reader.take(row)
            rule = rules.first(texts)
            if rule is None:
                take(row_number, texts)
            else:
                counted[rule] += 1
        except ValueError as error:
            problems.append(RowProblem(row_number, str(error)))
            on_problem(texts)
    return RowsRead(num_rows, dict(counted), tuple(problems))
