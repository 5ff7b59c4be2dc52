"""The tables of all floors, gathered here because only this floor may see every other.

`python -m api.schema NUMBER "What it does"` writes the migration step that is missing (see
docs/database.md).
"""

import importlib
import pkgutil
import sys

from sqlalchemy import MetaData

import inventory.tables
from warehouse.database.migrating import write_step
from warehouse.tables import metadata as gathered

importlib.import_module("api.tables")
for module in pkgutil.iter_modules(inventory.tables.__path__, "inventory.tables."):
    importlib.import_module(module.name)

metadata: MetaData = gathered
"""Every table there is."""

if __name__ == "__main__":
    write_step(metadata, *sys.argv[1:3])
