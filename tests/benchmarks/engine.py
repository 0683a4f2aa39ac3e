"""The engine against micrograd, and against itself at a million nodes: ``python -m
tests.benchmarks.engine``.

Every measurement is a process of its own (or micrograd's cyclic garbage would be collected on our
clock); rounds of all of them alternate, and a ratio is taken within each round, so that a drifting
machine drifts under both."""

import argparse
import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

ROWS, ALPHA, STEPS = 100, 1e-4, 7
CHAIN = 1_000_000
ENGINES = ("python", "native")


def moons() -> tuple[list[list[float]], list[int]]:
    """The demo's 100 points with labels -1 and 1."""
    from nn import moons

    data = moons(ROWS, noise=0.1, seed=1)
    return data.features, [2 * int(t) - 1 for t in data.targets]


def micrograd_step(Value: Any, Neuron: Any) -> Callable[[], Any]:
    """One forward pass of micrograd's moons demo, as its notebook writes it, from binary
    operations.
    """
    sizes = [2, 16, 16, 1]
    layers = [
        [Neuron(n, nonlin=i < 2) for _ in range(m)] for i, (n, m) in enumerate(pairwise(sizes))
    ]
    parameters = [p for layer in layers for neuron in layer for p in [*neuron.w, neuron.b]]
    X, y = moons()

    def model(x: list[Any]) -> Any:
        for layer in layers:
            x = [neuron(x) for neuron in layer]
        return x[0]

    def loss() -> Any:
        inputs = [list(map(Value, row)) for row in X]
        scores = [model(row) for row in inputs]
        losses = [(1 + -yi * score).relu() for yi, score in zip(y, scores, strict=True)]
        total = sum(losses) * (1.0 / len(losses)) + ALPHA * sum(p * p for p in parameters)
        for p in parameters:
            p.grad = 0
        return total

    return loss


class BinaryNeuron:
    """micrograd's neuron, on any engine's Value."""

    def __init__(self, Value: Any, nin: int, nonlin: bool) -> None:
        rng = Random(nin)
        self.w = [Value(rng.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0)
        self.nonlin = nonlin

    def __call__(self, x: list[Any]) -> Any:
        act = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return act.relu() if self.nonlin else act


def theirs() -> Callable[[], Any]:
    from micrograd.engine import Value

    return micrograd_step(Value, lambda nin, nonlin: BinaryNeuron(Value, nin, nonlin))


def binary() -> Callable[[], Any]:
    from autograd import Value

    return micrograd_step(Value, lambda nin, nonlin: BinaryNeuron(Value, nin, nonlin))


def ours() -> Callable[[], Any]:
    """The same network, loss and penalty through ``nn``."""
    from autograd import dot
    from nn import MLP, hinge

    model = MLP(2, [16, 16, 1], seed=1)
    parameters = model.parameters()
    X, y = moons()

    def loss() -> Any:
        total = hinge([model(row) for row in X], y) + ALPHA * dot(parameters, parameters)
        model.zero_grad()
        return total

    return loss


def readme(Value: Any) -> Callable[[], Any]:
    """The expression of micrograd's README."""

    def step() -> Any:
        a, b = Value(-4.0), Value(2.0)
        c = a + b
        d = a * b + b**3
        c += c + 1
        c += 1 + c + (-a)
        d += d * 2 + (b + a).relu()
        d += 3 * d + (b - a).relu()
        e = c - d
        f = e**2
        g = f / 2.0
        g += 10.0 / f
        return g

    return step


def oxigrad(network: bool) -> Callable[[], Any]:
    """The same in Rust: https://pypi.org/project/oxigrad."""
    from oxigrad.engine import Value

    if not network:
        return readme(Value)
    return micrograd_step(Value, lambda nin, nonlin: BinaryNeuron(Value, nin, nonlin))


def plain(of: str) -> Callable[[], Any]:
    """The expression on micrograd's Value or on ours."""
    if of == "micrograd":
        from micrograd.engine import Value
    else:
        from autograd import Value

    return readme(Value)


# By work: what is built, and how often it is run for one number.
STEPS_OF: dict[str, tuple[Callable[[], Callable[[], Any]], int]] = {
    "micrograd, moons": (theirs, 1),
    "binary": (binary, 1),
    "nn": (ours, 1),
    "oxigrad, moons": (lambda: oxigrad(True), 1),
    "micrograd, expression": (lambda: plain("micrograd"), 300),
    "expression": (lambda: plain("autograd"), 300),
    "oxigrad, expression": (lambda: oxigrad(False), 300),
}


def time_step(work: str) -> dict[str, float]:
    """Milliseconds of a step (forward, backward, free): the median of several, the first not
    counted.
    """
    make, repeats = STEPS_OF[work]
    step, times = make(), []
    for _ in range(STEPS + 1):
        began = time.process_time()
        for _ in range(repeats):
            loss = step()
            loss.backward()
            del loss
        times.append(1e3 * (time.process_time() - began) / repeats)
    return {"ms": statistics.median(times[1:])}


def time_chain(_: str) -> dict[str, float]:
    """Seconds of each phase of a chain of a million operations (x = x * k, x = x + c in turn), and
    bytes a node.
    """
    from autograd import Value

    k, c = Value(1.0000001), Value(1e-7)

    def build() -> Any:
        x = Value(0.5)
        for _ in range(CHAIN // 2):
            x = x * k + c
        return x

    began = time.perf_counter()
    y = build()
    built = time.perf_counter()
    y.backward()
    swept = time.perf_counter()
    del y
    freed = time.perf_counter()
    tracemalloc.start()
    y = build()
    y.backward()
    size = tracemalloc.get_traced_memory()[0]
    return {
        "build": built - began,
        "backward": swept - built,
        "free": freed - swept,
        "bytes": size / CHAIN,
    }


def time_fan(_: str) -> dict[str, float]:
    """Seconds of each phase of a million uses of one value, summed by one node."""
    from autograd import Value, total

    x = Value(0.5)
    began = time.perf_counter()
    y = total([x * 1.5 for _ in range(CHAIN // 2)])
    built = time.perf_counter()
    y.backward()
    swept = time.perf_counter()
    del y
    return {"build": built - began, "backward": swept - built, "free": time.perf_counter() - swept}


def time_import(_: str) -> dict[str, float]:
    """Milliseconds that ``import autograd`` adds to an interpreter, in alternating processes."""

    environment = {name: x for name, x in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def start(code: str) -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, env=environment)
        return 1e3 * (time.perf_counter() - began)

    start("import autograd")  # writes the compiled files
    pairs = [(start("pass"), start("import autograd")) for _ in range(11)]
    return {"ms": statistics.median(b - a for a, b in pairs)}


WORKS = {"chain": time_chain, "fan": time_fan, "import": time_import} | dict.fromkeys(
    STEPS_OF, time_step
)


def measured(work: str, collector: str, engine: str) -> dict[str, float]:
    """Run one measurement in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.engine", "--work", work]
    done = subprocess.run(
        [*command, "--collector", collector],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "GLASSGRAD_ENGINE": engine},
    )
    result: dict[str, float] = json.loads(done.stdout)
    return result


def compared(title: str, peer: str, works: list[str], rounds: int, collector: str) -> None:
    """Each work on both engines beside the peer; the ratios are taken within a round."""
    runs = [(peer, "python")] + [(work, engine) for work in works for engine in ENGINES]
    if find_spec("oxigrad"):
        runs.append((f"oxigrad, {peer.partition(', ')[2]}", "python"))
    table = [
        {run: measured(*run[:1], collector, run[1])["ms"] for run in runs} for _ in range(rounds)
    ]
    print(f"\n{title}, garbage collector {collector}")
    for run in runs:
        ratio = statistics.median(row[runs[0]] / row[run] for row in table)
        name = run[0] if "," in run[0] else f"{run[0]}, {run[1]}"
        ms = statistics.median(row[run] for row in table)
        print(f"  {name:<24} {ms:10.4f} ms   {ratio:7.1f} times as fast")


def report(rounds: int) -> None:
    print(
        f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores; "
        f"medians of {rounds} rounds; {platform.python_compiler()}"
    )
    for collector in ("on", "off"):
        title = "one step of micrograd's moons demo"
        compared(title, "micrograd, moons", ["binary", "nn"], rounds, collector)
        title = "the expression of micrograd's README"
        compared(title, "micrograd, expression", ["expression"], rounds, collector)
    for work in ("chain", "fan", "import"):
        print(f"\n{(WORKS[work].__doc__ or '').splitlines()[0]}")
        for engine in ENGINES:
            runs = [measured(work, "on", engine) for _ in range(rounds)]
            figures = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
            shown = (f"{k} {x:.0f}" if x > 10 else f"{k} {x:.3f}" for k, x in figures.items())
            print(f"  {engine:<8} {', '.join(shown)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", choices=WORKS, help=argparse.SUPPRESS)
    parser.add_argument("--collector", choices=("on", "off"), default="on", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        if given.collector == "off":
            gc.disable()
        print(json.dumps(WORKS[given.work](given.work)))
    else:
        report(given.rounds)


if __name__ == "__main__":
    main()
