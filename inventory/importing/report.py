"""The report file of an import: every row that was left out or differs, with its number and reason."""

import csv
from collections.abc import Iterable
from pathlib import Path

from inventory.importing.rows import RowProblem


def write_report(path: Path, bad: Iterable[RowProblem], changed: Iterable[RowProblem] = ()) -> None:
    """Write a CSV file with the columns row, kind ("bad" or "changed") and reason, by row."""
    rows = [(each.row, "bad", each.reason) for each in bad] + [(each.row, "changed", each.reason) for each in changed]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("row", "kind", "reason"))
        writer.writerows(sorted(rows))
