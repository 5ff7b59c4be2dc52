"""Bin codes: a template for each site, and a check character that catches every slip.

Problem
    A code is printed on the rack, scanned, typed and read aloud. A slip must never name another bin.
Method
    The template lays out aisle, bay, level and slot in fields of fixed width; the last field is an ISO
    7064 MOD 37-2 check character (0-9, A-Z or `*`) over all letters and digits before it. The weights
    are powers of 2, a primitive root of the prime 37, so one wrong character and one swap of
    neighbours always change the sum. Separators stand all in their places or are all left out;
    anything between is refused, so that a slip that touches one is caught as well.
    Every code has a letter in a place of its own, so no code is a GTIN, which is digits only.
Limits
    A check character says that a code was read well, not that the bin exists: `BinCodes` made with the
    site's bins refuses codes of places that are not there as well.
Source
    ISO/IEC 7064:2003; the arithmetic is python-stdnum's.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from stdnum.iso7064 import mod_37_2

from warehouse.bins import Site
from warehouse.errors import BinCodeInvalid

DEFAULT_TEMPLATE = "{aisle:02}-{bay:03}-{level:A}{slot:01}-{check}"
SEPARATORS = frozenset("-./")
"""What may stand between the fields; no check is kept over them, so they stand all or not at all."""

_PART = re.compile(r"\{(?P<name>[a-z]+)(?::(?P<shape>[^{}]*))?\}|(?P<text>[A-Z0-9]+)|(?P<separator>[-./])")
_SHAPE = re.compile(r"(A{0,3})(?:0([1-6]))?", re.ASCII)
_NO_SEPARATORS = str.maketrans("", "", "-./")
_NAMES = ("aisle", "bay", "level", "slot")


class BinPosition(NamedTuple):
    """Where a bin is, in the words of its code: bays, levels and slots count from 1."""

    aisle: str
    bay: int
    level: int
    slot: int

    def __str__(self) -> str:
        return f"aisle {self.aisle}, bay {self.bay}, level {self.level}, slot {self.slot}"


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of a template: `num_letters` letters, then `num_digits` digits."""

    name: str
    num_letters: int
    num_digits: int

    @property
    def pattern(self) -> str:
        """The regular expression of what this field may hold."""
        return f"(?P<{self.name}>[A-Z]{{{self.num_letters}}}[0-9]{{{self.num_digits}}})"

    def write(self, value: str | int) -> str:
        """`value` as this field prints it; ValueError if the field cannot show it."""
        text = str(value)
        if isinstance(value, int) and self.num_letters:
            text = _letters_of(value)
        letters, digits = text[: self.num_letters], text[self.num_letters :]
        padded = digits.rjust(self.num_digits, "0")
        if digits.startswith("0") and digits != "0":
            padded = ""  # 7 and 07 would print alike
        if (self.num_digits and not digits) or re.fullmatch(self.pattern, letters + padded) is None:
            raise ValueError(f"{self.name} {value} does not fit {self.shape} of the bin code")
        return letters + padded

    @property
    def shape(self) -> str:
        """The field as the template writes it."""
        digits = f"0{self.num_digits}" if self.num_digits else ""
        return f"{{{self.name}:{'A' * self.num_letters}{digits}}}"

    def read_name(self, text: str) -> str:
        """The aisle's name that `write` printed."""
        letters, digits = text[: self.num_letters], text[self.num_letters :]
        return letters + (str(int(digits)) if digits else "")

    def read_number(self, text: str) -> int:
        """The number that `write` printed."""
        return _number_of(text) if self.num_letters else int(text)


def _letters_of(number: int) -> str:
    """1 is A, 26 is Z, 27 is AA; nothing for numbers below 1."""
    letters = ""
    while number > 0:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def _number_of(letters: str) -> int:
    """The number that `_letters_of` wrote."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


class BinCodes:
    """The bin codes of one site: writing them, and reading what was scanned or typed.

    Parameters
    ----------
    template
        Fields `{aisle}`, `{bay}`, `{level}`, `{slot}` and, last, `{check}`, with capital letters, digits
        and the separators - . / between them. `{bay:03}` is a number of three digits, `{level:A}` a
        letter, `{aisle:A02}` a letter and two digits (aisles only). Level and slot may be left out
        where there is only one.
    positions
        The bins that exist; without them every code of the right form is taken.

    Raises
    ------
    ValueError
        If the template is not one, or could yield a code of digits only; says what is wrong.

    Examples
    --------
    >>> codes = BinCodes("{aisle:02}-{bay:03}-{level:A}{slot:01}-{check}")
    >>> codes.format(BinPosition("7", 42, 2, 1))
    '07-042-B1-J'
    >>> codes.parse("07042b1j").bay
    42
    """

    def __init__(self, template: str, positions: Iterable[BinPosition] | None = None) -> None:
        self.template = template
        self._parts = _parts_of(template)
        self._fields = {part.name: part for part in self._parts if isinstance(part, _Field)}
        whole = "".join(_pattern(part) for part in self._parts)
        compact = "".join(_pattern(part) for part in self._parts if part not in SEPARATORS)
        self._forms = (re.compile(whole + "[0-9A-Z*]", re.ASCII), re.compile(compact + "[0-9A-Z*]", re.ASCII))
        self._bays = None if positions is None else _bays_of(positions)

    @classmethod
    def of_site(cls, site: Site) -> "BinCodes":
        """The codes of a site, refusing all but its own bins."""
        return cls(
            site.bin_code_template, (BinPosition(each.aisle, each.bay, each.level, each.slot) for each in site.bins)
        )

    def format(self, position: BinPosition) -> str:
        """The full code of a bin, with separators and check character.

        Raises
        ------
        ValueError
            If the template has no room for this position.
        """
        for name in _NAMES[2:]:
            if name not in self._fields and getattr(position, name) != 1:
                raise ValueError(f"{name} {getattr(position, name)} has no field in the bin code")
        body = "".join(
            part if isinstance(part, str) else part.write(getattr(position, part.name)) for part in self._parts
        )
        return body + mod_37_2.calc_check_digit(_without_separators(body))

    def parse(self, text: str) -> BinPosition:
        """The bin that a scanned or typed code names; either case, with all separators or none.

        Raises
        ------
        BinCodeInvalid
            If the form or the check character is wrong, or there is no such bin.
        """
        code = text.strip(" \t\r\n")
        if not code.isascii():  # some letters beyond ASCII turn into ASCII ones in upper case
            raise BinCodeInvalid(text, "a bin code has only plain letters, digits and separators")
        code = code.upper()
        match = self._forms[0].fullmatch(code) or self._forms[1].fullmatch(code)
        if match is None:
            raise BinCodeInvalid(text, f"not of the form {self.form}")
        if mod_37_2.checksum(_without_separators(code)) != 1:
            raise BinCodeInvalid(text, f"the check character {code[-1]} does not match; scan or type it again")
        read = {name: match[name] for name in self._fields}
        position = BinPosition(
            self._fields["aisle"].read_name(read["aisle"]),
            *(self._fields[name].read_number(read[name]) if name in read else 1 for name in _NAMES[1:]),
        )
        self._check_exists(text, position)
        return position

    def canonical(self, text: str) -> str:
        """What was scanned or typed as the full code, as labels and the database have it.

        Raises
        ------
        BinCodeInvalid
            As `parse` does.
        """
        return self.format(self.parse(text))

    @property
    def form(self) -> str:
        """What a code looks like, with 9 for a digit, A for a letter and ? for the check character."""
        parts = (
            part if isinstance(part, str) else "A" * part.num_letters + "9" * part.num_digits for part in self._parts
        )
        return "".join(parts) + "?"

    def _check_exists(self, text: str, position: BinPosition) -> None:
        """Raise BinCodeInvalid unless this bin is one of the site."""
        if min(position[1:]) < 1:
            raise BinCodeInvalid(text, "bays, levels and slots count from 1")
        if self._bays is None:
            return
        bays = self._bays.get(position.aisle)
        if bays is None:
            raise BinCodeInvalid(text, f"there is no aisle {position.aisle} with bins here")
        places = bays.get(position.bay)
        if places is None:
            raise BinCodeInvalid(text, f"aisle {position.aisle} has no bay {position.bay}")
        if (position.level, position.slot) not in places:
            where = f"bay {position.bay} of aisle {position.aisle}"
            raise BinCodeInvalid(text, f"{where} has no level {position.level}, slot {position.slot}")


def _pattern(part: "str | _Field") -> str:
    return part.pattern if isinstance(part, _Field) else re.escape(part)


def _without_separators(code: str) -> str:
    return code.translate(_NO_SEPARATORS)


def _bays_of(positions: Iterable[BinPosition]) -> dict[str, dict[int, frozenset[tuple[int, int]]]]:
    """For every aisle and bay the (level, slot) pairs there are; equal sets are kept once."""
    gathered: dict[str, dict[int, set[tuple[int, int]]]] = {}
    for aisle, bay, level, slot in positions:
        gathered.setdefault(aisle, {}).setdefault(bay, set()).add((level, slot))
    seen: dict[frozenset[tuple[int, int]], frozenset[tuple[int, int]]] = {}
    return {
        aisle: {bay: seen.setdefault(frozenset(places), frozenset(places)) for bay, places in bays.items()}
        for aisle, bays in gathered.items()
    }


def _parts_of(template: str) -> tuple[str | _Field, ...]:
    """The parts of a template before its check character: texts, single separators and fields."""
    body, found, rest = template.partition("{check}")
    if not found or rest:
        raise ValueError("the bin code template must end with {check}")
    parts: list[str | _Field] = []
    at = 0
    while at < len(body):
        match = _PART.match(body, at)
        if match is None:
            raise ValueError(f"the bin code template cannot be read from {body[at:]!r} on")
        at = match.end()
        parts.append(match["text"] or match["separator"] or _field(match["name"], match["shape"] or ""))
    names = [part.name for part in parts if isinstance(part, _Field)]
    if len(set(names)) != len(names):
        raise ValueError("the bin code template names a field twice")
    for name in ("aisle", "bay"):
        if name not in names:
            raise ValueError(f"the bin code template has no {{{name}}}")
    if not any(_has_letter(part) for part in parts):
        raise ValueError(
            "the bin code template could yield codes of digits only, which scan as products; "
            "give it a letter, such as {level:A}"
        )
    return tuple(parts)


def _field(name: str, shape: str) -> _Field:
    """A field of a template from its name and shape."""
    if name not in _NAMES:
        raise ValueError(f"{{{name}}} is not a field of a bin code; {', '.join(_NAMES)} and check are")
    match = _SHAPE.fullmatch(shape)
    if match is None or not shape:
        raise ValueError(f"{{{name}:{shape}}}: a shape is digits such as 03, letters such as A, or for aisles A02")
    field = _Field(name, len(match[1]), int(match[2] or 0))
    if name != "aisle" and field.num_letters and field.num_digits:
        raise ValueError(f"{{{name}:{shape}}}: only an aisle may have letters and digits")
    return field


def _has_letter(part: str | _Field) -> bool:
    return part.num_letters > 0 if isinstance(part, _Field) else any(each.isalpha() for each in part)
