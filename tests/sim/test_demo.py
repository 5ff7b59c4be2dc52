import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.schema import metadata
from inventory.work.checking import check
from routing.problem import PolicyName
from sim.day_demand import DayDemand, demand_from_files, generated_demand
from sim.demo import DemoDay, DemoOptions, run_demo
from sim.demo_output import summary, write_output
from sim.demo_site import BAY_VOLUME_MM3, COVER_DAYS, FILL, floor_size, planned_site
from tests.inventory.small_site import DEFINITION
from tests.shared_data import shared
from tests.sim.outside_checker import OutsideChecker
from warehouse.database import Database
from warehouse.errors import ImportInvalid, SiteFileInvalid
from warehouse.site_file import read_site
from warehouse.site_writing import write_site

BUDGET_MS = 20


@pytest.fixture(scope="module")
def demand() -> DayDemand:
    day = generated_demand(seed=4, num_orders=14, num_products=120)
    products = tuple(replace(each, fragile=number % 5 == 0) for number, each in enumerate(day.products))
    return replace(day, products=products)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    database = Database.open(f"sqlite:///{tmp_path_factory.mktemp('demo') / 'demo.db'}")
    database.migrate(metadata)
    return database


@pytest.fixture(scope="module")
def day(demand: DayDemand, database: Database) -> DemoDay:
    return run_demo(database, demand, DemoOptions(seed=4, budget_ms=BUDGET_MS))


@pytest.fixture(scope="module")
def folder(day: DemoDay, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out")
    write_output(day, folder)
    return folder


def test_every_unit_ordered_is_picked_through_the_ledger(day: DemoDay, demand: DayDemand, database: Database) -> None:
    assert day.shorts == ()
    assert day.num_units == demand.units.total()
    assert day.ledger.ok
    with database.read() as session:
        assert check(session).movements == day.ledger.movements > demand.units.total() // 1000


def test_no_route_turns_back_more_than_it_must(day: DemoDay) -> None:
    assert day.random.backtrack_mm == day.random.backtrack_bound_mm
    assert day.random.num_verified == len(day.random.runs)
    assert all(walking.num_verified == len(walking.runs) for walking in day.baselines)


def test_random_storage_walks_less_than_every_baseline(day: DemoDay) -> None:
    assert [each.name for each in day.baselines] == ["traditional", "conventional", "class_based"]
    assert all(day.random.distance_mm < each.distance_mm for each in day.baselines)


def test_the_summary_has_the_keys_that_others_rely_on(day: DemoDay) -> None:
    figures = json.loads(json.dumps(summary(day)))
    assert {
        "orders", "lines", "units", "runs", "distance_m", "distance_per_line_m", "backtrack_m",
        "backtrack_unavoidable_m", "routes_verified", "baselines", "saving_vs_traditional", "seconds",
    } <= figures.keys()  # fmt: skip
    assert figures["baselines"].keys() == {"traditional", "conventional", "class_based"}
    assert {"distance_m", "backtrack_m"} <= figures["baselines"]["traditional"].keys()
    assert {"stow", "release", "route", "total"} <= figures["seconds"].keys()
    assert 0 < figures["saving_vs_traditional"] < 1


def test_an_outside_checker_recomputes_every_figure_from_the_files(folder: Path) -> None:
    assert list(OutsideChecker(folder).problems()) == []


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda run: run["path"].insert(1, [run["path"][0][0], run["path"][0][1] - 7]), "mm walked"),
        (lambda run: run["stops"][0].update(at=[1, 2]), "off the path"),
        (lambda run: run["stops"][0]["picks"][0].update(quantity=10**6), "orders and picks differ"),
    ],
)
def test_the_outside_checker_finds_damage(folder: Path, damage: object, told: str) -> None:
    checker = OutsideChecker(folder)
    assert callable(damage)
    damage(checker.routes["random"]["runs"][0])
    assert any(told in problem for problem in checker.problems())


def test_the_page_stands_alone_and_shows_every_way(folder: Path) -> None:
    page = (folder / "routes.html").read_text()
    assert page.count("<svg") >= 4
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    for title in ("Random storage", "Traditional", "Conventional", "Class-based"):
        assert title in page


def test_the_site_written_is_the_site_used(folder: Path, day: DemoDay) -> None:
    again = read_site((folder / "site.yaml").read_text())
    assert not isinstance(again, list)
    assert again.bins == day.site.bins


def test_the_floor_follows_the_demand_and_nothing_else() -> None:
    small, large = floor_size(5_000_000_000), floor_size(50_000_000_000)
    assert small.num_bays_in_all * BAY_VOLUME_MM3 * FILL >= 5_000_000_000 * COVER_DAYS
    assert large.num_bays_in_all > 8 * small.num_bays_in_all
    assert 1.2 < large.width_mm / large.depth_mm < 1.8
    floors = []
    volumes = set()
    for bins_per_product in (2, 5, 10):
        site = read_site(write_site(planned_site(5_000_000_000, bins_per_product, "test")))
        assert not isinstance(site, list)
        floors.append(site.floor)
        volumes.add(sum(site.bin_types[each.bin_type].volume_mm3 for each in site.bins))
    assert floors[0] == floors[1] == floors[2]
    assert len(volumes) == 1


def test_a_site_of_ones_own_keeps_its_storage_classes(sqlite_database: Database) -> None:
    demand = generated_demand(seed=4, num_orders=4, num_products=120)
    options = DemoOptions(PolicyName.SHORTEST, 2, seed=1, budget_ms=BUDGET_MS, site_file=DEFINITION)
    day = run_demo(sqlite_database, demand, options)
    assert day.site.code == "SMALL"
    assert day.num_units + sum(short.quantity for short in day.shorts) == demand.units.total()
    chilled = {each.code for each in day.site.bins if each.zone == "chilled"}
    assert chilled.isdisjoint(bin_code for bin_code, *_ in day.random.stock)
    assert all(short.reason for short in day.shorts)
    assert day.ledger.ok


def test_a_site_file_with_problems_is_refused(demand: DayDemand, sqlite_database: Database) -> None:
    with pytest.raises(SiteFileInvalid):
        run_demo(sqlite_database, demand, DemoOptions(site_file="code: X"))


def test_the_files_written_can_be_replayed(folder: Path, demand: DayDemand) -> None:
    again = demand_from_files(folder / "orders.csv", folder / "products.csv", None, seed=0)
    assert again.units == demand.units
    assert again.volume_mm3 == demand.volume_mm3
    fragile = {each.code for each in demand.products if each.fragile}
    goods, _ = again.as_arrays()
    assert {goods.codes[row] for row in goods.fragile} == fragile != set()
    assert again.size_rule.startswith("own sizes")
    with pytest.raises(ImportInvalid, match="1 bad rows"):
        demand_from_files(folder / "orders.csv", None, "1999-01-01", seed=0)


def test_the_command_reports_and_writes_its_files(folder: Path, tmp_path: Path) -> None:
    arguments = ["demo", "--orders", str(folder / "orders.csv"), "--products", str(folder / "products.csv")]
    arguments += ["--budget-ms", str(BUDGET_MS), "--bins-per-product", "2", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == 0
    figures = json.loads(done.stdout)
    assert figures["orders"] == 14
    assert list(OutsideChecker(tmp_path / "out").problems()) == []


def test_the_command_says_what_is_missing() -> None:
    done = CliRunner().invoke(app, ["demo", "--day", "2011-12-05"])
    assert done.exit_code == 1
    assert "need --orders" in done.output


@pytest.mark.shared_data
def test_a_month_of_foodmart_can_be_taken_as_one_day() -> None:
    folder = shared("data", "foodmart")
    demand = demand_from_files(folder / "sales_fact_dec_1998.csv", folder / "product.csv", "1998-12", seed=0)
    assert demand.lines.total() == 18_325
    assert demand.size_rule == "own sizes, from product.csv"


@pytest.mark.shared_data
@pytest.mark.slow
@pytest.mark.parametrize(("bins_per_product", "saving"), [(2, 0.5), (5, 0.6), (10, 0.7)])
def test_the_busiest_real_day_walks_much_less(sqlite_database: Database, bins_per_product: int, saving: float) -> None:
    demand = demand_from_files(
        shared("data", "uci_online_retail", "online_retail_2010-12_2011-12.csv.gz"),
        shared("data", "olist_products", "olist_products_dataset.csv"),
        None,
        seed=0,
    )
    assert demand.name.endswith("2011-12-05")
    day = run_demo(sqlite_database, demand, DemoOptions(bins_per_product=bins_per_product))
    assert day.random.backtrack_mm == day.random.backtrack_bound_mm
    assert day.ledger.ok
    assert summary(day)["saving_vs_traditional"] >= saving
