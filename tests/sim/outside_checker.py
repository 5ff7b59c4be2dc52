"""Recomputes a demonstration's figures from its files alone, with nothing of the product.

It knows only that aisles run along y and that their x are those of the bins in `bins.csv`.
"""

import csv
import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class OutsideChecker:
    """The files of one demonstration; `problems()` yields everything that does not fit together."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.routes: dict[str, Any] = json.loads((folder / "routes.json").read_text())
        self.summary: dict[str, Any] = json.loads((folder / "summary.json").read_text())
        self.at = {row["bin"]: (int(row["x_mm"]), int(row["y_mm"])) for row in self.table("bins.csv")}
        self.aisles = {x for x, _ in self.at.values()}
        ys = [y for _, y in self.at.values()]
        self.low, self.high = min(ys), max(ys)
        self.ordered = Counter[tuple[str, str]]()
        for row in self.table("orders.csv"):
            self.ordered[row["number"], row["product"]] += int(row["quantity"])
        self.size = {
            row["product"]: (
                int(row["length_mm"]) * int(row["width_mm"]) * int(row["height_mm"]),
                int(row["weight_g"]),
            )
            for row in self.table("products.csv")
        }

    def table(self, name: str) -> list[dict[str, str]]:
        with (self.folder / name).open(newline="") as file:
            return list(csv.DictReader(file))

    def walked_mm(self, name: str) -> tuple[int, int]:
        """Distance and backtrack over all runs of one way to pick, from the points alone."""
        distance = backtrack = 0
        for run in self.routes[name]["runs"]:
            passes: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
            for (x1, y1), (x2, y2) in zip(run["path"], run["path"][1:], strict=False):
                assert x1 == x2 or y1 == y2, "people walk along aisles and cross aisles"
                distance += abs(x1 - x2) + abs(y1 - y2)
                if x1 == x2 and x1 in self.aisles and y1 != y2:
                    passes[x1].append((min(y1, y2), max(y1, y2)))
            backtrack += sum(self.again_mm(each) for each in passes.values())
        return distance, backtrack

    def again_mm(self, passes: list[tuple[int, int]]) -> int:
        """How much of an aisle is walked again; the cross aisles it meets do not count."""
        cuts = sorted({y for each in passes for y in each})
        again = 0
        for low, high in itertools.pairwise(cuts):
            times = sum(a <= low and high <= b for a, b in passes)
            again += max(0, times - 1) * (high - low)
        return again

    def problems(self) -> Iterator[str]:
        stock_file = {"random": "stock.csv"}
        for name in ("random", *self.summary["baselines"]):
            own = self.summary if name == "random" else self.summary["baselines"][name]
            distance, backtrack = self.walked_mm(name)
            if (distance / 1000, backtrack / 1000) != (own["distance_m"], own["backtrack_m"]):
                yield f"{name}: {distance} and {backtrack} mm walked, not as reported"
            stock = Counter[tuple[str, str, str]]()
            for row in self.table(stock_file.get(name, f"stock_{name}.csv")):
                stock[row["bin"], row["product"], row["lot"]] += int(row["quantity"])
            yield from self.pick_problems(name, stock)
        saving = 1 - self.summary["distance_m"] / self.summary["baselines"]["traditional"]["distance_m"]
        if abs(saving - self.summary["saving_vs_traditional"]) > 1e-3:
            yield f"saving is {saving}"

    def pick_problems(self, name: str, stock: Counter[tuple[str, str, str]]) -> Iterator[str]:
        picked = Counter[tuple[str, str]]()
        for run in self.routes[name]["runs"]:
            totes: defaultdict[str, int] = defaultdict(int)
            weight = 0
            for stop in run["stops"]:
                if stop["at"] != run["path"][stop["path_index"]]:
                    yield f"{name} run {run['run']}: stop {stop['at']} is off the path"
                for pick in stop["picks"]:
                    if list(self.at[pick["bin"]]) != stop["at"]:
                        yield f"{name}: bin {pick['bin']} is not at {stop['at']}"
                    stock[pick["bin"], pick["product"], pick["lot"]] -= pick["quantity"]
                    picked[pick["order"], pick["product"]] += pick["quantity"]
                    volume, grams = self.size[pick["product"]]
                    totes[pick["tote"]] += pick["quantity"] * volume
                    weight += pick["quantity"] * grams
            if len(totes) > 12 or weight > 250_000 or max(totes.values()) > 60_000_000:
                yield f"{name} run {run['run']}: the cart is overloaded"
        if min(stock.values()) < 0:
            yield f"{name}: more is picked than lay there"
        short = Counter[tuple[str, str]]()
        if name == "random":
            for each in self.summary["shorts"]:
                short[each["order"], each["product"]] += each["quantity"]
        if picked + short != self.ordered:
            yield f"{name}: orders and picks differ"
