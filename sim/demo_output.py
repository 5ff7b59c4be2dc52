"""What a demonstration leaves behind: files from which anybody can recompute all of its figures.

`docs/demo.md` describes every file and column.
"""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from sim.demo import DemoDay, Walking
from sim.walked_run import WalkedRun
from warehouse.bins import Bin, Site
from warehouse.drawing import DrawnStop, floor_svg
from warehouse.floor import EdgeKind, Spot

NUM_RUNS_DRAWN = 6
"""Runs drawn of each way of picking: the median one and others around it; more would fill tens of MB."""


def summary(day: DemoDay) -> dict[str, Any]:
    """The figures of the day; `docs/demo.md` explains the keys."""
    random = day.random
    traditional = next(each for each in day.baselines if each.name == "traditional")
    num_lines = sum(len(order.lines) for order in day.demand.orders)
    return {
        "demand": day.demand.name,
        "policy": day.options.policy.value,
        "bins_per_product": day.options.bins_per_product,
        "seed": day.options.seed,
        "orders": len(day.demand.orders),
        "lines": num_lines,
        "units": day.num_units,
        "products": len(day.demand.products),
        "runs": len(random.runs),
        "distance_m": random.distance_mm / 1000,
        "distance_per_line_m": round(random.distance_mm / 1000 / num_lines, 3),
        "backtrack_m": random.backtrack_mm / 1000,
        "backtrack_unavoidable_m": random.backtrack_bound_mm / 1000,
        "routes_verified": random.num_verified,
        "routes_proven": sum(run.route.certificate.proven for run in random.runs),
        "baselines": {each.name: _baseline(each) for each in day.baselines},
        "saving_vs_traditional": _saving(random, traditional),
        "shorts": [
            {
                "order": short.order,
                "line": short.line_number,
                "product": short.product,
                "quantity": short.quantity,
                "reason": short.reason,
            }
            for short in day.shorts
        ],
        "set_aside": day.demand.counted,
        "unplaced": list(day.unplaced),
        "bins": len(day.site.bins),
        "bins_used": day.num_bins_used,
        "ledger": {"ok": day.ledger.ok, "movements": day.ledger.movements, "balances": day.ledger.balances},
        "rules": list(day.rules),
        "seconds": {name: round(seconds, 2) for name, seconds in day.seconds.items()},
    }


def _baseline(walking: Walking) -> dict[str, Any]:
    return {
        "distance_m": walking.distance_mm / 1000,
        "backtrack_m": walking.backtrack_mm / 1000,
        "runs": len(walking.runs),
        "routes_verified": walking.num_verified,
        "lines_short": walking.num_short,
    }


def _saving(random: Walking, traditional: Walking) -> float:
    """How much less is walked, as a fraction; 0 where nothing is walked at all."""
    if not traditional.distance_mm:
        return 0.0
    return round(1 - random.distance_mm / traditional.distance_mm, 4)


def write_output(day: DemoDay, folder: Path) -> None:
    """Write every file of a day into `folder`, which is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    walkings = (day.random, *day.baselines)
    (folder / "site.yaml").write_text(day.site.definition, encoding="utf-8")
    _write_csv(folder / "bins.csv", ("bin", "x_mm", "y_mm", "volume_mm3", "load_g"), _bins(day.site))
    stock_header = ("bin", "product", "lot", "quantity")
    _write_csv(folder / "stock.csv", stock_header, day.random.stock)
    for baseline in day.baselines:
        _write_csv(folder / f"stock_{baseline.name}.csv", stock_header, baseline.stock)
    _write_csv(folder / "orders.csv", ("number", "placed", "product", "quantity"), _orders(day))
    _write_csv(folder / "products.csv", _PRODUCT_COLUMNS, _products(day))
    routes = {each.name: _walking_document(each) for each in walkings}
    (folder / "routes.json").write_text(json.dumps({"format": "onward.demo_routes", "version": 1, **routes}))
    (folder / "summary.json").write_text(json.dumps(summary(day), indent=1))
    (folder / "routes.html").write_text(_page(day, walkings), encoding="utf-8")


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def _bins(site: Site) -> Iterable[Sequence[object]]:
    for each in site.bins:
        x_mm, y_mm = site.floor.point_mm(each.spot)
        size = site.bin_types[each.bin_type]
        yield each.code, round(x_mm), round(y_mm), size.volume_mm3, size.load_g


def _orders(day: DemoDay) -> Iterable[Sequence[object]]:
    for order in day.demand.orders:
        placed = "" if order.placed is None else order.placed.isoformat()
        for line in order.lines:
            yield order.number, placed, line.product, line.quantity


_PRODUCT_COLUMNS = (
    "product", "name", "length_mm", "width_mm", "height_mm", "weight_g", "storage_class", "barcode", "fragile",
)  # fmt: skip


def _products(day: DemoDay) -> Iterable[Sequence[object]]:
    for each in day.demand.products:
        size = each.size
        sides = (size.length_mm, size.width_mm, size.height_mm)
        fragile = "yes" if each.fragile else "no"
        yield each.code, each.name, *sides, size.weight_g, each.storage_class.value, " ".join(each.barcodes), fragile


def _walking_document(walking: Walking) -> dict[str, Any]:
    return {"policy": walking.policy.value, "runs": [_run_document(run) for run in walking.runs]}


def _run_document(run: WalkedRun) -> dict[str, Any]:
    """A run: the points walked through, what each stretch between them is, and the stops."""
    floor, route = run.problem.floor, run.route
    certificate = route.certificate

    def point(spot: Spot) -> list[int]:
        x_mm, y_mm = floor.point_mm(spot)
        return [round(x_mm), round(y_mm)]

    taken: dict[int, list[dict[str, Any]]] = {}
    for each in run.taken:
        taken.setdefault(each.stop, []).append(
            {
                "bin": each.bin,
                "product": each.product,
                "lot": each.lot,
                "quantity": each.quantity,
                "order": each.order,
                "line": each.line,
                "tote": each.tote,
            }
        )
    return {
        "run": run.name,
        "distance_mm": certificate.distance_mm,
        "backtrack_mm": certificate.backtrack_mm,
        "backtrack_bound_mm": certificate.backtrack_bound_mm,
        "distance_bound_mm": certificate.distance_bound_mm,
        "proven": certificate.proven,
        "path": [point(route.start), *(point(Spot(leg.edge, leg.to_mm)) for leg in route.legs)],
        "stretches": [
            {
                "edge": leg.edge,
                "from_mm": leg.from_mm,
                "to_mm": leg.to_mm,
                "aisle": floor.edges[leg.edge].kind is EdgeKind.AISLE,
            }
            for leg in route.legs
        ],
        "stops": [
            {"path_index": stop.after_leg, "at": point(stop.spot), "picks": taken.get(number, [])}
            for number, stop in enumerate(route.stops)
        ],
    }


def _page(day: DemoDay, walkings: Sequence[Walking]) -> str:
    """The report with pictures, one file that needs nothing else."""
    environment = Environment(
        loader=PackageLoader("sim"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    bins = {each.code: each for each in day.site.bins}
    sections = [
        {
            "walking": walking,
            "policy": walking.policy.replace("_", " "),
            "title": TITLES[walking.name],
            "drawn": [(run, _drawing(day.site, bins, run)) for run in typical_runs(walking.runs)],
        }
        for walking in walkings
    ]
    longest_mm = max(1, *(walking.distance_mm for walking in walkings))
    return environment.get_template("routes.html").render(
        day=day, figures=summary(day), sections=sections, longest_mm=longest_mm
    )


TITLES = {
    "random": "Random storage, bins and path chosen together",
    "traditional": "Traditional: fixed places, one order a trip, S-shape",
    "conventional": "Conventional: fixed places, batched, S-shape",
    "class_based": "Class-based: fast movers near the carts, batched, shortest routes",
}


def typical_runs(runs: Sequence[WalkedRun]) -> list[WalkedRun]:
    """A few runs spread evenly from the shortest to the longest."""
    ranked = sorted(runs, key=lambda run: run.route.certificate.distance_mm)
    num = min(NUM_RUNS_DRAWN, len(ranked))
    return [ranked[(2 * number + 1) * len(ranked) // (2 * num)] for number in range(num)]


def _drawing(site: Site, bins: dict[str, Bin], run: WalkedRun) -> str:
    stops = [
        DrawnStop(
            stop.spot,
            ", ".join(f"{pick.quantity} of {pick.line} from {pick.bin}" for pick in stop.picks),
            bins[stop.picks[0].bin].side if stop.picks else None,
        )
        for stop in run.route.stops
    ]
    return floor_svg(
        site.floor,
        bins=site.bins,
        stations=site.stations,
        legs=run.route.legs,
        stops=stops,
        start=run.route.start,
        end=run.route.end,
    )
