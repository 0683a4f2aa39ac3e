"""Training by JAX: our own trajectories, on one device, on eight, and in two processes."""

import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from nn import L2, MLP, SGD, Adam, Dataset, Stream, batches_of, moons, train
from nn.data import csv_parts
from tests.nn.training.examples import line, numbers
from tests.processes import together

full = pytest.mark.full

# A run on so many processes: their number, the place of this one, the port; how it ends early.
RUN = """
import os, sys
import jax

count, place, port = map(int, sys.argv[1:4])
dies, seed = f"dies{place}" in sys.argv, place if "differs" in sys.argv else 0
if count > 1:
    given = {"heartbeat_timeout_seconds": 10, "shutdown_timeout_seconds": 10}
    jax.distributed.initialize(f"127.0.0.1:{port}", count, place, **given)

from nn import L2, MLP, Adam, moons, train

def end(epoch):
    if dies and epoch.number == 2:
        os._exit(7)

model = MLP(2, [5, 2], seed=seed)
run = {"optimizer": Adam(0.02), "penalty": L2(0.01), "epochs": 4, "engine": "jax"}
if "streams" in sys.argv:
    from tests.nn.training.test_devices import streamed

    streamed(sys.argv[4], "jax", place * ("short" in sys.argv), place and "fails" in sys.argv)
else:
    history = train(model, moons(41), **run, on_epoch=end, progress=False)
    print(history.engine, *(p.data for p in model.parameters()), sep=",")
"""


def streamed(path: str, engine: str, lack: int = 0, fails: bool = False) -> None:
    """Print runs on streams: one of whole batches, one whose processes read rows of their own, and
    not as many, and one of a file."""
    every, rows = moons(41), Path(path).read_text().count("\n") - 1

    def own(epoch: int, part: tuple[int, int]) -> Iterator[Dataset]:
        place, cut = part[0], [0, 2, 7] if part[1] == 2 else [0, 7]
        for k in range(0, 41 - 7 * lack, 7):
            yield every[k : k + 7][cut[place] : cut[place + 1]]
            if fails:
                raise OSError("a disk is gone")

    file = batches_of(path, rows=7, part=20)
    made = list[int]()
    read = csv_parts.alike
    csv_parts.alike = lambda *given: (made.append(len(given[0].rows)), read(*given))[1]
    for source in (Stream([every[k : k + 7] for k in range(0, 41, 7)]), Stream(own), file):
        model = MLP(2, [5, 2], seed=0)
        how: Any = {"penalty": L2(0.01), "epochs": 2, "validation": source.first[:5]}
        history = train(model, source, None, Adam(0.02), engine=engine, **how)
        figures = history[-1].loss, history[-1].accuracy, history[-1].gradient_norm
        print(history.engine, *figures, *numbers(model), sep=",")
    csv_parts.alike = read
    print("rows", sum(made), rows)


def started(places: Sequence[int], *words: str, devices: int = 1) -> list[Any]:
    """What each process of a run printed, its errors, and its exit status."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    flags = f"--xla_force_host_platform_device_count={devices}"
    settings, count = {"XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}, str(len(places))
    each = [["-c", RUN, count, str(place), str(port), *words] for place in places]
    return together([(command, settings) for command in each])


def ours() -> list[float]:
    model = MLP(2, [5, 2], seed=0)
    train(model, moons(41), optimizer=Adam(0.02), penalty=L2(0.01), epochs=4)
    return numbers(model)


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(ValueError, match="engine needs to be 'auto', 'eager' or 'jax', got 'gpu'"):
        train(MLP(2, [2], seed=0), moons(20), engine="gpu")


def test_what_cannot_be_recorded_is_refused_where_jax_was_asked_for() -> None:
    model = MLP(2, [4, 2], dropout=0.5, seed=0)
    with pytest.raises(ValueError, match="needs a model and a loss that can be recorded, but drop"):
        train(model, moons(20), engine="jax")


@full
def test_trajectories_of_jax_are_ours_whatever_the_rule() -> None:
    for data, optimizer in (
        (moons(40), SGD(0.3, momentum=0.9, clip_norm=1.0)),
        (line(), Adam(0.05)),
    ):
        found = []
        for engine in ("auto", "jax"):
            model = MLP(2, [6, 2 if data.classification else 1], seed=1)
            run: Any = {"optimizer": optimizer.fresh(), "penalty": L2(0.001), "epochs": 6}
            history = train(model, data, engine=engine, batch_size=7, **run)
            found.append((history, numbers(model)))
        (here, mine), (there, theirs) = found
        assert there.engine.startswith("jax on ") and not here.engine.startswith("jax")
        assert theirs == pytest.approx(mine, rel=1e-9, abs=1e-9)
        for a, b in zip(here, there, strict=True):
            assert b.loss == pytest.approx(a.loss, rel=1e-9)
            assert b.validation_loss == pytest.approx(a.validation_loss, rel=1e-9)
            assert b.gradient_norm == pytest.approx(a.gradient_norm, rel=1e-9)


@full
def test_a_checkpoint_of_one_engine_is_resumed_by_the_other(tmp_path: Path) -> None:
    whole = MLP(2, [4, 2], seed=0)
    train(whole, moons(40), optimizer=Adam(0.02), epochs=6)
    for first, then in (("auto", "jax"), ("jax", "auto"), ("eager", "jax"), ("jax", "eager")):
        path, model = tmp_path / f"{first}-{then}", MLP(2, [4, 2], seed=0)
        run: Any = {"optimizer": Adam(0.02), "checkpoint": path}
        train(model, moons(40), epochs=3, engine=first, **run)
        with pytest.warns(UserWarning, match="the numbers agree up to rounding"):
            history = train(model, moons(40), epochs=6, engine=then, **run)
        assert len(history) == 6 and history.engine.startswith("jax") == (then == "jax")
        assert numbers(model) == pytest.approx(numbers(whole), rel=1e-9, abs=1e-9)


@full
def test_eight_devices_give_our_trajectory_though_they_do_not_divide_the_batch() -> None:
    [(out, errors, status)] = started([0], devices=8)
    assert status == 0, errors
    engine, *found = out.strip().split(",")
    assert engine == "jax on 8 cpu devices"
    assert list(map(float, found)) == pytest.approx(ours(), rel=1e-9, abs=1e-9)


@full
def test_two_processes_give_our_trajectory() -> None:
    for out, errors, status in started([0, 1], devices=2):
        assert status == 0, errors
        engine, *found = out.strip().splitlines()[-1].split(",")
        assert engine == "jax on 4 cpu devices of 2 processes"
        assert list(map(float, found)) == pytest.approx(ours(), rel=1e-9, abs=1e-9)


@full
def test_processes_read_their_own_rows_of_a_stream_and_give_the_trajectory_of_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rows.csv"
    lines = [f"{a:.3f},{b:.3f},{'newt' if t else 'frog'}" for (a, b), t in moons(53)]
    path.write_text("\n".join(["a,b,kind", *lines]) + "\n")
    streamed(str(path), "auto")
    *wanted, _ = capsys.readouterr().out.splitlines()
    for out, errors, status in started([0, 1], str(path), "streams"):
        assert status == 0, errors
        *found, read = [line for line in out.splitlines() if line[:1] != "["]
        for mine, theirs in zip(found, wanted, strict=True):
            assert mine.startswith("jax on 2 cpu devices of 2 processes,")
            a, b = (list(map(float, line.split(",")[1:])) for line in (mine, theirs))
            assert a == pytest.approx(b, rel=1e-9, abs=1e-9)
        _, made, rows = read.split()
        assert 0.8 * int(rows) < int(made) < 1.2 * int(rows)  # half of them in each of two epochs
    need = "needs as many batches in each process, got none left in 1 of them"
    for _, errors, status in started([0, 1], str(path), "streams", "short"):
        assert status != 0 and need in errors
    (_, first, status), (_, second, _) = started([0, 1], str(path), "streams", "fails")
    assert status != 0 and need in first and "a disk is gone" in second


@full
@pytest.mark.parametrize("place", [0, 1])  # the first is what the others have joined
def test_where_a_process_dies_the_other_ends_with_an_error(place: int) -> None:
    statuses = [status for _, _, status in started([0, 1], f"dies{place}")]
    assert statuses.pop(place) == 7
    assert statuses != [0]


@full
def test_processes_that_begin_with_other_numbers_are_refused() -> None:
    for _, errors, status in started([0, 1], "differs"):
        assert status != 0
        assert "needs the same samples and parameters in all processes" in errors
