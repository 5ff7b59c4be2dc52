"""The text of published instances: `KEY : value` lines and sections of rows, each known by its line.

Whatever is wrong is told with the name of the file and the number of the line.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

SIZE_MAX = 100_000
"""Aisles, and cells of an aisle: a thousand times as many as any published floor has."""
DIGITS_MAX = 12
"""Of a number: all that are published are far shorter."""
SHOWN_MAX = 40
"""Characters of a wrong word that are shown."""

_DECIMAL = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Row:
    """Words by their names, and where they stand."""

    where: str
    words: dict[str, str]

    def word(self, name: str) -> str:
        """The word after `name`."""
        if name not in self.words:
            raise ValueError(f"{self.where}: {name} is missing")
        return self.words[name]

    def number(self, name: str, least: int, most: int | None = None) -> int:
        """The whole number after `name`."""
        word = self.word(name)
        is_whole = word.isdecimal() and len(word) <= DIGITS_MAX
        if not is_whole or int(word) < least or (most is not None and int(word) > most):
            wanted = f"at least {least}" if most is None else f"from {least} to {most}"
            raise ValueError(f"{self.where}: {name} is {word[:SHOWN_MAX]!r}, not a whole number {wanted}")
        return int(word)

    def length(self, name: str, scale: int) -> int:
        """The length after `name`, in parts of 1 / `scale` of the file's unit."""
        word = self.word(name)
        parts = Fraction(word) * scale if len(word) <= DIGITS_MAX and _DECIMAL.fullmatch(word) else None
        if parts is None or parts.denominator != 1:
            raise ValueError(f"{self.where}: {name} is {word[:SHOWN_MAX]!r}, no whole number of parts of {scale}")
        return int(parts)


class Text:
    """The text of a file, its facts and sections with their line numbers.

    Facts named in `headings` stand among the rows of the section that they divide.
    """

    def __init__(self, name: str, text: str, headings: Sequence[str] = ()) -> None:
        self.name = name
        self._facts: dict[str, Row] = {}
        self._rows: dict[str, list[Row]] = {}
        section = ""
        for number, line in enumerate(text.splitlines(), 1):
            words = line.split()
            where = f"{name}, line {number}"
            if len(words) == 1 and words[0].endswith("_SECTION"):
                section = words[0]
                self._rows[section] = []
            elif section and words and words[0] == "ID":
                if len(words) % 2:
                    raise ValueError(f"{where}: {words[-1]!r} has no value")
                self._rows[section].append(Row(where, dict(zip(words[::2], words[1::2], strict=True))))
            elif ":" in line:
                key, value = (part.strip() for part in line.split(":", 1))
                row = Row(where, {key: value})
                if section and key in headings:
                    self._rows[section].append(row)
                self._facts.setdefault(key, row)
            elif words and words != ["EOF"]:
                raise ValueError(f"{where}: no published instance has {line.strip()[:40]!r}")

    def number(self, key: str, least: int, most: int | None = None) -> int:
        """The whole number of a `KEY : value` line."""
        return self._fact(key).number(key, least, most)

    def choice(self, key: str, *known: str) -> str:
        """The word of a `KEY : value` line that takes one of `known`."""
        row = self._fact(key)
        if row.word(key) not in known:
            raise ValueError(f"{row.where}: {key} is {row.word(key)!r}, not {' or '.join(known)}")
        return row.word(key)

    def length(self, key: str, scale: int) -> int:
        """The length of a `KEY : value` line, in parts of 1 / `scale` of the file's unit."""
        return self._fact(key).length(key, scale)

    def rows(self, section: str) -> list[Row]:
        """The rows of a section."""
        if section not in self._rows:
            raise ValueError(f"{self.name} is no published instance: {section} is missing")
        return self._rows[section]

    def _fact(self, key: str) -> Row:
        if key not in self._facts:
            raise ValueError(f"{self.name} is no published instance: {key} is missing")
        return self._facts[key]
