"""Files and a trained model for all tests of the command line."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.nn.cli.commands import IRIS, printed, written


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """Each test in a folder of its own, and without plots, which take a second each."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("nn.cli.figures.find_spec", lambda name: None)
    monkeypatch.setattr("os.fsync", lambda file: None)  # milliseconds a file
    if "with_the_doctor" not in request.fixturenames:  # half the time of a short run
        monkeypatch.setattr("nn.cli.run.diagnose", lambda *run: [])
    monkeypatch.setattr("nn.cli.progress.SOON", 3600.0)  # a slow machine is no news
    return tmp_path


@pytest.fixture
def with_the_doctor() -> None:
    """Each run is diagnosed, as it is for a user."""


@pytest.fixture
def with_plots(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nn.cli.figures.find_spec", find_spec)


@pytest.fixture(scope="module")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from sklearn.datasets import load_wine

    bunch = load_wine()
    rows = [
        [*row, bunch.target_names[t]]
        for row, t in zip(bunch.data.tolist(), bunch.target, strict=True)
    ]
    return written(
        tmp_path_factory.mktemp("wine") / "wine.csv", [*bunch.feature_names, "cultivar"], rows
    )


@pytest.fixture(scope="module")
def diabetes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes(scaled=False)
    rows = [[*row, t] for row, t in zip(bunch.data.tolist(), bunch.target.tolist(), strict=True)]
    return written(
        tmp_path_factory.mktemp("diabetes") / "diabetes.csv",
        [*bunch.feature_names, "progression"],
        rows,
    )


@pytest.fixture(scope="module")
def flowers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of irises, trained in full."""
    out = tmp_path_factory.mktemp("flowers") / "run"
    printed(["train", str(IRIS), "--epochs", "40", "--out", str(out), "--quiet"])
    return out
