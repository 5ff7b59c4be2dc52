"""What a scan of goods says: a plain code, or several fields in one GS1 symbol.

A scanner that is set to send symbology identifiers puts three characters before the code; those of
`GS1_IDENTIFIERS` announce GS1 fields, others say nothing that matters here. A field of variable length ends at
FNC1, which comes as the control character GS, or as `~` where a keyboard wedge cannot type GS; any other character
that scanners send for it is turned into GS by `with_gs` first.
Printed with its identifiers in brackets, as under the symbol, it may be typed by hand as well.

Source
    GS1 General Specifications, sections 5.4 and 7.8; the fields are taken apart by biip.
"""

import re
from dataclasses import dataclass
from datetime import date

import biip

from warehouse.errors import ScanUnreadable

GS1_IDENTIFIERS = ("]C1", "]e0", "]d2", "]Q3", "]J1")
"""GS1-128, DataBar, GS1 DataMatrix, GS1 QR code and GS1 DotCode."""

GS = "\x1d"
SEPARATOR = "~"
"""What stands for GS unless scanners are set to send something else; no GS1 field holds it."""

_IDENTIFIER = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_BRACKETED = re.compile(r"(?:\(\d{2,4}\)[^()]+)+")
_FIELD = re.compile(r"\((\d{2,4})\)([^()]+)")
_FIXED = frozenset({"00", "01", "02", "11", "12", "13", "15", "16", "17", "20"})


@dataclass(frozen=True, slots=True)
class GoodsScan:
    """A scan of goods; `text` is all of it, the rest is None where it does not say.

    `gtin` has 14 digits. `expires_on` is the day of use-by (17) or, failing that, of best-before (15).
    """

    text: str
    gtin: str | None = None
    lot: str | None = None
    serial: str | None = None
    expires_on: date | None = None
    quantity: int | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes by which the product may be known, the likeliest first."""
        if self.gtin is None:
            return (self.text,)
        return tuple(dict.fromkeys(self.gtin.lstrip("0").zfill(length) for length in (13, 14, 12, 8)))


def with_gs(text: str, separator: str) -> str:
    r"""The scan with GS for every `separator` where it announces GS1 fields, and as it is where it does not.

    Examples
    --------
    >>> with_gs("]d2010950600013435210AB|21S1", "|")
    ']d2010950600013435210AB\x1d21S1'
    >>> with_gs("85123A|B", "|")
    '85123A|B'
    """
    text = text.strip()
    return text.replace(separator, GS) if text.startswith(GS1_IDENTIFIERS) else text


def read_scan(text: str) -> GoodsScan:
    """Take a scan of goods apart.

    Parameters
    ----------
    text
        As the scanner sent it, or as somebody typed it.

    Raises
    ------
    ScanUnreadable
        If it announces GS1 fields and holds others than those.

    Examples
    --------
    >>> read_scan("]d20109506000134352172712311045A~21S1")
    GoodsScan(text='0109506000134352172712311045A~21S1', gtin='09506000134352', lot='45A', serial='S1', \
expires_on=datetime.date(2027, 12, 31), quantity=None)
    >>> read_scan("]E04006381333931").codes
    ('4006381333931',)
    """
    text = text.strip()
    identifier = text[:3]
    code = text[3:].strip() if _IDENTIFIER.match(text) else text
    if _BRACKETED.fullmatch(code):
        return _fields(_unbracketed(code), code)
    if identifier in GS1_IDENTIFIERS:
        return _fields(code, code)
    return GoodsScan(code)


def _unbracketed(code: str) -> str:
    """The fields one after the other, those of variable length ended."""
    return "".join(f"{name}{value}{'' if name in _FIXED else GS}" for name, value in _FIELD.findall(code)).rstrip(GS)


def _fields(message: str, text: str) -> GoodsScan:
    found = biip.parse("]C1" + message, config=biip.ParseConfig(separator_chars=(GS, SEPARATOR)))
    if found.gs1_message is None or not found.gs1_message.element_strings:
        raise ScanUnreadable(text, found.gs1_message_error or "no GS1 fields")
    value = {each.ai.ai: each for each in found.gs1_message.element_strings}
    for each in value.values():
        if each.gtin_error is not None:
            raise ScanUnreadable(text, each.gtin_error)
    expiry = value.get("17") or value.get("15")
    count = value.get("37") or value.get("30")
    goods = value.get("01") or value.get("02")
    return GoodsScan(
        text=text,
        gtin=None if goods is None else goods.value,
        lot=None if "10" not in value else value["10"].value,
        serial=None if "21" not in value else value["21"].value,
        expires_on=None if expiry is None else expiry.date,
        quantity=None if count is None else int(count.value),
    )
