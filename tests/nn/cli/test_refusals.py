"""What cannot be used: one sentence, exit status 2, and nothing written."""

import os
import re
from pathlib import Path

import pytest

from tests.nn.cli.commands import IRIS, files, printed

BAD_ROWS = {
    "empty.csv": "",
    "header.csv": "a,b,k\n",
    "word.csv": "a,b,k\n1,2,x\n3,frog,y\n",
    "holes.csv": "a,b,k\n,,x\n,,y\n,,y\n",
    "one.csv": "a,b,k\n1,2,x\n3,4,x\n",
    "same.csv": "a,b\n1,3.5\n3,3.5\n",
    "short.csv": "a,b,k\n1,2,x\n3,4\n",
    "five.csv": "x,k\n1,a\n2,b\n3,a\n4,b\n5,a\n",
    "two.csv": "a,b,k\n1,2,x\n3,4,y\n",
    "mixed.csv": "a,b,k\n1,2,x\n3,4,7\n",
    "comma.csv": "a;b;k\n1,5;2;x\n3;4;y\n2.5;1;x\n1.5;2;x\n",
    "messy.csv": "town,b,c,k\nBonn,1,1,x\nUlm,NaN,2,y\nKiel,,n/a,x\nJena,inf,4,y\n",
    "names.csv": "x,name\n" + "".join(f"{i},n{i:02}\n" for i in range(30)),
    "prices.csv": "x,price\n" + "".join(f"{i},{i * 7}\n" for i in range(30)),
    "bare.csv": "a,k\n1,\n2,NA\n",
    "odd.zip": "PK and no more",
    "odd.gz": "\x1f\x8b and no more",
    "huge.csv": "x,y\n" + "".join(f"{i}e306,{i % 7}.5\n" for i in range(40)),
    "huge_target.csv": "x,y\n" + "".join(f"{i},{i}.5e306\n" for i in range(40)),
    "line.csv": "x,y\n" + "".join(f"{i},{i * 1.5}\n" for i in range(30)),
}


# With these words ``python -m nn train`` says what matches the pattern.
REFUSED = {
    "no.csv": r"no\.csv: needs a file that can be read, got 'No such file or directory'; check",
    ".": r"\.: needs a file that can be read, got 'Is a directory'",
    "empty.csv": "empty.csv: needs rows of cells, got an empty file",
    "header.csv": "header.csv: needs rows of data, got only a header on line 1",
    "word.csv": 'word.csv line 3, column "b": needs a number, got "frog"; correct the cell, or '
    "pass --skip-bad to leave such rows out",
    "holes.csv": "holes.csv: needs a column to learn from, got none: left out: a, b .empty.",
    "bare.csv": 'bare.csv, column "k": needs targets, got none in 2 rows; choose another target',
    "odd.zip": "odd.zip: needs a packed file that is whole, got 'File is not a zip file'; unpack",
    "odd.gz": "odd.gz: needs a packed file that is whole, got '.*'; unpack",
    "word.csv --encoding latin9000": "encoding needs a name that Python knows, got 'latin9000'; ",
    "word.csv --decimal x": "--decimal: invalid choice: 'x'",
    "word.csv --missing guess": "--missing: invalid choice: 'guess'",
    "one.csv": 'one.csv, column "k": needs at least two classes, got only "x"; '
    "choose another target",
    "same.csv --regression": "same.csv: needs a target that differs between rows, got 3.5 in all",
    "short.csv": "short.csv line 3: needs 3 cells like line 1, got 2",
    "two.csv": "two.csv: 2 rows are too few for --test 0.2, --validation 0.2; ",
    "two.csv --test 0": "two.csv: 2 rows are too few for --test 0, --validation 0.2; ",
    "messy.csv": 'messy.csv line 5, column "b": needs a finite number, got "inf"; correct the cell,'
    " or pass --skip-bad to",
    "names.csv": "names.csv: needs classes .* 30 different values of 'name' in 30 rows",
    "prices.csv --classification": "prices.csv: needs classes with two rows each, on average, "
    "got 30 different values of 'price' in 30 rows; pass --regression",
    "mixed.csv": 'mixed.csv line 2, column "k": needs labels that are all .*, '
    "or pass --classification ",
    "comma.csv": 'comma.csv line 2, column "a": needs a number, got "1,5"; correct the cell, or ',
    "huge.csv": "huge.csv: scaling needs numbers that can be added up, "
    "got up to 3.9e.307 in x; divide",
    "huge_target.csv": "huge_target.csv: scaling needs .*, "
    r"got up to 3.\d+e\+307 in the target; divide",
    "iris.csv --target Specis": "iris.csv has no column 'Specis' for --target: "
    'did you mean "species"?',
    "iris.csv --target 0": "iris.csv has no column '0' for --target: its columns are",
    "iris.csv --target 6": "iris.csv has no column '6' for --target: its columns are",
    "iris.csv --ignore width": "iris.csv has no column 'width' for --ignore: did you mean",
    "iris.csv --ignore species": '"species" is the target and cannot be ignored',
    "line.csv --ignore x": "line.csv: needs a column to learn from, got none but the target",
    "iris.csv --regression": 'iris.csv line 2, column "species": needs a number, got "setosa"',
    "iris.csv --folds 151": "iris.csv: folds needs a row for each of 151 parts, got 150 rows",
    "five.csv --folds 2": "five.csv: 5 rows are too few for .*, --folds 2; add rows",
    "iris.csv --folds 1": "--folds: needs a whole number from 2 up, got 1",
    "iris.csv --hidden 16,x": "--hidden: needs sizes of layers such as 16,16, or none",
    "iris.csv --hidden -4": "--hidden: needs sizes of layers .*, got -4",
    "iris.csv --hidden 99999,99999": "--hidden needs a model of at most 150000 parameters, "
    "got 1000",
    "iris.csv --epochs 0": "--epochs: needs a whole number from 1 up, got 0",
    "iris.csv --rate 0": "--rate: needs a rate above 0, or find, got 0",
    "iris.csv --rate nan": "--rate: needs a rate above 0, or find, got nan",
    "iris.csv --rate 1e300 --optimizer sgd": "the loss became .*: try a smaller learning rate",
    "iris.csv --test 0.7 --validation 0.4": "--test 0.7 and --validation 0.4 leave no training "
    "rows: make one of them smaller",
    "iris.csv --test 0.001": "iris.csv: 150 rows are too few for --test 0.001, --validation 0.2; ",
    "iris.csv --dropout 1": "--dropout: needs a fraction from 0 up to, but below, 1, got 1",
    "iris.csv --loss huber": "--loss huber does not fit species, "
    "predicted as classes: use cross_entropy",
    "iris.csv --loss hinge": "--loss hinge needs two classes, got 3: use cross_entropy",
    "line.csv --loss hinge": "--loss hinge does not fit y, "
    "predicted as numbers: use mean_squared_error",
    "line.csv --class-weights balanced": "--class-weights needs a cross-entropy, "
    "got --loss mean_squared_error",
    "iris.csv --activation rely": "--activation: invalid choice: 'rely'",
    "iris.csv --patience 5 --validation 0": "--patience needs validation rows: leave",
    "iris.csv --out iris.csv": "--out iris.csv needs a folder, got a file",
    "iris.csv --out iris.csv/run": "--out iris.csv/run needs a place that can be written",
    "iris.csv --out /proc/run": "--out /proc/run (cannot be made|needs a place that can )",
    "iris.csv --resume": "--resume needs a run that was begun, and run holds none",
    "iris.csv --resume --overwrite": "--overwrite and --resume exclude each other",
    "iris.csv --out /dev/full": "--out /dev/full needs a folder, got a file",
    "iris.csv --epoch 3": "unrecognized arguments: --epoch 3",
}
ODD = [
    (["iris.csv", "--out", ""], "--out needs a folder of its own: name a new one, such as run"),
    (["iris.csv", "--out", "a" * 300], "a{40}... needs a name of at most 240 bytes"),
    (["iris.csv", "--out", "a\x00b"], "'a.x00b' holds a NUL, which no path or name can"),
    ([], r"the following arguments are required: data\.csv: python -m nn train --help"),
]


@pytest.mark.parametrize(
    ("words", "said"), [*((line.split(), said) for line, said in REFUSED.items()), *ODD]
)
def test_what_cannot_be_used_is_one_sentence_and_leaves_nothing(
    words: list[str], said: str, here: Path
) -> None:
    for name, text in BAD_ROWS.items():
        (here / name).write_text(text, encoding="latin-1")
    (here / "iris.csv").write_bytes(IRIS.read_bytes())
    before = files(here)
    _, err = printed(["train", *words], status=2)
    assert re.match(said, err) and err.count("\n") == 1, err
    assert files(here) == before


def test_an_unwritable_folder_is_refused_before_any_work(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "locked").mkdir(mode=0o500)
    if os.access(here / "locked", os.W_OK):  # root may write everywhere
        monkeypatch.setattr("nn.cli.run_dir.os.access", lambda path, mode: False)
    out, err = printed(["train", str(IRIS), "--out", "locked/run"], status=2)
    assert (out, err.count("\n")) == ("", 1) and "needs a place that can be written" in err


def test_an_unknown_command_is_refused_and_none_at_all_teaches() -> None:
    assert printed(["trian"], status=2)[1].startswith(
        "there is no command trian: use train or predict"
    )
    out, _ = printed([])
    assert "python -m nn train flowers.csv --target species --hidden 16,16" in out


@pytest.mark.parametrize("command", ["train", "predict"])
def test_help_teaches_by_example(command: str) -> None:
    assert "``" not in printed(["--help"])[0]
    out, _ = printed([command, "--help"])
    assert f"examples:\n  python -m nn {command}" in out
    assert "what the numbers mean:" in out
