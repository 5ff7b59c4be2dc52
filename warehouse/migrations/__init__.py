"""The steps that bring a database up to date; `warehouse.database.migrating` runs them."""
