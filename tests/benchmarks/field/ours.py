"""This package as a contestant, and the same written by hand in NumPy: ``python -m
tests.benchmarks.field.ours [by_hand]``, which is started by the command."""

import sys

from tests.benchmarks.field import PROBLEMS, problem
from tests.benchmarks.field.peers.worker import serve

if __name__ == "__main__":
    how = sys.argv[1]
    modules = {name: problem(name) for name in PROBLEMS}
    serve({name: getattr(module, how) for name, module in modules.items() if hasattr(module, how)})
