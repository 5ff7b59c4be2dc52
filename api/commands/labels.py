"""`onward labels`: labels for bins, products and totes, to be printed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select
from sqlmodel import Session, col

from api import schema
from api.settings import Settings
from inventory.tables.products import BarcodeRow, ProductRow
from inventory.work.sites import live_site, only_site
from warehouse.database import Database
from warehouse.errors import NotFound
from warehouse.labels import (
    NOT_IN_FONT,
    Label,
    LabelSize,
    beyond_font,
    place_label,
    product_label,
    write_pdf,
    write_zpl,
)
from warehouse.tables import PlaceKind, PlaceRow

app = typer.Typer(no_args_is_help=True, help="Print labels: QR codes for places, GS1 DataMatrix for goods with a GTIN.")

Pdf = Annotated[Path | None, typer.Option(metavar="F", help="write a PDF, a label a page")]
Zpl = Annotated[Path | None, typer.Option(metavar="F", help="write ZPL for a label printer of 203 dpi")]
SiteName = Annotated[str | None, typer.Option("--site", help="code of the site, if there are several")]
Size = Annotated[str, typer.Option(metavar="WxH", help="label size in mm")]
Only = Annotated[str, typer.Option(metavar="TEXT", help="only codes that begin with this")]

DEFAULT_SIZE = "100x50"
SHOWN_MAX = 20
"""More labels than these are only counted."""


@app.callback()
def labels() -> None:
    """Print labels for bins, products and totes."""


@app.command()
def bins(pdf: Pdf = None, zpl: Zpl = None, site: SiteName = None, only: Only = "", size: Size = DEFAULT_SIZE) -> None:
    """Label the bins of a site, in the order of their codes."""

    def made(session: Session, code: str) -> Iterator[Label]:
        for each in sorted(live_site(session, code).site.bins, key=lambda each: each.code):
            yield place_label(
                each.code, f"Aisle {each.aisle}   Bay {each.bay}", f"Level {each.level}   Slot {each.slot}"
            )

    _print(lambda session: made(session, site or only_site(session)), pdf, zpl, only, size)


@app.command()
def totes(pdf: Pdf = None, zpl: Zpl = None, site: SiteName = None, only: Only = "", size: Size = DEFAULT_SIZE) -> None:
    """Label the totes of a site."""

    def made(session: Session, code: str) -> Iterator[Label]:
        of_site = (col(PlaceRow.site_id) == live_site(session, code).id, col(PlaceRow.kind) == PlaceKind.TOTE)
        query = select(col(PlaceRow.code)).where(*of_site).order_by(col(PlaceRow.code))
        yield from (place_label(tote) for tote in session.execute(query).scalars())

    _print(lambda session: made(session, site or only_site(session)), pdf, zpl, only, size)


@app.command()
def products(pdf: Pdf = None, zpl: Zpl = None, only: Only = "", size: Size = DEFAULT_SIZE) -> None:
    """Label the products."""

    def made(session: Session) -> Iterator[Label]:
        barcodes: dict[int, list[str]] = {}
        for barcode, product_id in session.execute(select(col(BarcodeRow.barcode), col(BarcodeRow.product_id))):
            barcodes.setdefault(product_id, []).append(barcode)
        query = select(col(ProductRow.id), col(ProductRow.code), col(ProductRow.name)).order_by(col(ProductRow.code))
        for product_id, code, name in session.execute(query):
            yield product_label(code, name, sorted(barcodes.get(product_id or 0, [])))

    _print(made, pdf, zpl, only, size)


def _print(
    made: Callable[[Session], Iterator[Label]], pdf: Path | None, zpl: Path | None, only: str, size: str
) -> None:
    """Write the labels whose titles begin with `only` to the files asked for."""
    if pdf is None and zpl is None:
        raise typer.BadParameter("say where to: --pdf FILE or --zpl FILE")
    label_size = _size(size)
    with Database.open(Settings().database) as database:
        database.migrate(schema.metadata)
        with database.read() as session:
            try:
                wanted = [label for label in made(session) if label.title.startswith(only)]
            except (ValueError, NotFound) as error:
                raise typer.BadParameter(str(error), param_hint="--site") from error
    for path, write in ((pdf, write_pdf), (zpl, write_zpl)):
        if path is not None:
            if write is write_pdf:
                _warn(wanted)
            with path.open("wb") as file:
                print(f"{write(wanted, label_size, file)} labels in {path}")


def _warn(labels: list[Label]) -> None:
    """Say which labels carry letters that cannot be printed on paper."""
    lacking = [f"{label.title}: {signs}" for label in labels if (signs := beyond_font(label))]
    if lacking:
        shown = "\n  ".join([*lacking[:SHOWN_MAX], *(["..."] if len(lacking) > SHOWN_MAX else [])])
        typer.echo(
            f"{len(lacking)} of {len(labels)} labels with letters that the font of the PDF lacks; "
            f"{NOT_IN_FONT} stands for each, and their symbols are right:\n  {shown}",
            err=True,
        )


def _size(text: str) -> LabelSize:
    """A label size as it was typed."""
    try:
        width, height = (int(part) for part in text.lower().split("x"))
        return LabelSize(width, height)
    except ValueError as error:
        raise typer.BadParameter(f"{text}: {error}", param_hint="--size") from error
