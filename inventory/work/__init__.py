"""One function for each thing that happens; none of them commits."""
