"""``--engine jax``: in one process, and in two that a cluster's job has started."""

import json
import random
import sys
from pathlib import Path

import pytest

from nn.cli import train
from nn.cli.options import Refused
from tests.processes import together

full = pytest.mark.full


def rows(path: Path) -> str:
    lines = [f"{k % 7},{k % 5},{'newt' if k % 7 > 3 else 'frog'}" for k in range(60)]
    path.write_text("\n".join(["a,b,kind", *lines]) + "\n")
    return str(path)


def run(processes: int, *words: str) -> list[tuple[str, str, int]]:
    """What each process printed, and its errors and exit status, in a job as Slurm's."""
    job = {"SLURM_JOB_ID": str(random.randrange(10**6)), "SLURM_NTASKS": str(processes)}
    job |= {"SLURM_STEP_NODELIST": "127.0.0.1", "SLURM_LOCALID": "0", "JAX_PLATFORMS": "cpu"}
    settings = [job | {"SLURM_PROCID": str(k)} if processes > 1 else {} for k in range(processes)]
    return together([(["-m", "nn", "train", *words], each) for each in settings])


def parameters(folder: Path) -> list[float]:
    found = json.loads((folder / "checkpoint.json").read_text())["parameters"]
    return list(map(float, found))


@full
def test_two_processes_train_what_one_does_and_the_first_writes_it(tmp_path: Path) -> None:
    how = (rows(tmp_path / "rows.csv"), "--hidden", "4", "--patience", "0", "--quiet")
    [(_, errors, status)] = run(1, *how, "--epochs", "6", "--out", str(tmp_path / "ours"))
    assert status == 0, errors
    there = [*how, "--engine", "jax", "--out", str(tmp_path / "theirs")]
    for more in (["--epochs", "3"], ["--epochs", "6", "--resume"]):
        (out, errors, status), silent = run(2, *there, *more)
        assert (status, silent[2]) == (0, 0), errors + silent[1]
        assert all(line.startswith("[Gloo]") for line in silent[0].splitlines())
        assert "accuracy" in out
    theirs = tmp_path / "theirs"
    assert "engine: jax on 2 cpu devices of 2 processes" in (theirs / "report.txt").read_text()
    assert parameters(theirs) == pytest.approx(parameters(tmp_path / "ours"), rel=1e-9)
    assert {path.name for path in tmp_path.iterdir()} == {"rows.csv", "ours", "theirs"}


def test_without_jax_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(
        Refused, match=r"--engine jax needs JAX.*: pip install 'glassgrad\[export\]"
    ):
        train.main([rows(tmp_path / "rows.csv"), "--engine", "jax", "--out", str(tmp_path / "run")])
