"""The numbers of design section 6, measured: see benchmarks/README.md."""
