"""Labels for bins, products and totes: a symbol that a scanner reads beside text that a person reads.

A label is printed on a label printer (ZPL) or on paper (PDF). On both the symbol is drawn from the same
squares, its *modules*, each a whole number of printer dots wide: at the common 203 dpi a fraction of a
dot would blur it. Places carry a QR code, which phones read as well; goods with a GTIN carry a GS1
DataMatrix, which is read like the supplier's own.

Text on paper is set in Roboto, which has the letters of the Latin, Greek and Cyrillic scripts; a printer of labels is
sent UTF-8 and sets it in its own font.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, BinaryIO

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from stdnum import ean

DPI = 203
"""Dots an inch of most label printers: 8 a mm."""

MM_PER_INCH = 25.4
QUIET_MODULES = {"qr": 4, "gs1_datamatrix": 1}
"""Modules left white around a symbol, as ISO/IEC 18004 and 16022 ask for."""

LINE_GAP = 1.25
"""From one line of text to the next, in heights of its letters."""

LETTER_WIDTH = 0.62
"""The width of a bold letter or digit in heights of a line, rounded up, so that text stays on the label."""

FONT = "Roboto"
WEIGHTS = {"": 400.0, "B": 700.0}
"""Of the lines, and of the title."""

NOT_IN_FONT = "\ufffd"
"""What stands on paper for a letter that the font lacks."""

_GTIN_LENGTHS = frozenset({8, 12, 13, 14})
_ZPL_UNSAFE = re.compile(r"[\^~_\\]")


class Symbol(StrEnum):
    """What kind of symbol a label carries."""

    QR = "qr"
    GS1_DATAMATRIX = "gs1_datamatrix"


@dataclass(frozen=True, slots=True)
class Label:
    """A label: what a scan of it says, the large text, and smaller lines below.

    For a GS1 symbol `content` names its fields in brackets, such as ``(01)09506000134352``.
    """

    symbol: Symbol
    content: str
    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelSize:
    """The size of one label in mm.

    Raises
    ------
    ValueError
        If it is too small for a symbol and a line of text, or too large for any printer.
    """

    width_mm: int = 100
    height_mm: int = 50

    def __post_init__(self) -> None:
        if not (25 <= self.width_mm <= 300 and 15 <= self.height_mm <= 300 and self.width_mm > self.height_mm):
            raise ValueError(
                f"a label of {self.width_mm} x {self.height_mm} mm: wider than high, 25 to 300 mm by 15 to 300 mm"
            )


def place_label(code: str, *lines: str) -> Label:
    """The label of a bin or a tote, which a scan answers with its code."""
    return Label(Symbol.QR, code, code, lines)


def product_label(code: str, name: str, barcodes: Sequence[str]) -> Label:
    """The label of a product: a GS1 DataMatrix with its GTIN if it has one, else a QR code of its code."""
    gtin = next((each for each in barcodes if is_gtin(each)), None)
    if gtin is None:
        return Label(Symbol.QR, code, code, (name,))
    return Label(Symbol.GS1_DATAMATRIX, f"(01){gtin.zfill(14)}", code, (name, gtin))


def is_gtin(code: str) -> bool:
    """Whether a code is a trade item number of 8, 12, 13 or 14 digits with a right check digit."""
    return len(code) in _GTIN_LENGTHS and ean.is_valid(code)


def modules(label: Label) -> NDArray[np.bool_]:
    """The symbol of a label, True where it is dark, with the white border it needs."""
    if label.symbol is Symbol.QR:
        made: Any = zxingcpp.create_barcode(label.content, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    else:
        kind = zxingcpp.BarcodeFormat.DataMatrix
        made = zxingcpp.create_barcode(label.content, kind, gs1=True, force_square=True)
    dark = np.asarray(made.to_image(scale=1, add_quiet_zones=False)) == 0
    return np.pad(dark, QUIET_MODULES[label.symbol])


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things stand on a label, in dots from its upper left corner."""

    dots_per_module: int
    symbol_at: int
    text_left: int
    title_top: int
    title_height: int
    line_height: int

    @classmethod
    def of(cls, label: Label, size: LabelSize, num_modules: int) -> "_Layout":
        """The symbol at the left, as large as the label is high, and the text beside it."""
        width, height = _dots(size.width_mm), _dots(size.height_mm)
        most = min(height, width // 2)
        dots_per_module = max(2, most // num_modules)
        side = dots_per_module * num_modules
        left, room = side, width - side - _dots(2)
        title = min(int(room / (LETTER_WIDTH * max(1, len(label.title)))), height // 3)
        longest = max((len(line) for line in label.lines), default=1)
        line = min(int(room / (LETTER_WIDTH * max(1, longest))), title * 2 // 3, height // 8)
        text_height = title + int(LINE_GAP * line * len(label.lines))
        return cls(
            dots_per_module, max(0, (height - side) // 2), left, max(0, (height - text_height) // 2), title, line
        )

    def line_top(self, number: int) -> int:
        """Where line `number` below the title begins."""
        return self.title_top + self.title_height + int(LINE_GAP * self.line_height * number + 0.25 * self.line_height)


def _dots(mm: float) -> int:
    return int(mm * DPI / MM_PER_INCH)


def write_zpl(labels: Iterable[Label], size: LabelSize, to: BinaryIO) -> int:
    """Write labels for a label printer of 203 dpi; returns how many."""
    count = 0
    for label in labels:
        dark = modules(label)
        at = _Layout.of(label, size, len(dark))
        fields = [f"^XA^CI28^PW{_dots(size.width_mm)}^LL{_dots(size.height_mm)}", _zpl_graphic(dark, at)]
        fields.append(_zpl_text(at.text_left, at.title_top, at.title_height, label.title))
        fields += [
            _zpl_text(at.text_left, at.line_top(number), at.line_height, line)
            for number, line in enumerate(label.lines)
        ]
        to.write("\n".join([*fields, "^XZ\n"]).encode())
        count += 1
    return count


def _zpl_graphic(dark: NDArray[np.bool_], at: _Layout) -> str:
    """The symbol as a bitmap, so that every printer draws the same squares."""
    dots = np.kron(dark, np.ones((at.dots_per_module, at.dots_per_module), np.bool_))
    rows = np.packbits(dots, axis=1)
    return f"^FO0,{at.symbol_at}^GFA,{rows.size},{rows.size},{rows.shape[1]},{rows.tobytes().hex().upper()}^FS"


def _zpl_text(left: int, top: int, height: int, text: str) -> str:
    safe = _ZPL_UNSAFE.sub(lambda sign: f"_{ord(sign[0]):02X}", text)
    return f"^FO{left},{top}^A0N,{height},{height}^FH^FD{safe}^FS"


def write_pdf(labels: Iterable[Label], size: LabelSize, to: BinaryIO) -> int:
    """Write labels to a PDF, one a page of the label's size; returns how many.

    Letters that the font lacks are replaced; `beyond_font` tells on which labels.
    """
    import fontpkg  # only paper needs these two, and they take a while
    from fpdf import FPDF

    pdf = FPDF(unit="mm", format=(size.width_mm, size.height_mm))
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    weights = {style: {"wght": weight, "wdth": 100.0} for style, weight in WEIGHTS.items()}
    pdf.add_font(FONT, fname=fontpkg.path(FONT), variations=weights)
    mm = MM_PER_INCH / DPI
    for label in labels:
        pdf.add_page()
        dark = modules(label)
        at = _Layout.of(label, size, len(dark))
        _pdf_symbol(pdf, dark, at, mm)
        left_mm = at.text_left * mm
        _pdf_text(pdf, left_mm, at.title_top * mm, at.title_height * mm, label.title, style="B")
        for number, line in enumerate(label.lines):
            _pdf_text(pdf, left_mm, at.line_top(number) * mm, at.line_height * mm, line)
    to.write(bytes(pdf.output()))
    return int(pdf.pages_count)


def _pdf_symbol(pdf: Any, dark: NDArray[np.bool_], at: _Layout, mm: float) -> None:
    """Draw every run of dark modules of a row as one bar."""
    module_mm = at.dots_per_module * mm
    edges = np.diff(np.pad(dark.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    for row, (begins, ends) in enumerate((np.flatnonzero(edge == 1), np.flatnonzero(edge == -1)) for edge in edges):
        top = at.symbol_at * mm + row * module_mm
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
            pdf.rect(begin * module_mm, top, (end - begin) * module_mm, module_mm, style="F")


def _pdf_text(pdf: Any, left_mm: float, top_mm: float, height_mm: float, text: str, style: str = "") -> None:
    """Write one line, in smaller letters if it would not end on the label otherwise."""
    letters = _letters()
    shown = "".join(sign if ord(sign) in letters else NOT_IN_FONT for sign in unicodedata.normalize("NFC", text))
    pdf.set_font(FONT, style=style, size=height_mm / MM_PER_INCH * 72)
    room_mm = pdf.w - left_mm
    if (width_mm := pdf.get_string_width(shown)) > room_mm:
        pdf.set_font_size(pdf.font_size_pt * room_mm / width_mm)
    pdf.text(left_mm, top_mm + 0.8 * height_mm, shown)


def beyond_font(label: Label) -> str:
    """The letters of a label that the font of PDFs lacks, each once; its symbol is not concerned.

    Examples
    --------
    >>> beyond_font(Label(Symbol.QR, "P1", "P1", ("Příliš žluťoučký, Ελληνικά, Щука",)))
    ''
    >>> beyond_font(Label(Symbol.QR, "P1", "P1", ("茶 and tea",)))
    '茶'
    """
    text = unicodedata.normalize("NFC", "".join((label.title, *label.lines)))
    return "".join(dict.fromkeys(sign for sign in text if ord(sign) not in _letters()))


@functools.cache
def _letters() -> frozenset[int]:
    """The code points that the font has letters for."""
    import fontpkg
    from fontTools.ttLib import TTFont

    with TTFont(fontpkg.path(FONT)) as font:
        return frozenset(font.getBestCmap())
