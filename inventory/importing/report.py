"""The report file of an import: every row that was left out or differs, with its number and reason."""

import csv
from collections.abc import Iterable
from pathlib import Path

from warehouse.errors import Problem


def write_report(path: Path, bad: Iterable[Problem], changed: Iterable[Problem] = ()) -> None:
    """Write a CSV file with the columns row, kind ("bad" or "changed") and reason."""
    kinds = [("bad", each) for each in bad] + [("changed", each) for each in changed]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("row", "kind", "reason"))
        writer.writerows((each.where.removeprefix("row "), kind, each.what) for kind, each in kinds)
