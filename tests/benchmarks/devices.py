"""From which size JAX pays, and what more devices give: ``python -m tests.benchmarks.devices``.

First the time of a gradient by our engines and by JAX on one device, for batches and networks of
several sizes (``gradients``). Then epochs of ``train`` (``epochs``: a million rows of 20 columns,
hidden layers of 64 and 64, batches of 100,000, Adam), each run in processes of its own: ours and
JAX's on one core, JAX's on two, as two processes held to a core each, of a Dataset and of a stream
of which each reads its own rows, and as simulated devices of one. ``rows=100000`` is shorter.
``streams`` measures files that are read in parts.
"""

import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

SIZES = ([2, 16, 16, 1], [20, 64, 64, 1], [64, 256, 256, 10])
ROWS = (16, 256, 4096, 65536)
BATCH = 100_000


def gradients() -> None:
    """A table of milliseconds, the least of some in turn, and how many times faster JAX is."""
    from autograd import record
    from nn import MLP

    draw = np.random.default_rng(0)
    print("| network | parameters | rows | ours, ms | jax, ms | times faster |")
    print("|---|---|---|---|---|---|")
    for sizes in SIZES:
        model = MLP(sizes[0], sizes[1:], seed=0)

        def loss(x: Any, t: Any, model: Any = model) -> Any:
            y = model(x)
            every = y if isinstance(y, list) else [y]
            return sum((each - t) ** 2 for each in every)

        ours = record(loss, np.zeros(sizes[0]), 0.0)
        there = ours.on("jax")
        for rows in ROWS:
            x, t = draw.normal(size=(rows, sizes[0])), draw.normal(size=rows)
            times = [float("inf")] * 2
            there.parameter_grad(x, t), ours.parameter_grad(x, t)
            for _ in range(12 if rows < 4096 else 4):
                for k, program in enumerate((ours, there)):
                    begin = time.perf_counter()
                    program.parameter_grad(x, t)
                    times[k] = min(times[k], time.perf_counter() - begin)
            a, b = (1000 * each for each in times)
            name = "-".join(map(str, sizes))
            print(f"| {name} | {len(ours.parameters):,} | {rows:,}", end=" | ")
            print(f"{a:.2f} | {b:.2f} | {a / b:.2g} |")


def worker(
    path: str, engine: str, kind: str, rows: int, core: int, count: int, place: int, port: int
) -> None:
    """Train, and print the least seconds of an epoch, also of the CPU, and the most memory in MB
    that there was from the first epoch on. Below 0 is no core."""
    if core >= 0 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    if count > 1:
        import jax

        jax.distributed.initialize(f"127.0.0.1:{port}", count, place)
    from nn import MLP, Adam, Dataset, Stream, train

    def read(begin: int, rows: int) -> tuple[Any, Any]:
        found = np.fromfile(path, count=21 * rows, offset=21 * 8 * begin).reshape(rows, 21)
        return found[:, :20], found[:, 20]

    def batches(epoch: int, part: tuple[int, int]) -> Any:
        share = BATCH // part[1]
        return (read(k + part[0] * share, share) for k in range(0, rows, BATCH))

    data: Any = Stream(batches) if kind == "stream" else Dataset(*read(0, rows))
    with suppress(OSError):  # from here on the most memory is counted, where Linux counts it
        Path("/proc/self/clear_refs").write_text("5")
    moments = list[tuple[float, float]]()
    history = train(
        MLP(20, [64, 64, 1], seed=0),
        data,
        optimizer=Adam(0.001),
        epochs=3,
        batch_size=BATCH,
        validation=None,
        engine=engine,
        progress=False,
        on_epoch=lambda epoch: moments.append((time.perf_counter(), time.process_time())),
    )
    wall, used = (min(b[k] - a[k] for a, b in pairwise(moments)) for k in range(2))
    facts = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    most = int(facts["VmHWM"].split()[0]) / 1024
    print(f"{wall},{used},{most},{history[-1].loss!r}")


def epoch(
    path: str,
    rows: int,
    engine: str,
    kind: str = "rows",
    processes: int = 1,
    devices: int = 1,
    cores: int = 1,
) -> list[str]:
    """What the first process of a run printed."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    flags = {"XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}"}
    every = []
    for place in range(processes):
        core = place if cores == processes else -1
        given = [path, engine, kind, rows, core, processes, place, port]
        command = [sys.executable, "-m", "tests.benchmarks.devices", "worker", *map(str, given)]
        every.append(subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | flags))
    outputs = [process.communicate()[0].decode() for process in every]
    return outputs[0].strip().splitlines()[-1].split(",")


def scaling(rows: int) -> None:
    """A table of epochs."""
    print(f"\nAn epoch of {rows:,} rows x 20 columns, 20-64-64-1, batches of {BATCH:,}:\n")
    print("| what | cores | s | CPU s of a process | memory of a process, MB | last loss |")
    print("|---|---|---|---|---|---|")
    runs: dict[str, dict[str, Any]] = {
        "ours": {"engine": "auto"},
        "jax, 1 device": {"engine": "jax"},
        "ours, a stream": {"engine": "auto", "kind": "stream"},
        "jax, 2 processes": {"engine": "jax", "processes": 2, "cores": 2},
        "jax, 2 processes, own rows of a stream": {
            "engine": "jax",
            "kind": "stream",
            "processes": 2,
            "cores": 2,
        },
        "jax, 2 simulated devices": {"engine": "jax", "devices": 2, "cores": 2},
        "jax, 8 simulated devices": {"engine": "jax", "devices": 8, "cores": 2},
    }
    with TemporaryDirectory() as folder:
        path, draw = f"{folder}/rows", np.random.default_rng(0)
        with open(path, "wb") as file:
            for _ in range(0, rows, BATCH):
                x = draw.normal(size=(BATCH, 20))
                np.column_stack([x, np.sin(x[:, 0] * x[:, 1])]).tofile(file)
        for name, how in runs.items():
            *found, loss = epoch(path, rows, **how)
            wall, used, most = map(float, found)
            facts = f"{how.get('cores', 1)} | {wall:.1f} | {used:.1f} | {most:.0f} | {loss}"
            print(f"| {name} | {facts} |", flush=True)


def streams(rows: int) -> None:
    """Rows a second and the most memory of a file that is read in parts, and of a larger one."""
    print("\n| rows of the file | MB | rows a CPU second | memory, MB |\n|---|---|---|---|")
    with TemporaryDirectory() as folder:
        for count in (rows // 10, rows):
            path, draw = f"{folder}/rows.csv", np.random.default_rng(0)
            with open(path, "w") as file:
                file.write(",".join([*(f"x{k}" for k in range(20)), "y"]) + "\n")
                for _ in range(count // 1000):
                    np.savetxt(file, draw.normal(size=(1000, 21)), "%.5f", ",")
            code = (
                "import resource, sys, time; from nn import MLP, Adam, batches_of, train;"
                "data = batches_of(sys.argv[1], 'y', rows=1000, part=2000);"
                "model, begin = MLP(20, [64, 64, 1], seed=0), time.process_time();"
                "train(model, data, None, Adam(0.001), epochs=1, validation=None, progress=False);"
                "print(time.process_time() - begin,"
                " resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
            )
            told = subprocess.run([sys.executable, "-c", code, path], capture_output=True)
            seconds, most = map(float, told.stdout.split())
            size = os.path.getsize(path) / 1e6
            print(f"| {count:,} | {size:.0f} | {count / seconds:,.0f} | {most:.0f} |", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["worker"]:
        path, engine, kind, *numbers = sys.argv[2:]
        worker(path, engine, kind, *map(int, numbers))
    else:
        given = dict(word.split("=") for word in sys.argv[1:] if "=" in word)
        count = int(given.get("rows", 1_000_000))
        parts = {"gradients": gradients, "epochs": lambda: scaling(count)}
        parts |= {"streams": lambda: streams(count)}
        for name in [name for name in parts if name in sys.argv] or ["gradients", "epochs"]:
            parts[name]()
