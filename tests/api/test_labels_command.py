import shutil
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from typer.testing import CliRunner

from api.cli import app
from inventory.work.cataloguing import NewProduct, SaveProducts, save_products
from inventory.work.sites import OpenSite, live_site, open_site
from tests.warehouse.test_labels import printed, read_back
from warehouse.clock import SystemClock
from warehouse.database import Database
from warehouse.labels import DPI

COMMAND = CliRunner()
SITE_FILE = Path(__file__).parent / "small_site.yaml"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_template: Path) -> Path:
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'house.db')}"
    monkeypatch.setenv("ONWARD_DATABASE_URL", url)
    with Database.open(url) as database:
        database.run(open_site, OpenSite(SITE_FILE.read_text(), num_totes=3), clock=SystemClock())
        product = NewProduct("P1", "Heart", 10, 10, 10, 10, barcodes=("4006381333931",))
        database.run(save_products, SaveProducts((product,)), clock=SystemClock())
    return tmp_path


def written(house: Path, *words: str) -> str:
    file = house / "labels.zpl"
    result = COMMAND.invoke(app, ["labels", *words, "--zpl", str(file)])
    assert result.exit_code == 0, result.output
    return file.read_text()


def test_bins_totes_and_products_are_labelled(house: Path) -> None:
    assert written(house, "totes").count("^XA") == 3
    assert "^FDTOTE-00002^FS" in written(house, "totes", "--only", "TOTE-00002")
    products = written(house, "products", "--size", "60x30")
    assert "^FDHeart^FS" in products
    assert "^FD4006381333931^FS" in products
    bins = written(house, "bins", "--only", "01-")
    assert 0 < bins.count("^XA") < written(house, "bins").count("^XA")
    assert "Aisle 1" in bins


@pytest.mark.parametrize(
    ("what", "codes"),
    [("totes", ["TOTE-00001", "TOTE-00002", "TOTE-00003"]), ("products", ["(01)04006381333931"]), ("bins", None)],
)
def test_every_label_that_is_written_decodes_to_its_code(house: Path, what: str, codes: list[str] | None) -> None:
    with Database.open(f"sqlite:///{house / 'house.db'}") as database, database.read() as session:
        bins = [each.code for each in live_site(session, "SMALL").site.bins]
    wanted = sorted(bins if codes is None else codes)
    assert sorted(code for label in printed(written(house, what)) for code, _ in read_back(label)) == wanted
    some = ["--only", wanted[0][:6]] if codes is None else []
    result = COMMAND.invoke(app, ["labels", what, "--pdf", str(house / "labels.pdf"), *some])
    assert result.exit_code == 0, result.output
    with pypdfium2.PdfDocument(house / "labels.pdf") as document:
        pages = [np.asarray(page.render(scale=DPI / 72).to_pil().convert("L")) for page in document]
    found = sorted(code for page in pages for code, _ in read_back(page))
    assert found == [code for code in wanted if codes is not None or code.startswith(some[1])]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("bins",), "--zpl FILE"),
        (("bins", "--zpl", "x.zpl", "--size", "big"), "big"),
        (("bins", "--zpl", "x.zpl", "--site", "NOWHERE"), "NOWHERE"),
    ],
)
@pytest.mark.usefixtures("house")
def test_what_cannot_be_printed_ends_with_a_sentence(words: tuple[str, ...], why: str) -> None:
    result = COMMAND.invoke(app, ["labels", *words])
    assert result.exit_code == 2
    assert why in result.output


def test_labels_with_letters_that_cannot_be_printed_are_named(house: Path) -> None:
    with Database.open(f"sqlite:///{house / 'house.db'}") as database:
        tea = NewProduct("TEA", "茶", 100, 100, 100, 100)
        database.run(save_products, SaveProducts((tea,)), clock=SystemClock())
    result = COMMAND.invoke(app, ["labels", "products", "--pdf", str(house / "labels.pdf")])
    assert result.exit_code == 0
    assert "1 of 2 labels with letters" in result.stderr
    assert "TEA: 茶" in result.stderr
    assert "letters" not in COMMAND.invoke(app, ["labels", "products", "--zpl", str(house / "l.zpl")]).stderr
