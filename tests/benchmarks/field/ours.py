"""This package as a contestant, and the same written by hand in NumPy: ``python -m
tests.benchmarks.field.ours [by_hand | ours | ENGINE]``, which is started by the command."""

import sys
from functools import partial

from autograd import record
from autograd.recording.backends import ENGINES
from tests.benchmarks.field import PROBLEMS, problem
from tests.benchmarks.field.peers.worker import serve

if __name__ == "__main__":
    how = sys.argv[1]
    modules = {name: problem(name) for name in PROBLEMS}
    if how in ENGINES:
        for module in modules.values():
            module.record = partial(record, engine=how)
        how = "ours"
    serve({name: getattr(module, how) for name, module in modules.items() if hasattr(module, how)})
