"""Recorded programs against their peers, on one core: ``python -m tests.benchmarks.replay`` (extra
``bench``).

Everything runs in one process, round after round, each contestant in each round, so that a drifting
machine drifts under all; a ratio is taken within each round, and the median of the rounds is shown.
All contestants compute the loss of micrograd's moons demo (MLP 2-16-16-1, hinge loss, L2 term) and
its gradient by the 337 parameters, and are checked against one another first. ``--svg FILE`` also
draws how cost grows."""

import argparse
import gc
import os
import statistics
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from math import prod
from random import Random
from typing import Any

os.environ |= {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}

import numpy as np

from autograd import Value, dot, record, relu, tanh
from demos.digits import EPOCHS, digits
from nn import MLP
from nn.plotting.mpl import save
from nn.plotting.mpl.figure import MARKERS, colour, drawn, figure, logarithmic
from tests import random_graphs as graphs

STEPS, RATE, ALPHA = 100, 0.1, 1e-4
Sizes = tuple[int, ...]
Step = Callable[[], Any]


class Net:
    """A network's numbers and data, in the forms that contestants want."""

    def __init__(self, sizes: Sizes, rows: int) -> None:
        self.sizes = sizes
        rng = np.random.default_rng(0)
        self.X = rng.normal(size=(rows, sizes[0]))
        self.y = np.sign(self.X[:, 0] * self.X[:, 1] + 0.1)
        self.W = [rng.uniform(-1, 1, size=(m, n)) / n**0.5 for n, m in pairwise(sizes)]
        self.b = [np.zeros((m, 1)) for m in sizes[1:]]

    def model(self) -> MLP:
        """Ours, with these numbers."""
        model = MLP(self.sizes[0], list(self.sizes[1:]))
        for layer, W in zip(model.layers, self.W, strict=True):
            for neuron, row in zip(layer.neurons, W, strict=True):
                for w, x in zip(neuron.w, row, strict=True):
                    w.data = float(x)
        return model

    def flat(self) -> list[float]:
        """All numbers, neuron by neuron: the weights, then the bias."""
        rows = [
            [*row, b[i, 0]] for W, b in zip(self.W, self.b, strict=True) for i, row in enumerate(W)
        ]
        return [float(x) for row in rows for x in row]


def recorded(net: Net, engine: str = "auto") -> Any:
    """Our program."""
    model = net.model()
    parameters = model.parameters()

    def loss(x: Any, y: Any) -> Any:
        return relu(1 - y * model(x)) + ALPHA * dot(parameters, parameters)

    return record(loss, [0.0] * net.sizes[0], 1.0, engine=engine)


def ours(net: Net, engine: str = "auto") -> Step:
    """One loss and gradient of a program, the parameters in one array."""
    program = recorded(net, engine)
    at = np.array([p.data for p in program.parameters])
    return lambda: program.parameter_grad(net.X, net.y, at=at)


def by_hand(net: Net) -> Step:
    """The same in NumPy as one would write it."""
    X, y, W, b, rows = np.ascontiguousarray(net.X.T), net.y, net.W, net.b, len(net.y)

    def step() -> Any:
        activations = [X]
        for k, (weights, bias) in enumerate(zip(W, b, strict=True)):
            z = weights @ activations[-1] + bias
            activations.append(np.maximum(z, 0) if k < len(W) - 1 else z)
        margin = 1 - y * activations[-1][0]
        loss = np.maximum(margin, 0).mean()
        d = ((margin > 0) * (y * (-1.0 / rows)))[None]
        grads = []
        for k in range(len(W) - 1, -1, -1):
            loss += ALPHA * ((W[k] * W[k]).sum() + (b[k] * b[k]).sum())
            grads.append(
                (
                    d @ activations[k].T + 2 * ALPHA * W[k],
                    d.sum(1, keepdims=True) + 2 * ALPHA * b[k],
                )
            )
            if k:
                d = (W[k].T @ d) * (activations[k] > 0)
        return loss, grads

    return step


def scalar_loss(net: Net, weights: Any, x: Any, y: Any, maximum: Any) -> Any:
    """The loss of one row from binary operations on whatever the weights are, without L2."""
    at = 0
    for k, (n, m) in enumerate(pairwise(net.sizes)):
        outputs = []
        for _ in range(m):
            z = weights[at + n]
            for i in range(n):
                z = z + weights[at + i] * x[i]
            outputs.append(maximum(z) if k < len(net.sizes) - 2 else z)
            at += n + 1
        x = outputs
    return maximum(1 - y * x[0])


def micrograd(net: Net) -> Step:
    """micrograd, as its demo notebook does it."""
    from micrograd.engine import Value as Micro

    weights = [Micro(x) for x in net.flat()]

    def step() -> Any:
        for w in weights:
            w.grad = 0
        losses = [
            scalar_loss(net, weights, [Micro(v) for v in row], y, lambda z: z.relu())
            for row, y in zip(net.X.tolist(), net.y.tolist(), strict=True)
        ]
        loss = sum(losses) * (1.0 / len(losses)) + ALPHA * sum(w * w for w in weights)
        loss.backward()
        return loss.data, [w.grad for w in weights]

    return step


def xad(net: Net) -> Step:
    """xad's tape, recorded anew for every step as its Python interface does."""
    import xad.adj_1st as adjoint
    import xad.math as functions

    numbers = net.flat()

    def step() -> Any:
        with adjoint.Tape() as tape:
            weights = [adjoint.Real(x) for x in numbers]
            for w in weights:
                tape.registerInput(w)
            tape.newRecording()
            loss: Any = 0.0
            for row, y in zip(net.X.tolist(), net.y.tolist(), strict=True):
                loss = loss + scalar_loss(net, weights, row, y, lambda z: functions.max(z, 0.0))
            loss = loss * (1.0 / len(net.y))
            for w in weights:
                loss = loss + ALPHA * (w * w)
            tape.registerOutput(loss)
            loss.setDerivative(1.0)
            tape.computeAdjoints()
            return loss.getValue(), [w.getDerivative() for w in weights]

    return step


def casadi(net: Net) -> Step:
    """casadi: the scalar graph of one row and its gradient, mapped over the rows."""
    import casadi as ca

    count = len(net.flat())
    w, x, y = ca.SX.sym("w", count), ca.SX.sym("x", net.sizes[0]), ca.SX.sym("y")
    loss = scalar_loss(net, w, x, y, lambda z: ca.fmax(z, 0)) + ALPHA * ca.dot(w, w)
    function = ca.Function("f", [w, x, y], [loss, ca.gradient(loss, w)]).map(len(net.y))
    W = np.repeat(np.array(net.flat())[:, None], len(net.y), axis=1)
    XT, Y = np.ascontiguousarray(net.X.T), net.y[None]

    def step() -> Any:
        losses, grads = function(W, XT, Y)
        return float(ca.sum2(losses)) / len(net.y), np.array(ca.sum2(grads))[:, 0] / len(net.y)

    return step


def jax_scalar(net: Net) -> Step:
    """JAX: jit of value_and_grad of the same scalar code, vmapped over the rows."""
    import jax

    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy

    def loss(w: Any, X: Any, y: Any) -> Any:
        rows = jax.vmap(lambda x, t: scalar_loss(net, w, x, t, lambda z: jnp.maximum(z, 0.0)))(X, y)
        return rows.mean() + ALPHA * (w * w).sum()

    function = jax.jit(jax.value_and_grad(loss))
    w, X, y = jnp.array(net.flat()), jnp.array(net.X), jnp.array(net.y)
    return lambda: jax.block_until_ready(function(w, X, y))


def torch(net: Net) -> Step:
    """PyTorch: eager matrices."""
    import torch as library

    library.set_num_threads(1)
    W = [library.tensor(w, requires_grad=True) for w in net.W]
    b = [library.tensor(x, requires_grad=True) for x in net.b]
    X, y = library.tensor(net.X.T.copy()), library.tensor(net.y)

    def step() -> Any:
        for p in (*W, *b):
            p.grad = None
        a = X
        for k, (weights, bias) in enumerate(zip(W, b, strict=True)):
            a = weights @ a + bias
            a = a.relu() if k < len(W) - 1 else a
        loss = (1 - y * a[0]).relu().mean() + ALPHA * sum((p * p).sum() for p in (*W, *b))
        loss.backward()
        return float(loss.detach()), None

    return step


def alternated(contestants: dict[str, Step], rounds: int, budget: float) -> dict[str, list[float]]:
    """Seconds of CPU a step for each contestant in each round, which are about the budget."""
    repeats = {}
    for name, step in contestants.items():
        began = time.process_time()
        step()
        repeats[name] = max(1, min(500, int(budget / (time.process_time() - began + 1e-9))))
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, step in contestants.items():
            began = time.process_time()
            for _ in range(repeats[name]):
                step()
            times[name].append((time.process_time() - began) / repeats[name])
    return times


def ratio(times: dict[str, list[float]], a: str, b: str) -> float:
    """The median over the rounds of a's time as a multiple of b's."""
    return statistics.median(x / y for x, y in zip(times[a], times[b], strict=True))


def compared(
    net: Net, contestants: dict[str, Callable[[Net], Step]], rounds: int, budget: float = 0.05
) -> Any:
    """Build, check and alternate contestants; the building (with the first step) is timed too."""
    steps, built = {}, {}
    for name, make in contestants.items():
        began = time.perf_counter()
        steps[name] = make(net)
        loss = float(steps[name]()[0])
        built[name] = time.perf_counter() - began
        assert abs(loss - by_hand(net)()[0]) < 1e-6, f"{name} computes another loss: {loss}"
    gc.collect()
    gc.freeze()  # or the collector would walk what the others have imported on micrograd's time
    return alternated(steps, rounds, budget), built


def shown(title: str, times: dict[str, list[float]], built: dict[str, float], base: str) -> None:
    """A table: time a step, multiple of the base, time to build."""
    print(f"\n{title}\n{'':28}{'a step':>12}{'x ' + base:>14}{'to build':>12}")
    for name in times:
        step = statistics.median(times[name])
        print(
            f"{name:28}{step * 1e6:>9.0f} "
            f"µs{ratio(times, name, base):>14.2f}{built[name] * 1e3:>9.1f} ms"
        )


def chosen(rounds: int) -> None:
    """What "auto" takes beside each engine that is named by hand."""
    for widths in ((2, 16, 16, 1), (16, 64, 64, 1)):
        for rows in (1, 100, 10_000):
            net, names = Net(widths, rows), ["auto", "native", "numpy", "python"]
            few = names if rows * len(net.flat()) < 1e5 else names[:-1]
            steps = {name: partial(ours, engine=name) for name in few}
            times, built = compared(net, steps, rounds)
            best = {name: min(each) for name, each in times.items()}
            off = best["auto"] / min(best[name] for name in few[1:])
            words = "-".join(map(str, widths))
            shown(
                f"{words}, {rows:,} samples: auto takes {off:.2f} of the best", times, built, "auto"
            )


def whole_job(rounds: int) -> None:
    """100 steps of gradient descent on moons, recording and compiling included, against one step of
    micrograd.
    """
    net = Net((2, 16, 16, 1), 100)
    slow = micrograd(net)

    def job(engine: str) -> float:
        began = time.perf_counter()
        program = recorded(net, engine)
        at = np.array([p.data for p in program.parameters])
        for _ in range(STEPS):
            at -= RATE * program.parameter_grad(net.X, net.y, at=at)[1]
        for p, x in zip(program.parameters, at.tolist(), strict=True):
            p.data = x
        return time.perf_counter() - began

    multiples: dict[str, list[tuple[float, float]]] = {"numpy": [], "native": []}
    job("native")
    for _ in range(rounds):
        steps = []
        for collect in (gc.enable, gc.disable):
            collect()
            began = time.perf_counter()
            slow()
            steps.append((time.perf_counter() - began) * STEPS)
        gc.enable()
        for engine in multiples:
            ours = job(engine)
            multiples[engine].append((steps[0] / ours, steps[1] / ours))
    print(
        f"\nWhole job, {STEPS} steps of moons, recording included, x micrograd's speed ({STEPS} x "
        "one step of it)"
    )
    for engine, times in multiples.items():
        on, off = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"{engine:28}{on:>9,.0f} x with its collector on,{off:>9,.0f} x off")


def digits_by_micrograd(rounds: int) -> None:
    """What the demo of digits would take in micrograd, from a step that is measured on one image.

    micrograd has no logarithm: squared errors stand in for the cross-entropy, which favours it.
    """
    from micrograd.engine import Value as Micro

    sizes = (64, 32, 10)
    weights = [Micro(x) for x in Net(sizes, 1).flat()]

    def step() -> Any:
        x: list[Any] = [Micro(0.5) for _ in range(64)]
        at = 0
        for k, (n, m) in enumerate(pairwise(sizes)):
            rows = [weights[at + i * (n + 1) : at + (i + 1) * (n + 1)] for i in range(m)]
            sums = [sum((w * v for w, v in zip(row[:-1], x, strict=True)), row[-1]) for row in rows]
            x = [z.relu() for z in sums] if k == 0 else sums
            at += m * (n + 1)
        loss = sum((z - 1.0) ** 2 for z in x)
        loss.backward()
        return loss.data

    image = statistics.median(alternated({"image": step}, rounds, 0.05)["image"])
    images = len(digits().split(0.2)[0]) * EPOCHS
    print(
        f"\nThe digits demo in micrograd: {images:,} images of {image * 1e3:.1f} ms, "
        f"{images * image / 60:.0f} minutes"
    )


def chains() -> list[tuple[int, float, float]]:
    """Operations, microseconds (of CPU) of recording and compiling for each, nanoseconds of a
    replay for each.
    """
    figures = []
    for count in (100, 1_000, 10_000, 100_000, 1_000_000):

        def chain(x: Any, count: int = count) -> Any:
            for _ in range(count // 2):
                x = x * 0.999 + 0.001
            return x

        began = time.process_time()  # what else the machine does is not on its account
        program = record(chain, 0.5)
        program.value_and_grad(0.5)
        built = time.process_time() - began
        times = alternated({"run": lambda program=program: program.value_and_grad(0.5)}, 5, 0.05)[
            "run"
        ]
        figures.append((count, built / count * 1e6, min(times) / count * 1e9))
    return figures


def calls() -> dict[str, dict[int, float]]:
    """What a call of a program costs: microseconds by the number of its parameters."""
    rows = np.linspace(-1.0, 1.0, 100)
    given = {"floats": (0.5, 0.25), "arrays of 100 samples": (rows, rows)}
    found: dict[str, dict[int, float]] = {}
    for count in (0, 3, 300):
        weights = [Value(0.01 * i) for i in range(count)]

        def f(x: Any, y: Any, weights: list[Any] = weights) -> Any:
            return tanh(x) * y + dot(weights, weights) * x if weights else tanh(x) * y

        program = record(f, 0.0, 0.0)
        methods: dict[str, Any] = {"program(x, y)": program}
        methods["value_and_grad(x, y)"] = program.value_and_grad
        if weights:
            methods["parameter_grad(x, y)"] = program.parameter_grad
            methods["backward(x, y)"] = program.backward
        steps = {
            f"{name}, {what}": partial(method, *args)
            for name, method in methods.items()
            for what, args in given.items()
        }
        for step in steps.values():  # machine code comes with the second call
            step()
            step()
        for name, times in alternated(steps, 25, 0.002).items():
            found.setdefault(name, {})[count] = min(times) * 1e6
    return found


def recordings() -> list[tuple[int, float]]:
    """Scalar nodes of networks, and microseconds (of CPU) of recording and compiling for each."""
    figures = []
    for sizes in (
        (2, 4, 1),
        (2, 16, 16, 1),
        (16, 64, 64, 1),
        (64, 256, 128, 1),
        (256, 512, 128, 1),
    ):
        net = Net(sizes, 1)
        model = net.model()
        began = time.process_time()
        loss = lambda x, y, model=model: relu(1 - y * model(x))  # noqa: E731
        program = record(loss, [0.0] * sizes[0], 1.0)
        program.parameter_grad(net.X, net.y)
        nodes = 2 * sum(prod(pair) for pair in pairwise(sizes)) + 2 * sum(sizes[1:])
        figures.append((nodes, (time.process_time() - began) / nodes * 1e6))
    return figures


def as_written(plan: graphs.Plan, numbers: type[Value] | None) -> Callable[..., Any]:
    """A drawn graph as the function that a user would write, compiled anew: a line an operation,
    with its numbers in the code, or each a parameter."""
    words: dict[str, Any] = dict(graphs.FUNCTIONS)
    names, lines, used = ["x", "y", "z"], ["def f(x, y, z):"], set[int]()
    for i, node in enumerate(plan[3:], 3):
        if isinstance(node, graphs.Step):
            names.append(f"v{i}")
            used.update(node.operands)
            lines.append(f"    v{i} = {_written(node, names)}")
        else:
            names.append(f"({node!r})" if numbers is None else f"w{i}")
            words[f"w{i}"] = numbers and numbers(node)
    ends = [names[i] for i in range(3, len(plan)) if i not in used]
    lines.append(f"    return total([{', '.join(ends)}])")
    exec("\n".join(lines), words)
    return words["f"]  # type: ignore[no-any-return]


def _written(step: graphs.Step, names: list[str]) -> str:
    """A step as an expression of the names of its operands."""
    op, groups = step.op, [[names[i] for i in group] for group in step.groups]
    of = [name for group in groups for name in group]
    if op.name == "choose":
        return f"where({of[0]} < {of[1]}, {of[0]}, {of[1]})"
    if op.name == "where":
        return f"where(True, {of[0]}, {of[1]})"
    if len(of) == 2 and (op.operator or op.name == "pow"):
        return f"{of[0]} {op.symbol} {of[1]}"
    if op.name == "power":
        return f"{of[0]} ** {step.constants[0]}"
    pairs = zip(op.operands, groups, strict=True)
    given = [f"[{', '.join(many)}]" if n[0] == "*" else ", ".join(many) for n, many in pairs]
    return f"{op.name}({', '.join([*filter(None, given), *map(repr, step.constants)])})"


def random_graphs() -> list[tuple[str, int, float, float, float]]:
    """Graphs that are drawn from the whole table, as code: what its numbers are, and how many
    operations are recorded; for each operation microseconds (of CPU, the best of five, each of code
    that never ran) of recording and compiling, and of these what f itself takes twice; bytes at
    most."""
    figures, at = [], (0.3, -0.4, 0.8)

    def spent(step: Step) -> tuple[float, Any]:
        gc.collect()  # what was left before is not on its account
        began = time.process_time()
        made = step()
        return time.process_time() - began, made

    def compiled(f: Any) -> Any:
        program = record(f, *at)
        program.value_and_grad(*at)
        return program

    for size in (300, 1_000, 5_000):
        plan = graphs.drawn(Random(size), size, [[x] for x in at])
        for what, numbers in (("numbers", None), ("parameters", Value)):
            fs = [as_written(plan, numbers) for _ in range(11)]
            tracemalloc.start()
            rows = record(fs.pop(), *at).graph.rows
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            count = sum(row is not None for row in rows)
            built = min(spent(partial(compiled, fs.pop()))[0] for _ in range(5))
            alone = 2 * min(spent(partial(fs.pop(), *map(Value, at)))[0] for _ in range(5))
            figures.append((what, count, built / count * 1e6, alone / count * 1e6, most / count))
    return figures


def batches() -> list[tuple[int, float]]:
    """Rows of a batch, and nanoseconds for each of them, scalar node by scalar node."""
    figures = []
    for rows in (1, 10, 100, 1_000, 10_000, 100_000):
        net = Net((2, 16, 16, 1), rows)
        times = alternated({"run": ours(net)}, 3, 0.05)["run"]
        figures.append((rows, min(times) / rows / 651 * 1e9))
    return figures


@drawn
def growth(chain: Any, recording: Any, batch: Any) -> Any:
    """How cost grows with the graph and with the batch."""
    made, (left, right) = figure(1, 2, size=(9, 3.8))
    curves = {
        "record a chain": [(n, us * 1000) for n, us, _ in chain],
        "record a network": [(n, us * 1000) for n, us in recording],
        "replay a chain, one sample": [(n, ns) for n, _, ns in chain],
    }
    for k, (name, points) in enumerate(curves.items()):
        left.plot(*zip(*points, strict=True), MARKERS[k] + "-", color=colour(k), label=name)
    left.set(xlabel="scalar operations", ylabel="ns an operation", title="by the size of the graph")
    right.plot(
        *zip(*batch, strict=True),
        MARKERS[4] + "-",
        color=colour(4),
        label="value and gradient of MLP 2-16-16-1",
    )
    right.set(
        xlabel="samples in the batch",
        ylabel="ns a sample and operation",
        title="by the size of the batch",
    )
    for ax in (left, right):
        for which, lines in (
            ("x", [line.get_xdata() for line in ax.lines]),
            ("y", [x.get_ydata() for x in ax.lines]),
        ):
            logarithmic(ax, which, (0.7 * min(map(min, lines)), 1.4 * max(map(max, lines))))
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)
    return made


def main() -> None:
    """Everything that README's table says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--svg", help="draw how cost grows into this file")
    parser.add_argument("--engines", action="store_true", help="only auto beside each engine")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    if options.engines:
        return chosen(options.rounds)
    net = Net((2, 16, 16, 1), 100)
    everyone = {
        "hand-written NumPy": by_hand,
        "glassgrad, numpy": lambda net: ours(net, "numpy"),
        "glassgrad, native": lambda net: ours(net, "native"),
        "torch, eager matrices": torch,
        "jax, jit of the scalar code": jax_scalar,
        "casadi, map": casadi,
        "xad": xad,
        "micrograd": micrograd,
    }
    times, built = compared(net, everyone, options.rounds)
    shown("MLP 2-16-16-1, 100 samples: loss and gradient", times, built, "hand-written NumPy")
    total_jax = built["jax, jit of the scalar code"] + STEPS * statistics.median(
        times["jax, jit of the scalar code"]
    )
    total_ours = built["glassgrad, numpy"] + STEPS * statistics.median(times["glassgrad, numpy"])
    print(
        f"jax with its compilation and {STEPS} steps takes {total_jax / total_ours:.0f} times as "
        "long as ours (numpy)"
    )
    for rows in (1, 10_000):
        few = {
            name: everyone[name]
            for name in ("hand-written NumPy", "glassgrad, numpy", "glassgrad, native")
        }
        shown(
            f"MLP 2-16-16-1, {rows:,} samples",
            *compared(Net((2, 16, 16, 1), rows), few, options.rounds),
            "hand-written NumPy",
        )
    shown(
        "MLP 16-64-64-1, 10,000 samples",
        *compared(Net((16, 64, 64, 1), 10_000), few, options.rounds),
        "hand-written NumPy",
    )
    whole_job(options.rounds)
    digits_by_micrograd(options.rounds)
    print("\nCalls of small programs of 0, 3 and 300 parameters: µs each")
    for name, by_count in sorted(calls().items(), key=lambda row: "arrays" in row[0]):
        print(f"{name:44}", *(f"{us:>7.1f}" for us in by_count.values()))
    chain, recording, batch = chains(), recordings(), batches()
    print(
        "\nA chain of operations, one sample: operations, µs each to record and compile, ns each "
        "to replay"
    )
    for count, built_us, ns in chain:
        print(f"{count:>12,}{built_us:>10.1f}{ns:>10.1f}")
    print("\nNetworks: scalar operations, µs each to record and compile")
    for count, built_us in recording:
        print(f"{count:>12,}{built_us:>10.2f}")
    print(
        "\nGraphs drawn from the whole table, as code with numbers or with parameters: operations, "
        "µs each to record and compile, of these f itself, twice; bytes each at most"
    )
    for what, count, built_us, alone, most in random_graphs():
        print(f"{what:12}{count:>12,}{built_us:>10.2f}{alone:>10.2f}{most:>10.0f}")
    print("\nMLP 2-16-16-1: samples, ns a sample and scalar operation")
    for rows, ns in batch:
        print(f"{rows:>12,}{ns:>10.2f}")
    if options.svg:
        save(growth(chain, recording, batch), options.svg)


if __name__ == "__main__":
    main()
