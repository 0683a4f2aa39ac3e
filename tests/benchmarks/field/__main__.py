"""The field's problems, this package beside its peers: ``python -m tests.benchmarks.field [problem
...] [--sizes small|all] [--peers ...] [--svg FILE]``.

Each contestant has a process of its own, on one core. A problem of a size is recorded and compiled
by each, and its result compared with the reference; then, round after round, each in turn computes
it again for a while. Medians of the rounds, milliseconds of CPU."""

import argparse
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from tests.benchmarks.field import PROBLEMS, problem
from tests.benchmarks.field.peers.worker import load, save

PEERS = Path(__file__).parent / "peers"
MODULES = {"JAX": "jax", "PyTorch": "torch", "HIPS": "autograd", "CasADi": "casadi"}
# In C++: the source, and the library.
COMPILED = {"CppAD": ("tapes", "cppad_lib"), "ADOL-C": ("tapes", "adolc"), "C++": ("hand", "m")}
NAMES = ["ours", *MODULES, *COMPILED, "NumPy"]
OURS = ["native", "numpy", "python"]  # which "auto" chooses among
ONE_CORE = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
}
LONG = 0.3  # seconds
TOLERANCE = 1e-8  # of the largest number of the result


def compiled(name: str, python: str, folder: str) -> list[str] | None:
    """The command of a contestant in C++, where there is a compiler, and its tape is installed: by
    the system, or in the Python as one of cmeel's packages."""
    if not (compiler := shutil.which("c++")):
        return None
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    found = subprocess.run([python, "-c", where], capture_output=True, text=True, check=True)
    prefix, program = f"{found.stdout.strip()}/cmeel.prefix", f"{folder}/{name}"
    options = ["-O3", "-march=native", "-std=c++17", "-DNDEBUG", f"-I{prefix}/include"]
    source, library = COMPILED[name]
    options += ["-DWITH_" + name.replace("-", "").upper()] if source == "tapes" else []
    options += [str(PEERS / f"{source}.cpp"), "-o", program]
    options += [f"-L{prefix}/lib", f"-Wl,-rpath,{prefix}/lib", f"-l{library}"]
    built = subprocess.run([compiler, *options], capture_output=True)
    return [program] if built.returncode == 0 else None


def command(name: str, python: str, folder: str) -> list[str] | None:
    """How a contestant's process is started, or None if it is not installed."""
    if name in ("ours", "NumPy", *OURS):
        how = "by_hand" if name == "NumPy" else name
        return [sys.executable, "-m", "tests.benchmarks.field.ours", how]
    if name in MODULES:
        file = str(PEERS / f"with_{MODULES[name]}.py")
        found = subprocess.run([python, "-c", f"import {MODULES[name]}"], capture_output=True)
        return [python, file] if found.returncode == 0 else None
    return compiled(name, python, folder)


class Contestant:
    """A process that is given orders."""

    def __init__(self, name: str, command: list[str], core: int | None) -> None:
        self.name, self.command, self.core = name, command, core
        self.start()

    def start(self) -> None:
        pinned = ["taskset", "-c", str(self.core)] if self.core is not None else []
        self.process = subprocess.Popen(
            [*pinned, *self.command],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
            env=os.environ | ONE_CORE,
            cwd=str(Path(self.command[0]).parent) if self.name in COMPILED else None,  # for tapes
        )  # fmt: skip
        self.problems = self.answer(60).get("problems", [])

    def answer(self, patience: float) -> dict[str, Any]:
        if not select.select([self.process.stdout], [], [], patience)[0]:
            self.end()
            return {"error": f"not within {patience:.0f} s"}
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"error": f"ended ({self.process.wait()})"}

    def ask(self, order: str, patience: float) -> dict[str, Any]:
        if self.process.poll() is not None:
            self.start()
        self.process.stdin.write(f"{order}\n".encode())
        return self.answer(patience)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def measured(
    name: str, size: dict[str, Any], contestants: list[Contestant], folder: str, options: Any
) -> dict[str, dict[str, Any]]:
    """By contestant: "prepare" and "time" in seconds and "off", or "error"."""
    path = f"{folder}/{name}"
    module = problem(name)
    data = module.data(**size)
    save(path, data)
    expected = module.by_hand(data)() if hasattr(module, "by_hand") else None
    rows: dict[str, dict[str, Any]] = {}
    for one in contestants:
        if name not in one.problems:
            continue
        row = rows[one.name] = one.ask(f"prepare {name} {path}", options.patience)
        if "error" in row:
            continue
        found = f"{path}.{one.process.pid}"
        result = load(found)["result"]
        os.remove(found)
        if expected is None:
            expected = result
        expected = np.ravel(expected)
        row["off"] = float(np.abs(result - expected).max() / max(np.abs(expected).max(), 1e-300))
    # A contestant that takes longer has been timed once.
    alive = [one for one in contestants if rows.get(one.name, {}).get("time", LONG) < LONG]
    times: dict[str, list[float]] = {one.name: [] for one in alive}
    for _ in range(options.rounds):
        for one in alive:
            times[one.name].append(one.ask(f"time {options.seconds}", 600).get("time", np.nan))
    for one in alive:
        rows[one.name]["time"] = float(median(times[one.name]))
    return rows


def figure(x: float) -> str:
    """Milliseconds, three digits."""
    ms = 1000 * x
    return f"{ms:,.0f}" if ms >= 100 else f"{ms:.3g}" if ms >= 1e-3 else f"{ms:.1g}"


def shown(row: dict[str, Any] | None, key: str) -> str:
    if row is None or "error" in row:
        return "-" if row is None else ">" if "not within" in row["error"] else "no"
    return figure(row[key]) + " (wrong)" * (row["off"] > TOLERANCE)


def line(*cells: str) -> None:
    print("|", " | ".join(cells), "|", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.field")
    add = parser.add_argument
    add("problems", nargs="*", metavar="problem", help=" ".join(PROBLEMS))
    add("--sizes", default="all", help="small, all, or places in SIZES, as 0,1,2")
    add(
        "--peers",
        nargs="*",
        default=NAMES[1:],
        choices=NAMES[1:] + OURS,
        help="who takes part beside us; native, numpy and python are our engines by name",
    )
    add(
        "--python", default=sys.executable, help="the Python where JAX and the others are installed"
    )
    add("--rounds", type=int, default=5)
    add("--seconds", type=float, default=0.05, help="of a contestant in a round")
    add("--patience", type=float, default=30.0, help="seconds for recording and the first call")
    add("--core", type=int, default=0, help="which all are held to")
    add("--json", help="a file for all that was measured")
    add("--svg", help="a file for a plot of growth")
    options = parser.parse_args()
    core = options.core if shutil.which("taskset") else None
    with tempfile.TemporaryDirectory() as folder:
        contestants = []
        for name in ["ours", *options.peers]:
            if how := command(name, options.python, folder):
                contestants.append(Contestant(name, how, core))
            else:
                print(f"{name} is not installed, and left out.", file=sys.stderr)
        names = [one.name for one in contestants]
        line("ms of CPU for a derivative", *names)
        line(*["---"] * (len(names) + 1))
        everything = []
        for name in options.problems or PROBLEMS:
            sizes = problem(name).SIZES
            places = {"small": [0], "all": range(len(sizes))}.get(options.sizes)
            for place in places or [int(i) for i in options.sizes.split(",")]:
                if place >= len(sizes):
                    continue
                rows = measured(name, sizes[place], contestants, folder, options)
                everything.append({"problem": name, "size": sizes[place], "rows": rows})
                words = " ".join([name, *(f"{key} {v}" for key, v in sizes[place].items())])
                everything[-1]["words"] = words
                line(words, *(shown(rows.get(n), "time") for n in names))
                for n, row in rows.items():
                    if "error" in row or row["off"] > TOLERANCE:
                        print(f"{words}, {n}: {row}", file=sys.stderr)
        for one in contestants:
            one.end()
    print()
    line("ms for recording or compiling", *names)
    line(*["---"] * (len(names) + 1))
    for one in everything:
        line(one["words"], *(shown(one["rows"].get(n), "prepare") for n in names))
    if options.json:
        Path(options.json).write_text(json.dumps(everything, indent=1))
    if options.svg:
        from nn.plotting.mpl import save
        from tests.benchmarks.field.growth import growth

        save(growth(everything, names), options.svg)


if __name__ == "__main__":
    main()
