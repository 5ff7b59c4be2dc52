import csv
import gzip
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlmodel import Session, col
from typer.testing import CliRunner

from api.commands.import_ import app
from inventory.importing.drawn_sizes import DrawnSizes
from inventory.importing.mapping import ColumnMapping, mapping_from_dict, preset_for, presets, read_mapping
from inventory.importing.orders import OrderFile, read_orders
from inventory.importing.products import ProductFile, UnitSize, read_products
from inventory.importing.table_file import open_table
from inventory.tables.outbound import OrderLineRow, OrderRow, OrderState
from inventory.tables.products import BarcodeRow, ProductRow
from inventory.work.importing import Imported, ImportOrders, ImportProducts, import_orders, import_products
from inventory.work.sites import OpenSite, open_site
from tests.inventory.small_site import DEFINITION
from tests.shared_data import shared
from warehouse.bins import StorageClass
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import ImportInvalid, NotFound

ORDERS = """number,product,quantity,placed,customer
1,APPLE,3,2026-03-02T08:00:00,Ann
1,PEAR,1,2026-03-02T08:00:00,Ann
2,APPLE,2,2026-03-02T09:30:00,Bob
"""
PRODUCTS = """product,name,length_mm,width_mm,height_mm,weight_g,barcode
APPLE,Apple,80,80,80,150,2000000000015
PEAR,Pear,80,80,120,180,2000000000022 2000000000039
"""
RETAIL_HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def orders_of(path: Path, text: str, mapping: ColumnMapping | None = None) -> OrderFile:
    path.write_text(text, encoding="utf-8")
    table = open_table(path)
    mapping = mapping or preset_for(table.header, "orders")
    assert mapping is not None
    return read_orders(table, mapping)


def products_of(path: Path, text: str, mapping: ColumnMapping | None = None) -> ProductFile:
    path.write_text(text, encoding="utf-8")
    table = open_table(path)
    mapping = mapping or preset_for(table.header, "products")
    assert mapping is not None
    return read_products(table, mapping)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file.csv"


def test_rows_that_share_a_number_are_one_order_with_lines_in_their_order(file: Path) -> None:
    read = orders_of(file, ORDERS)
    assert [order.number for order in read.orders] == ["1", "2"]
    assert [(line.row, line.product, line.quantity) for line in read.orders[0].lines] == [
        (2, "APPLE", 3),
        (3, "PEAR", 1),
    ]
    assert read.orders[0].placed == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert read.orders[0].customer == "Ann"
    assert (read.num_rows, read.num_lines, read.problems) == (3, 3, ())


def test_a_file_may_tell_the_channel_that_orders_came_by(file: Path) -> None:
    text = "number,product,quantity,channel\n1,APPLE,3,wholesale\n1,PEAR,1,web\n2,APPLE,2,\n3,PEAR,1," + 65 * "x" + "\n"
    read = orders_of(file, text)
    assert [(order.number, order.channel) for order in read.orders] == [("1", "wholesale"), ("2", "")]
    assert [(each.row, each.reason) for each in read.problems] == [
        (5, f"channel {20 * 'x'}... is longer than 64 characters")
    ]


def test_every_bad_row_is_told_with_its_number_and_reason(file: Path) -> None:
    text = ORDERS + "3,APPLE,two,2026-03-02T10:00,\n4,,1,2026-03-02T10:00,\n5,APPLE,1.5,2026-03-02T10:00,\n"
    text += "6,APPLE,1,yesterday,\n7,APPLE,1\n8,APPLE,0,2026-03-02T10:00,\n,APPLE,1,2026-03-02T10:00,\n"
    read = orders_of(file, text)
    assert [(each.row, each.reason) for each in read.problems] == [
        (5, "quantity two is not a number"),
        (6, "no product code"),
        (7, "quantity 1.5 is not a whole number"),
        (8, "time placed 'yesterday' is not a time like 2011-12-05 08:32"),
        (9, "has 3 cells where the header has 5"),
        (10, "quantity 0 is not between 1 and 2147483647"),
        (11, "no order number"),
    ]
    assert [order.number for order in read.orders] == ["1", "2"]


def test_an_order_with_one_bad_row_is_left_out_whole(file: Path) -> None:
    read = orders_of(file, ORDERS + "2,PEAR,-1,2026-03-02T09:30:00,Bob\n")
    assert [order.number for order in read.orders] == ["1"]


def test_times_are_read_in_the_zone_of_the_mapping(file: Path) -> None:
    mapping = mapping_from_dict(
        {
            "kind": "orders",
            "columns": {"number": "number", "product": "product", "quantity": "quantity", "placed": "placed"},
            "time_zone": "Europe/London",
        },
        "here",
    )
    read = orders_of(file, "number,product,quantity,placed\n1,A,1,2011-07-01 12:00\n2,A,1,2011-03-27 01:30\n", mapping)
    assert read.orders[0].placed == datetime(2011, 7, 1, 11, tzinfo=UTC)
    assert read.orders[0].placed_ms == 1_309_518_000_000
    assert "the clocks were put forward" in read.problems[0].reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_text_is_read_in_any_of_the_usual_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "orders.csv.gz"
    path.write_bytes(gzip.compress(ORDERS.replace("Ann", "Zoë").encode(encoding)))
    table = open_table(path)
    assert read_orders(table, presets("orders")["plain_orders"]).orders[0].customer == "Zoë"


def test_the_delimiter_is_found_in_the_header(file: Path) -> None:
    assert orders_of(file, ORDERS.replace(",", ";")).num_lines == 3


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"\x1f\x8b broken", "cannot be read"),
        (b"a,b,a\n1,2,3\n", "column a stands twice"),
    ],
)
def test_a_file_that_is_no_table_is_refused(file: Path, content: bytes, what: str) -> None:
    file.write_bytes(content)
    with pytest.raises(ImportInvalid) as refused:
        open_table(file)
    assert what in refused.value.problems[0].what


def test_a_file_that_stops_being_csv_is_told_where(file: Path) -> None:
    file.write_text('number,product,quantity\n1,A,1\n2,"' + "x" * 200_000 + '",1\n')
    read = read_orders(open_table(file), presets("orders")["plain_orders"])
    assert [each.row for each in read.problems] == [3]
    assert "is not CSV" in read.problems[0].reason


def test_columns_that_are_not_there_are_named(file: Path) -> None:
    file.write_text("number,product\n1,A\n")
    with pytest.raises(ImportInvalid) as refused:
        read_orders(open_table(file), presets("orders")["plain_orders"])
    assert [each.where for each in refused.value.problems] == ["column quantity"]


def test_online_retail_sets_aside_what_is_no_order_line(file: Path) -> None:
    row = "{},{},NAME,{},2011-12-05 08:32:00,{},{},United Kingdom\n".format
    read = orders_of(
        file,
        RETAIL_HEADER
        + row("536365", "85123a", 6, 2.55, 17850)
        + row("C536379", "85123A", -1, 2.55, 17850)
        + row("536365", "POST", 1, 18, 17850)
        + row("536365", "BANK CHARGES", 1, 18, 17850)
        + row("536365", "gift_0001_20", 1, 18, 17850)
        + row("A563185", "B", 1, 11062, "")
        + row("536589", "21777", -10, 0, "")
        + row("536414", "22139", 56, "0.0", "")
        + row("536415", "DCGS0003", 1, "0.0", 17850),
    )
    assert [(order.number, order.lines[0].product) for order in read.orders] == [
        ("536365", "85123A"),
        ("536415", "DCGS0003"),
    ]
    assert read.counted == {"returns": 1, "not_goods": 4, "stock_corrections": 2}
    assert read.num_rows == read.num_lines + sum(read.counted.values())
    assert read.orders[0].placed == datetime(2011, 12, 5, 8, 32, tzinfo=ZoneInfo("Europe/London"))


def test_baskets_join_columns_and_a_file_beside(tmp_path: Path) -> None:
    (tmp_path / "time_by_day.csv").write_text("time_id,the_date\n371,1997-01-05 00:00:00.0\n")
    read = orders_of(
        tmp_path / "sales.csv",
        "product_id,time_id,customer_id,store_id,unit_sales\n337,371,6280,2,2.0000\n1512,371,6280,2,3.0000\n9,999,1,1,1\n",
    )
    assert read.orders[0].number == "371-6280-2"
    assert [line.quantity for line in read.orders[0].lines] == [2, 3]
    assert read.orders[0].placed == datetime(1997, 1, 5, tzinfo=UTC)
    assert read.problems[0].reason == "time_id 999 is not in time_by_day.csv"


def test_sizes_come_in_any_unit(file: Path) -> None:
    mapping = mapping_from_dict(
        {
            "kind": "products",
            "columns": {"product": "sku", "length": "l", "width": "w", "height": "h", "weight": "kg"},
            "units": {"size": "in", "weight": "lb"},
        },
        "here",
    )
    read = products_of(file, "sku,l,w,h,kg\nA,1,2,10,0.5\nB,0,1,1,1\nC,1,1,1,x\n", mapping)
    assert read.products[0].size == UnitSize(25, 51, 254, 227)
    assert [each.reason for each in read.problems] == ["length 0 is not above 0", "weight x is not a number"]


def test_a_product_told_twice_must_agree(file: Path) -> None:
    read = products_of(file, PRODUCTS + "PEAR,Pear,80,80,120,180,2000000000022 2000000000039\nAPPLE,Apple,9,9,9,9,\n")
    assert len(read.products) == 2
    assert [each.reason for each in read.problems] == ["product APPLE stands in row 2 with other content"]


def test_fragile_goods_are_told_by_yes_and_no(file: Path) -> None:
    header = "product,name,length_mm,width_mm,height_mm,weight_g,fragile\n"
    rows = "".join(f"P{number},,10,10,10,10,{said}\n" for number, said in enumerate(("yes", "No", "", "1", "maybe")))
    read = products_of(file, header + rows)
    assert [product.fragile for product in read.products] == [True, False, False, True]
    assert [(each.row, each.reason) for each in read.problems] == [(6, "fragile maybe is neither yes nor no")]


def test_a_barcode_belongs_to_one_product(file: Path) -> None:
    read = products_of(file, PRODUCTS + "PLUM,Plum,40,40,40,30,2000000000015\n")
    assert read.problems[0].reason == "barcode 2000000000015 belongs to product APPLE already"


def test_products_of_order_rows_take_the_name_seen_most(file: Path) -> None:
    text = RETAIL_HEADER + "".join(
        f"1,21777,{name},1,2011-12-05 08:32:00,1,17850,UK\n" for name in ("damaged", "RECIPE BOX", "RECIPE BOX", "")
    )
    file.write_text(text)
    size = UnitSize(100, 100, 50, 200)
    read = read_products(open_table(file), presets("products")["online_retail_products"], size_of=lambda _: size)
    assert [(product.code, product.name, product.size) for product in read.products] == [("21777", "RECIPE BOX", size)]


def test_sizes_drawn_by_code_are_small_possible_and_always_the_same() -> None:
    small, large, impossible = UnitSize(100, 100, 50, 200), UnitSize(300, 300, 300, 900), UnitSize(10, 10, 10, 500)
    drawn = DrawnSizes([small, large, impossible])
    assert drawn.sizes == (small,)
    several = DrawnSizes([UnitSize(100, 100, height, 200) for height in range(10, 90)])
    assert several("85123A") == several("85123A")
    assert len({several(str(code)) for code in range(200)}) > 40
    with pytest.raises(ValueError, match="no product of up to 1 litre"):
        DrawnSizes([large])


def test_every_preset_is_a_mapping_file_with_all_fields_it_needs() -> None:
    assert set(presets("orders")) == {"plain_orders", "online_retail_orders", "foodmart_orders"}
    assert set(presets("products")) == {
        "plain_products",
        "online_retail_products",
        "olist_products",
        "foodmart_products",
    }


def test_a_mapping_file_tells_all_its_problems(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(
        "kind: orders\ncolour: red\ntime_zone: Mars\nunits: {size: ell}\nrepeats: often\n"
        "rules: [{count: x, when: {a: '('}}]\n"
    )
    with pytest.raises(ImportInvalid) as refused:
        read_mapping(path)
    assert len(refused.value.problems) == 5


@pytest.fixture
def site(database: Database, clock: FixedClock) -> str:
    return database.run(open_site, OpenSite(DEFINITION), clock=clock).site


def put_products(database: Database, clock: FixedClock, file: Path, text: str = PRODUCTS) -> Imported:
    return database.run(import_products, ImportProducts(products_of(file, text).products), clock=clock)


def put_orders(
    database: Database, clock: FixedClock, site: str, file: Path, text: str = ORDERS, *, skip_bad: bool = False
) -> Imported:
    command = ImportOrders(site, orders_of(file, text).orders, skip_bad)
    return database.run(import_orders, command, clock=clock)


def rows(session: Session, kind: type[OrderRow] | type[OrderLineRow] | type[ProductRow] | type[BarcodeRow]) -> int:
    number: int = session.execute(select(func.count()).select_from(kind)).scalar_one()
    return number


def test_the_same_files_imported_again_change_nothing(
    database: Database, clock: FixedClock, site: str, file: Path
) -> None:
    assert put_products(database, clock, file) == Imported(2, 0, (), ())
    assert put_orders(database, clock, site, file) == Imported(2, 0, (), ())
    with database.read() as session:
        orders = session.execute(select(OrderRow).order_by(col(OrderRow.number))).scalars().all()
        assert [(row.number, row.customer, row.state) for row in orders] == [
            ("1", "Ann", OrderState.OPEN),
            ("2", "Bob", OrderState.OPEN),
        ]
        assert orders[0].placed_ms == 1_772_438_400_000
        before = [rows(session, kind) for kind in (OrderRow, OrderLineRow, ProductRow, BarcodeRow)]
    assert before == [2, 3, 2, 3]
    assert put_products(database, clock, file) == Imported(0, 2, (), ())
    assert put_orders(database, clock, site, file) == Imported(0, 2, (), ())
    with database.read() as session:
        assert [rows(session, kind) for kind in (OrderRow, OrderLineRow, ProductRow, BarcodeRow)] == before


def test_what_differs_from_before_is_told_and_left_alone(
    database: Database, clock: FixedClock, site: str, file: Path
) -> None:
    put_products(database, clock, file)
    put_orders(database, clock, site, file)
    changed = put_products(database, clock, file, PRODUCTS.replace("150", "160"))
    assert (changed.num_new, changed.num_unchanged) == (0, 1)
    assert changed.changed[0].reason == "product APPLE is there with another weight"
    again = put_orders(database, clock, site, file, ORDERS.replace("APPLE,2", "APPLE,5") + "3,PEAR,1,2026-03-03,\n")
    assert (again.num_new, again.num_unchanged) == (1, 1)
    assert (again.changed[0].row, again.changed[0].reason) == (4, "order 2 is there with other lines")
    with database.read() as session:
        quantities = select(col(OrderLineRow.quantity)).order_by(col(OrderLineRow.id))
        assert session.execute(quantities).scalars().all() == [3, 1, 2, 1]


def test_an_unknown_product_keeps_everything_out(database: Database, clock: FixedClock, site: str, file: Path) -> None:
    put_products(database, clock, file)
    with pytest.raises(ImportInvalid) as refused:
        put_orders(database, clock, site, file, ORDERS + "3,PLUM,1,2026-03-02,\n")
    assert [str(each) for each in refused.value.problems] == ["row 5: product PLUM is not known"]
    with database.read() as session:
        assert rows(session, OrderRow) == 0
    done = put_orders(database, clock, site, file, ORDERS + "3,PLUM,1,2026-03-02,\n", skip_bad=True)
    assert (done.num_new, [each.row for each in done.problems]) == (2, [5])


def test_orders_for_a_site_that_is_not_there_are_refused(database: Database, clock: FixedClock, file: Path) -> None:
    with pytest.raises(NotFound):
        put_orders(database, clock, "NOWHERE", file)


def test_a_barcode_of_another_product_keeps_products_out(database: Database, clock: FixedClock, file: Path) -> None:
    put_products(database, clock, file)
    plum = "product,length_mm,width_mm,height_mm,weight_g,barcode\nPLUM,40,40,40,30,2000000000015\n"
    with pytest.raises(ImportInvalid, match="1 bad rows"):
        put_products(database, clock, file, plum)


class TestCommand:
    @pytest.fixture(autouse=True)
    def home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_template: Path) -> None:
        monkeypatch.setenv("ONWARD_HOME", str(tmp_path / "home"))
        monkeypatch.delenv("ONWARD_DATABASE_URL", raising=False)
        monkeypatch.chdir(tmp_path)
        (tmp_path / "home").mkdir()
        shutil.copy(sqlite_template, tmp_path / "home" / "onward.db")
        with Database.open(f"sqlite:///{tmp_path / 'home' / 'onward.db'}") as database:
            database.run(open_site, OpenSite(DEFINITION), clock=FixedClock(0))
        (tmp_path / "orders.csv").write_text(ORDERS)
        (tmp_path / "products.csv").write_text(PRODUCTS)

    def run(self, *arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, arguments)
        return done.exit_code, done.output

    def test_products_then_orders_are_imported_and_summed_up(self) -> None:
        assert self.run("products", "products.csv")[0] == 0
        status, told = self.run("orders", "orders.csv", "--json")
        summary = json.loads(told)
        assert status == 0
        assert (summary["rows"], summary["orders"], summary["lines"], summary["new"]) == (3, 2, 3, 2)
        assert summary["report"] is None

    def test_bad_rows_are_reported_in_a_file_and_nothing_is_imported(self, tmp_path: Path) -> None:
        self.run("products", "products.csv")
        (tmp_path / "orders.csv").write_text(ORDERS + "3,APPLE,none,2026-03-02,\n4,PEAR,1,2026-03-02,\n")
        status, told = self.run("orders", "orders.csv")
        assert status == 1
        assert "row 5: quantity none is not a number" in told
        with (tmp_path / "orders.csv.report.csv").open() as report:
            assert list(csv.reader(report)) == [
                ["row", "kind", "reason"],
                ["5", "bad", "quantity none is not a number"],
            ]
        assert json.loads(self.run("orders", "orders.csv", "--skip-bad", "--json")[1])["new"] == 3

    def test_columns_can_be_mapped_and_fixed_by_hand(self, tmp_path: Path) -> None:
        (tmp_path / "skus.csv").write_text("sku,grams\nFIG,20\n")
        size = ("--set", "length=50", "--set", "width=50", "--set", "height=50")
        status, told = self.run(
            "products", "skus.csv", "--map", "product=sku", "--map", "weight=grams", *size, "--json"
        )
        assert (status, json.loads(told)["new"]) == (0, 1)

    @pytest.mark.parametrize(
        ("arguments", "what"),
        [
            (("--preset", "unheard"), "unheard is not one of"),
            (("--map", "number"), "number has no ="),
            (("--mapping", "nowhere.yaml"), "cannot be read"),
            (("--map", "quantity=amount"), "is not in orders.csv"),
        ],
    )
    def test_a_mapping_that_does_not_fit_is_refused(self, arguments: tuple[str, ...], what: str) -> None:
        status, told = self.run("orders", "orders.csv", *arguments)
        assert status == 1
        assert what in told.replace("\n", " ")


@pytest.mark.shared_data
@pytest.mark.slow
def test_every_row_of_the_year_of_online_retail_is_accounted_for() -> None:
    table = open_table(shared("data", "uci_online_retail", "online_retail_2010-12_2011-12.csv.gz"))
    mapping = preset_for(table.header, "orders")
    assert mapping is not None
    read = read_orders(table, mapping)
    assert read.num_rows == 541_909
    assert read.counted == {"returns": 9_288, "not_goods": 2_362, "stock_corrections": 2_464}
    assert (len(read.orders), read.num_lines, len(read.problems)) == (19_776, 527_795, 0)
    assert read.num_rows == read.num_lines + sum(read.counted.values())


@pytest.mark.untraced  # other, quicker tests run the same lines
@pytest.mark.shared_data
def test_a_month_of_foodmart_is_imported_twice_with_one_effect(
    database: Database, clock: FixedClock, site: str
) -> None:
    folder = shared("data", "foodmart")
    products = open_table(folder / "product.csv")
    read = read_products(products, presets("products")["foodmart_products"])
    assert (len(read.products), len(read.problems)) == (1_560, 0)
    assert sum(product.storage_class is StorageClass.FROZEN for product in read.products) == 155
    sales = read_orders(open_table(folder / "sales_fact_dec_1998.csv"), presets("orders")["foodmart_orders"])
    month = tuple(order for order in sales.orders if order.placed is not None and order.placed.day <= 3)
    assert len(month) > 100
    for expected in ((1_560, len(month)), (0, 0)):
        new_products = database.run(import_products, ImportProducts(read.products), clock=clock).num_new
        new_orders = database.run(import_orders, ImportOrders(site, month), clock=clock).num_new
        assert (new_products, new_orders) == expected


@pytest.mark.untraced  # other, quicker tests run the same lines
@pytest.mark.shared_data
def test_olist_rows_without_size_or_weight_are_named() -> None:
    table = open_table(shared("data", "olist_products", "olist_products_dataset.csv"))
    mapping = preset_for(table.header, "products")
    assert mapping is not None
    read = read_products(table, mapping)
    assert [each.row for each in read.problems] == [8580, 9771, 13685, 14999, 18853, 32081]
    assert len(read.products) == 32_951 - 6
