"""Pure decisions over frozen dataclasses and arrays: no database, no clock, no web."""
