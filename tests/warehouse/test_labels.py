"""Labels are read back: from the dots a label printer is sent, and from the page of a PDF at 203 dpi."""

import io
import re
from collections.abc import Iterator, Sequence

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from numpy.typing import NDArray

from warehouse.labels import (
    DPI,
    Label,
    LabelSize,
    Symbol,
    beyond_font,
    is_gtin,
    place_label,
    product_label,
    write_pdf,
    write_zpl,
)

SIZES = [LabelSize(), LabelSize(25, 15), LabelSize(50, 25), LabelSize(150, 100)]
LABELS = [
    place_label("01-001-A1-7", "Aisle 1   Bay 1", "Level 1   Slot 1"),
    place_label("99-999-Z9-*"),
    place_label("TOTE-00240"),
    product_label("85123A", "White hanging heart T-light holder", ["4006381333931"]),
    product_label("P-2", "Chocolate ^FS~ 70 %, très bon \\ wrapped_", ["not-a-gtin", "96385074"]),
    product_label("no barcode at all", "Plain", []),
    product_label("P-3", "Zażółć gęślą jaźń, příliš žluťoučký kůň", []),
    product_label("P-4", "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία", []),
    product_label("P-5", "ЩУКА ПОД ШУБОЙ, ЖАРЕНЫЙ ЁРШ", []),
]


def read_back(picture: NDArray[np.uint8]) -> list[tuple[str, str]]:
    return [(each.text, each.symbology_identifier) for each in zxingcpp.read_barcodes(picture)]


def expected(label: Label) -> tuple[str, str]:
    return label.content, "]d2" if label.symbol is Symbol.GS1_DATAMATRIX else "]Q1"


def printed(zpl: str) -> Iterator[NDArray[np.uint8]]:
    """The pictures of the graphics on every label, as a printer puts them on white paper."""
    for size, row_bytes, dots in re.findall(r"\^GFA,(\d+),\d+,(\d+),([0-9A-F]+)\^FS", zpl):
        rows = np.frombuffer(bytes.fromhex(dots), np.uint8).reshape(-1, int(row_bytes))
        assert rows.size == int(size)
        picture = np.where(np.unpackbits(rows, axis=1) == 1, 0, 255).astype(np.uint8)
        yield np.pad(picture, 8, constant_values=255)


def zpl_of(labels: Sequence[Label], size: LabelSize) -> str:
    file = io.BytesIO()
    assert write_zpl(labels, size, file) == len(labels)
    return file.getvalue().decode()


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_label_of_a_label_printer_reads_back(size: LabelSize) -> None:
    assert [read_back(picture) for picture in printed(zpl_of(LABELS, size))] == [[expected(each)] for each in LABELS]


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_page_of_a_pdf_reads_back_at_203_dots_an_inch(size: LabelSize) -> None:
    file = io.BytesIO()
    assert write_pdf(LABELS, size, file) == len(LABELS)
    with pypdfium2.PdfDocument(file.getvalue()) as document:
        for page, label in zip(document, LABELS, strict=True):
            picture = np.asarray(page.render(scale=DPI / 72).to_pil().convert("L"))
            assert read_back(picture) == [expected(label)]
            text = page.get_textpage().get_text_bounded()
            assert text.split() == " ".join((label.title, *label.lines)).split()
            assert not (picture[:, -1] < 128).any(), "text ends on the label"
            left, bottom, right, top = page.get_bbox()
            assert 0 <= left < right <= size.width_mm * 72 / 25.4 + 1
            assert 0 <= bottom < top <= size.height_mm * 72 / 25.4 + 1


def test_letters_that_the_font_lacks_are_told_and_do_not_keep_a_label_from_being_read() -> None:
    label = product_label("P-6", "茶 and tea, 茶", [])
    assert beyond_font(label) == "茶"
    assert [beyond_font(each) for each in LABELS] == [""] * len(LABELS)
    assert beyond_font(place_label("A", "cafe\u0301")) == "", "an accent of its own is put together with its letter"
    file = io.BytesIO()
    write_pdf([label], LabelSize(), file)
    with pypdfium2.PdfDocument(file.getvalue()) as document:
        picture = np.asarray(document[0].render(scale=DPI / 72).to_pil().convert("L"))
        assert "and tea" in document[0].get_textpage().get_text_bounded()
    assert read_back(picture) == [("P-6", "]Q1")]


def test_a_label_printer_is_told_that_text_is_utf_8() -> None:
    zpl = zpl_of([product_label("P-4", "Ελιές", [])], LabelSize())
    assert zpl.index("^CI28") < zpl.index("Ελιές")


def test_all_bins_of_an_aisle_read_back() -> None:
    codes = [f"07-{bay:03}-{level}{slot}-K" for bay in range(1, 41) for level in "ABCD" for slot in (1, 2)]
    pictures = printed(zpl_of([place_label(code) for code in codes], LabelSize(60, 30)))
    assert [read_back(picture)[0][0] for picture in pictures] == codes


def test_text_cannot_break_out_of_a_label() -> None:
    zpl = zpl_of([place_label("A", "^XA~JA\\_5E")], LabelSize())
    assert zpl.count("^XA") == 1
    assert "~" not in zpl
    assert "_5EXA_7EJA_5C_5F5E" in zpl


def test_only_numbers_with_a_right_check_digit_are_gtins() -> None:
    assert [is_gtin(code) for code in ("4006381333931", "4006381333932", "96385074", "036000291452", "123", "")] == [
        True,
        False,
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(("width_mm", "height_mm"), [(10, 5), (400, 50), (50, 60)])
def test_a_size_that_no_label_has_is_refused(width_mm: int, height_mm: int) -> None:
    with pytest.raises(ValueError, match=f"{width_mm} x {height_mm} mm"):
        LabelSize(width_mm, height_mm)
