"""Writes small instances in the format of Henn and Waescher."""

from collections.abc import Sequence

FACTS = """NAME : tiny.txt
TYPE : Order_batching
PICKER_CAPACITY : {capacity}
LAYOUT : single-block
NUM_AISLES : {num_aisles}
NUM_CELLS : {num_cells}
DEPOT_AISLE : 0
DEPOT_LOCATION : bottom
DISTANCE_AISLE_TO_AISLE : 5
DISTANCE_CELL_TO_CELL : 1
DISTANCE_TOP_TO_CELL : 1.5
DISTANCE_BOTTOM_TO_CELL : 1.5
DISTANCE_TOP_OR_BOTTOM_TO_DEPOT : 0
"""


def henn_text(orders: Sequence[Sequence[tuple[int, int]]], *, num_aisles: int, num_cells: int, capacity: int) -> str:
    """An instance whose orders want one unit each of what lies at (aisle, cell)."""
    cells = sorted({cell for order in orders for cell in order})
    number = {cell: index for index, cell in enumerate(cells)}
    rows = [FACTS.format(num_aisles=num_aisles, num_cells=num_cells, capacity=capacity), "SKU_SECTION"]
    rows += [f"ID {number[aisle, cell]} AISLE {aisle} CELL {cell} QUANTITY 1" for aisle, cell in cells]
    rows += ["ORDER_SECTION", f"NUM_ORDERS : {len(orders)}"]
    for order in orders:
        rows.append(f"NUM_ARTICLES_IN_ORDER : {len(order)}")
        rows += [f"ID {number[cell]} QUANTITY 1" for cell in order]
    return "\n".join([*rows, "EOF", ""])
