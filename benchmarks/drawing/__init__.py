"""Pictures that benchmarks draw for the documents."""
