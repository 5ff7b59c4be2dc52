from datetime import date

import pytest

from warehouse.errors import ScanUnreadable
from warehouse.scans import GoodsScan, read_scan, with_gs

GTIN = "09506000134352"


@pytest.mark.parametrize("scanned", ["85123A", " 85123A ", "]A085123A", "]Q185123A", "]d185123A"])
def test_a_plain_code_is_read_as_it_stands_without_its_identifier(scanned: str) -> None:
    assert read_scan(scanned) == GoodsScan("85123A")


@pytest.mark.parametrize("identifier", ["]C1", "]e0", "]d2", "]Q3", "]J1"])
@pytest.mark.parametrize("separator", ["\x1d", "~"])
def test_one_gs1_scan_fills_several_fields(identifier: str, separator: str) -> None:
    scan = read_scan(f"{identifier}01{GTIN}10AB-12{separator}1727123121S1{separator}3712")
    assert (scan.gtin, scan.lot, scan.serial) == (GTIN, "AB-12", "S1")
    assert (scan.expires_on, scan.quantity) == (date(2027, 12, 31), 12)


def test_a_separator_of_ones_own_ends_a_field() -> None:
    scan = read_scan(with_gs(f"]d201{GTIN}10AB|21S1", "|"))
    assert (scan.lot, scan.serial) == ("AB", "S1")
    assert with_gs("AB|S1", "|") == "AB|S1"


def test_a_separator_after_a_field_of_fixed_length_is_tolerated() -> None:
    assert read_scan(f"]d201{GTIN}~10AB").lot == "AB"


def test_what_is_printed_in_brackets_may_be_typed() -> None:
    scan = read_scan(f"(01){GTIN}(10)AB12(17)271231(21)9")
    assert (scan.gtin, scan.lot, scan.serial, scan.expires_on) == (GTIN, "AB12", "9", date(2027, 12, 31))


def test_without_a_use_by_day_the_best_before_day_counts() -> None:
    assert read_scan(f"]d201{GTIN}15271130").expires_on == date(2027, 11, 30)
    assert read_scan(f"]d201{GTIN}1527113017271231").expires_on == date(2027, 12, 31)


def test_day_00_is_the_last_of_its_month() -> None:
    assert read_scan(f"]d201{GTIN}17280200").expires_on == date(2028, 2, 29)


def test_a_number_is_known_in_every_length_it_is_printed_in() -> None:
    assert read_scan(f"]d201{GTIN}").codes == ("9506000134352", GTIN)
    assert "036000291452" in read_scan("]d20100036000291452").codes
    assert "96385074" in read_scan("]d20100000096385074").codes


@pytest.mark.parametrize("scanned", ["]d2hello", f"]d201{GTIN[:-1]}9", "]C1", "]d20195060", f"]d201{GTIN}17271345"])
def test_what_announces_gs1_fields_and_holds_others_is_refused(scanned: str) -> None:
    with pytest.raises(ScanUnreadable):
        read_scan(scanned)
