"""Timings against peers (``pip install '.[bench]'``): ``python -m tests.benchmarks.engine``."""
