"""Rows held out by group, by time, or in a file of their own."""

import random
from pathlib import Path

import pytest

from nn.cli.data import Rows
from nn.cli.options import train_parser
from nn.cli.parts import Parts
from tests.nn.cli.commands import QUICK, printed, written

HEADER = ["day", "patient", "x", "y"]


def visits(path: Path, count: int = 80, seed: int = 0) -> Path:
    """Rows of 16 patients, in no order of time."""
    rng = random.Random(seed)
    rows = []
    for i in range(count):
        x = rng.random()
        day = f"2021-{1 + i * 7 % 12:02}-{1 + i % 28:02}"
        rows.append([day, f"p{i % 16}", round(x, 9), ["ill", "well"][x > 0.5]])
    return written(path, HEADER, rows)


def parts_of(*words: str) -> tuple[Rows, list[Parts]]:
    options = train_parser().parse_args(list(words))
    rows = Rows.read(options)
    return rows, Parts.all(rows, options)


def of(rows: Rows, part: object, column: str) -> set[str]:
    """The cells that a column has in the rows of a part, found by x, which is different in all."""
    names = rows.data.feature_names
    xs = {row[names.index("x")] for row in part.features}  # type: ignore[attr-defined]
    cells = zip(rows.table.cells("x"), rows.table.cells(column), strict=True)
    return {cell for x, cell in cells if float(x) in xs}


def test_no_group_is_in_two_parts_nor_on_two_sides_of_a_fold(here: Path) -> None:
    path = str(visits(here / "v.csv"))
    rows, (parts, *folds) = parts_of(path, "--group", "patient", "--folds", "3")
    assert parts.validation and parts.test and len(folds) == 3
    sides = [of(rows, part, "patient") for part in (parts.training, parts.validation, parts.test)]
    assert sum(map(len, sides)) == 16 == len(set().union(*sides))
    assert 10 <= len(parts.test) <= 20 and 10 <= len(parts.validation) <= 20
    for fold in folds:
        assert fold.test and fold.validation
        held = of(rows, fold.test, "patient")
        assert not held & (
            of(rows, fold.training, "patient") | of(rows, fold.validation, "patient")
        )
    assert not any("patient" in name for name in rows.data.feature_names)


def test_the_latest_rows_are_held_out(here: Path) -> None:
    rows, (parts,) = parts_of(str(visits(here / "v.csv")), "--time", "day")
    assert parts.validation and parts.test
    days = [of(rows, part, "day") for part in (parts.training, parts.validation, parts.test)]
    assert max(days[0]) < min(days[1]) and max(days[1]) < min(days[2])
    assert not any(name.startswith("day") for name in rows.data.feature_names)


def test_the_rows_of_another_file_are_held_out(here: Path) -> None:
    visits(here / "v.csv")
    lines = visits(here / "new.csv", 20, seed=1).read_text().splitlines()
    header, *more = [",".join(line.split(",")[::-1]) for line in lines]
    (here / "new.csv").write_text("\n".join([header, *more, "dead,0.5,p1,2021-01-01"]))
    out, _ = printed(["train", "v.csv", *QUICK, "--test-file", "new.csv", "--ignore", "patient"])
    assert (
        "64 training rows, 16 validation rows, 20 held-out test rows; the latter from new.csv"
        in out
    )
    assert "new.csv: 1 of 21 rows, whose target is no class of before, left out" in out
    assert "held-out test set: 20 rows" in out


def test_how_rows_were_split_is_said_and_a_run_is_resumed_so(here: Path) -> None:
    visits(here / "v.csv")
    out, _ = printed(["train", "v.csv", *QUICK, "--group", "patient"])
    assert "held-out test rows; no patient is in two parts\n" in out
    printed(["train", "v.csv", "--resume", "--epochs", "4"])
    out, _ = printed(["train", "v.csv", *QUICK, "--time", "day", "--out", "b"])
    assert "held-out test rows; the latest by day are held out\n" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--group day --time day", "--group and --time exclude each other: leave one of them out"),
        ("--group nobody", "v.csv has no column 'nobody' for --group: its columns are"),
        ("--group y", '"y" is the target: name another column for --group'),
        ("--time patient", 'v.csv line 2, column "patient": needs numbers or dates, all written'),
        ("--time day --folds 3", "--folds would learn from rows later than those held out: no --t"),
        ("--group patient --folds 17", "v.csv: --group needs a group for each of 17 parts, got 16"),
        ("--group one", "v.csv: --group needs two groups at least, got 1 group in 20 rows; choose"),
        ("--time one", "v.csv: --time needs two times at least, got one in 20 rows; choose anothe"),
        ("--test-file none.csv", "none.csv: needs a file that can be read, got 'No such file or"),
        ("--test-file other.csv", 'other.csv lacks "day", which the model learned from: '),
    ],
)
def test_splits_that_cannot_be_are_refused(words: str, said: str, here: Path) -> None:
    visits(here / "v.csv")
    if "one" in words.split():
        same = [[1, i * 7 % 20, "ab"[i % 2]] for i in range(20)]
        written(here / "v.csv", ["one", "x", "y"], same)
    written(here / "other.csv", ["patient", "x", "y"], [["p1", 0.5, "ill"]])
    out, err = printed(["train", "v.csv", *QUICK, *words.split()], status=2)
    assert err.startswith(said) and err.count("\n") == 1, err
    assert out == "" and not (here / "run").exists()
