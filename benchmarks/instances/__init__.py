"""The published instances as benchmarks need them: their optima, their classes, and samples of them."""
