"""Measurements, printed as tables. Ratios within one run count; absolute times belong to a machine."""
