"""`onward import orders FILE`, and the same for products, measurements, purchase orders and notices."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from api import schema
from api.settings import Settings
from inventory.importing import rows
from inventory.importing.drawn_sizes import DrawnSizes
from inventory.importing.inbound import NOTICES, PURCHASES, InboundFile, read_inbound
from inventory.importing.mapping import ColumnMapping, preset_for, presets, read_mapping
from inventory.importing.measurements import MeasurementFile, read_measurements
from inventory.importing.orders import OrderFile, read_orders
from inventory.importing.products import ProductFile, SizeOf, read_products
from inventory.importing.report import write_report
from inventory.importing.rows import RowProblem
from inventory.importing.table_file import TableFile, open_table
from inventory.work.importing import Imported, ImportOrders, ImportProducts, import_orders, import_products
from inventory.work.inbound_importing import ImportNotices, ImportPurchases, import_notices, import_purchases
from inventory.work.measuring import ImportMeasurements, import_measurements
from inventory.work.sites import only_site
from warehouse.clock import SystemClock
from warehouse.database import Database
from warehouse.errors import ImportInvalid, Problem

PROBLEMS_SHOWN = 10  # on the screen; the report file has all of them

app = typer.Typer(
    no_args_is_help=True,
    help="Bring in orders, products, purchase orders and advance notices from CSV files, plain or gzip.",
)

File = Annotated[Path, typer.Argument(help="CSV file, plain or .gz")]
Preset = Annotated[str | None, typer.Option(help="what the columns mean; found by the header if not given")]
MappingFile = Annotated[Path | None, typer.Option("--mapping", help="YAML file that says what the columns mean")]
Maps = Annotated[list[str] | None, typer.Option("--map", help="FIELD=COLUMN, or FIELD=COLUMN+COLUMN; repeatable")]
Sets = Annotated[list[str] | None, typer.Option("--set", help="FIELD=TEXT, the same in every row; repeatable")]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="import what is good and only report what is not")]
Report = Annotated[Path | None, typer.Option(help="where to write the report [default: FILE.report.csv, here]")]
AsJson = Annotated[bool, typer.Option("--json", help="print the summary as JSON")]


@app.command("orders")
def orders(
    file: File,
    preset: Preset = None,
    mapping: MappingFile = None,
    maps: Maps = None,
    sets: Sets = None,
    site: Annotated[str | None, typer.Option(help="code of the site that ships them, if there are several")] = None,
    skip_bad: SkipBad = False,
    report: Report = None,
    as_json: AsJson = False,
) -> None:
    """Import orders: one row an order line, the rows of an order sharing its number."""
    report = report or Path(f"{file.name}.report.csv")
    with _refusals(report, as_json):
        table = open_table(file)
        meaning = _meaning(table, "orders", preset, mapping, maps, sets)
        with row_progress(file.name) as progress:
            read = read_orders(table, meaning, progress)
        _refuse_bad(read.problems, skip_bad)
        with Database.open(Settings().database) as database:
            database.migrate(schema.metadata)
            command = ImportOrders(_site(database, site), read.orders, skip_bad)
            done = database.run(import_orders, command, clock=SystemClock())
        counts = {"orders": len(read.orders), "lines": read.num_lines}
        _tell(_summary(table, meaning, counts, read, done, report), as_json)


@app.command("products")
def products(
    file: File,
    preset: Preset = None,
    mapping: MappingFile = None,
    maps: Maps = None,
    sets: Sets = None,
    sizes_from: Annotated[Path | None, typer.Option(help="product file to draw sizes from by product code")] = None,
    skip_bad: SkipBad = False,
    report: Report = None,
    as_json: AsJson = False,
) -> None:
    """Import products with the size and weight of one unit."""
    report = report or Path(f"{file.name}.report.csv")
    with _refusals(report, as_json):
        table = open_table(file)
        meaning = _meaning(table, "products", preset, mapping, maps, sets)
        sizes = _sizes(sizes_from)
        with row_progress(file.name) as progress:
            read = read_products(table, meaning, progress, sizes)
        _refuse_bad(read.problems, skip_bad)
        with Database.open(Settings().database) as database:
            database.migrate(schema.metadata)
            done = database.run(import_products, ImportProducts(read.products, skip_bad), clock=SystemClock())
        _tell(_summary(table, meaning, {"products": len(read.products)}, read, done, report), as_json)


@app.command("purchase-orders")
def purchase_orders(
    file: File,
    preset: Preset = None,
    mapping: MappingFile = None,
    maps: Maps = None,
    sets: Sets = None,
    site: Annotated[str | None, typer.Option(help="code of the site that ordered, if there are several")] = None,
    skip_bad: SkipBad = False,
    report: Report = None,
    as_json: AsJson = False,
) -> None:
    """Import purchase orders: one row a line, the rows of an order sharing its number."""
    with _refusals(report or Path(f"{file.name}.report.csv"), as_json):
        _import_inbound(PURCHASES, file, (preset, mapping, maps, sets), site, skip_bad, report, as_json)


@app.command("advance-notices")
def advance_notices(
    file: File,
    preset: Preset = None,
    mapping: MappingFile = None,
    maps: Maps = None,
    sets: Sets = None,
    site: Annotated[str | None, typer.Option(help="code of the site they go to, if there are several")] = None,
    skip_bad: SkipBad = False,
    report: Report = None,
    as_json: AsJson = False,
) -> None:
    """Import advance notices: one row a line, the rows of one truck sharing its number."""
    with _refusals(report or Path(f"{file.name}.report.csv"), as_json):
        _import_inbound(NOTICES, file, (preset, mapping, maps, sets), site, skip_bad, report, as_json)


@app.command("measurements")
def measurements(
    file: File,
    preset: Preset = None,
    mapping: MappingFile = None,
    maps: Maps = None,
    sets: Sets = None,
    skip_bad: SkipBad = False,
    report: Report = None,
    as_json: AsJson = False,
) -> None:
    """Import what a cubing machine has measured: one row a measurement of one unit."""
    report = report or Path(f"{file.name}.report.csv")
    with _refusals(report, as_json):
        table = open_table(file)
        meaning = _meaning(table, "measurements", preset, mapping, maps, sets)
        with row_progress(file.name) as progress:
            read = read_measurements(table, meaning, progress)
        _refuse_bad(read.problems, skip_bad)
        with Database.open(Settings().database) as database:
            database.migrate(schema.metadata)
            command = ImportMeasurements(read.measurements, "import", skip_bad)
            done = database.run(import_measurements, command, clock=SystemClock())
        _tell(_summary(table, meaning, {"measurements": len(read.measurements)}, read, done, report), as_json)


def _import_inbound(
    kind: str,
    file: Path,
    says: tuple[str | None, Path | None, list[str] | None, list[str] | None],
    site: str | None,
    skip_bad: bool,
    report: Path | None,
    as_json: bool,
) -> None:
    """Import purchase orders or advance notices; `says` is what the options say of the columns."""
    table = open_table(file)
    meaning = _meaning(table, kind, *says)
    with row_progress(file.name) as progress:
        read = read_inbound(table, meaning, kind, progress)
    _refuse_bad(read.problems, skip_bad)
    with Database.open(Settings().database) as database:
        database.migrate(schema.metadata)
        code = _site(database, site)
        if kind == PURCHASES:
            done = database.run(import_purchases, ImportPurchases(code, read.documents, skip_bad), clock=SystemClock())
        else:
            done = database.run(import_notices, ImportNotices(code, read.documents, skip_bad), clock=SystemClock())
    counts = {kind: len(read.documents), "lines": sum(len(each.lines) for each in read.documents)}
    _tell(_summary(table, meaning, counts, read, done, report or Path(f"{file.name}.report.csv")), as_json)


@contextmanager
def row_progress(title: str) -> Iterator[rows.Progress]:
    """A progress bar over the rows of a file, on a terminal only."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def _refusals(report: Path, as_json: bool) -> Iterator[None]:
    """Turn an import that cannot be into a report file, a few lines on the screen and status 1."""
    try:
        yield
    except ImportInvalid as error:
        write_report(report, error.problems)
        if as_json:
            first = [str(each) for each in error.problems[:PROBLEMS_SHOWN]]
            told = {"imported": False, "problems": len(error.problems), "first": first, "report": str(report)}
            typer.echo(json.dumps(told))
        else:
            typer.echo(f"Nothing was imported. Problems: {len(error.problems)}, all of them in {report}", err=True)
            for each in error.problems[:PROBLEMS_SHOWN]:
                typer.echo(f"  {each}", err=True)
        raise typer.Exit(1) from error


def _refuse_bad(problems: Sequence[RowProblem], skip_bad: bool) -> None:
    if problems and not skip_bad:
        raise ImportInvalid([each.as_problem() for each in problems])


def _meaning(
    table: TableFile,
    kind: str,
    preset: str | None,
    mapping: Path | None,
    maps: Sequence[str] | None,
    sets: Sequence[str] | None,
) -> ColumnMapping:
    """What the columns mean: the mapping file, the preset named, or the one that fits the header."""
    known = presets(kind)
    if mapping is not None:
        meaning = read_mapping(mapping)
    elif preset is None:
        meaning = preset_for(table.header, kind) or ColumnMapping(name="options", kind=kind)
    elif preset in known:
        meaning = known[preset]
    else:
        raise ImportInvalid([Problem("--preset", f"{preset} is not one of {', '.join(known)}")])
    columns = {field: tuple(text.split("+")) for field, text in _pairs("--map", maps)}
    return meaning.with_columns(columns).with_constants(dict(_pairs("--set", sets)))


def _pairs(option: str, texts: Sequence[str] | None) -> Iterator[tuple[str, str]]:
    for text in texts or ():
        field, equals, value = text.partition("=")
        if not equals:
            raise ImportInvalid([Problem(option, f"{text} has no =")])
        yield field, value


def _sizes(path: Path | None) -> SizeOf | None:
    """Sizes drawn from another product file; its bad rows are left out of the draw."""
    if path is None:
        return None
    table = open_table(path)
    meaning = _meaning(table, "products", None, None, None, None)
    return DrawnSizes(product.size for product in read_products(table, meaning).products)


def _site(database: Database, named: str | None) -> str:
    """The code of the site that ships the orders."""
    with database.read() as session:
        try:
            return named or only_site(session)
        except ValueError as error:
            raise ImportInvalid([Problem("--site", str(error))]) from error


def _summary(
    table: TableFile,
    meaning: ColumnMapping,
    counts: dict[str, int],
    read: OrderFile | ProductFile | InboundFile | MeasurementFile,
    done: Imported,
    report: Path,
) -> dict[str, Any]:
    """What was read and what came of it; writes the report if any row was left out or differs."""
    bad = [each.as_problem() for each in (*read.problems, *done.problems)]
    if bad or done.changed:
        write_report(report, bad, [each.as_problem() for each in done.changed])
    return {
        "imported": True,
        "file": str(table.path),
        "mapping": meaning.name,
        "encoding": table.encoding,
        "rows": read.num_rows,
        **counts,
        "set_aside": dict(read.counted),
        "problems": len(bad),
        "new": done.num_new,
        "unchanged": done.num_unchanged,
        "changed": len(done.changed),
        "report": str(report) if bad or done.changed else None,
    }


def _tell(summary: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(summary))
        return
    set_aside = summary.pop("set_aside")
    summary.pop("imported")
    for what, count in {**summary, **set_aside}.items():
        if count is not None:
            typer.echo(f"{what.replace('_', ' '):>20}  {count:,}" if isinstance(count, int) else f"{what:>20}  {count}")
