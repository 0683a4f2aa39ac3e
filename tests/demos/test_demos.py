"""What a newcomer sees: the tour on a bare Python, its numbers, and plain words where an
installation is mixed.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from math import cosh, tanh
from pathlib import Path
from statistics import fmean

import pytest

from demos import CHAPTERS, TOUR, drawing, expression, iris, training_player

CLONE = Path(__file__).parents[2]
# What matters of the other autograd: that it has no Value.
HIPS = "def grad(function):\n    return function\n"


def python(
    *arguments: str, path: str | Path | list[Path] = CLONE, folder: Path
) -> subprocess.CompletedProcess[str]:
    """Python in a folder of its own, with a path and nothing else: no site-packages, no user's
    settings.
    """
    paths = path if isinstance(path, list) else [Path(path)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment = kept | {
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "PYTHONIOENCODING": "utf-8",
    }
    return subprocess.run(
        [sys.executable, "-S", "-s", "-B", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )


def printed(*arguments: str, folder: Path) -> str:
    done = python(*arguments, folder=folder)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def check_expression(text: str) -> None:
    """Every derivative that the chapter prints, against the formula and against its own finite
    differences.
    """
    w, x, b = -1.2, 0.5, 0.3
    slope = 1 / cosh(w * x + b) ** 2
    assert f"= {tanh(w * x + b):.4g} | grad 1" in text
    found = re.findall(
        r"^(\w) = (\S+) \| grad (\S+) +dy/d\1 = (\S+)  by finite differences (\S+)$",
        text,
        flags=re.MULTILINE,
    )
    assert [(name, float(number)) for name, number, *_ in found] == [("w", w), ("x", x), ("b", b)]
    wanted = {"w": slope * x, "x": slope * w, "b": slope}
    for name, _, short, grad, difference in found:
        assert float(grad) == pytest.approx(wanted[name], abs=1e-9)
        assert float(short) == pytest.approx(wanted[name], rel=1e-3)
        assert float(difference) == pytest.approx(wanted[name], abs=1e-8)


def check_iris(text: str) -> None:
    """Losses that fall, and an examination whose percentage is that of its confusion matrix."""
    assert "MLP(4, [8, 3], activation='tanh', output='linear'): 67 parameters" in text
    assert "120 rows to learn from (a fifth of them to validate), 30 held out" in text
    epochs = re.findall(
        r"^epoch +(\d+)  train (\S+) .* validation (\S+) .* (\d+)% right$", text, flags=re.MULTILINE
    )
    assert [int(number) for number, *_ in epochs] == [1, *range(5, 41, 5)]
    losses = [float(loss) for _, loss, *_ in epochs]
    assert losses[-1] < 0.1 < 0.5 < losses[0]
    assert float(epochs[-1][2]) < float(epochs[0][2])
    (right,) = re.findall(r"on the 30 held-out rows: (\S+)% right", text)
    matrix = re.findall(
        r"^ +(setosa|versicolor|virginica) +(\d+) +(\d+) +(\d+)$", text, flags=re.MULTILINE
    )
    counts = [list(map(int, row)) for _, *row in matrix]
    assert [name for name, *_ in matrix] == ["setosa", "versicolor", "virginica"]
    assert [sum(row) for row in counts] == [10, 10, 10]
    assert float(right) == pytest.approx(100 * sum(counts[k][k] for k in range(3)) / 30, abs=0.05)
    assert float(right) > 90


def one_sentence(text: str) -> str:
    """The last paragraph, which is one sentence."""
    sentence = " ".join(text.strip().split("\n\n")[-1].split())
    assert sentence.endswith(".") and len(re.findall(r"[.!?](?= |$)", sentence)) == 1, sentence
    return sentence


# The chapters


def test_on_a_bare_python_there_is_nothing_but_the_standard_library(tmp_path: Path) -> None:
    text = printed(
        "-c",
        "import importlib.util as u; print(u.find_spec('numpy'), u.find_spec('pytest'))",
        folder=tmp_path,
    )
    assert text == "None None\n"


def test_the_tour_runs_on_the_standard_library_alone_and_its_numbers_are_right(
    tmp_path: Path,
) -> None:
    text = printed("-m", "demos", folder=tmp_path)
    headings = [
        f"{k}. {CHAPTERS[name]}   (python -m demos {name})" for k, name in enumerate(TOUR, 1)
    ]
    whole = re.sub(r"\n {3}( {31})?(?=\S)", " ", text)  # as it is where no line has to be wrapped
    places = [whole.index(heading) for heading in headings]
    assert places == sorted(places)
    listed = re.findall(r"^python -m demos (\w+) +(\S.*)$", whole, flags=re.MULTILINE)
    assert dict(listed) == CHAPTERS
    check_expression(text)
    check_iris(text)
    assert "This ran on Python's standard library alone. An installation" in " ".join(text.split())


def test_every_chapter_is_in_the_table_and_every_file_of_the_table_is_there() -> None:
    files = {path.stem for path in (CLONE / "demos").glob("[a-z]*.py")}
    assert files - {"chapter", "picture"} == set(CHAPTERS)
    assert set(TOUR) < set(CHAPTERS)


# The others take longer, and run so in .ci/run.
@pytest.mark.parametrize(
    "name",
    [
        *("stepping", "drawing"),
        *(
            pytest.param(name, marks=pytest.mark.full)
            for name in ("forward", "topological_order", "check", "iris", "moons")
        ),
    ],
)
def test_a_chapter_runs_alone_on_the_standard_library(name: str, tmp_path: Path) -> None:
    text = printed("-m", f"demos.{name}", folder=tmp_path)
    one_sentence(text)
    assert name == "drawing" or any(letter in text for letter in "│┤")
    assert not list(tmp_path.glob("*.png"))


def test_the_drawing_chapter_says_what_is_missing_without_a_layout_engine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [path.name for path in drawing.main(str(tmp_path))] == ["y.svg", "y.html"]
    monkeypatch.setattr("autograd.drawing.render.engines", lambda: iter(()))
    assert drawing.main(str(tmp_path)) == []
    assert capsys.readouterr().out.count("pip install graphviz-pure") == 1


@pytest.mark.full
def test_the_training_chapter_learns_and_writes_its_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert training_player.main(str(tmp_path)).stat().st_size < 200_000
    assert "100% of the 60 points" in capsys.readouterr().out


def test_an_expression_alone_prints_what_it_prints_in_the_tour(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expression.main(str(tmp_path))
    text = capsys.readouterr().out
    check_expression(text)
    without_file = re.sub(
        r"\(.*expression\.png has it as a picture\)\n", "", text
    )  # which takes matplotlib
    assert printed("-m", "demos.expression", folder=tmp_path) == without_file


@pytest.mark.full
def test_a_terminal_of_few_letters_does_not_stop_the_tour(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "demos.iris"],
        cwd=CLONE,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"held-out rows" in done.stdout


def test_importing_autograd_and_nn_loads_nothing_but_the_standard_library(tmp_path: Path) -> None:
    code = (
        "import sys, autograd, nn; "
        "print(*sorted({name.partition('.')[0] for name in sys.modules} - "
        "set(sys.stdlib_module_names)))"
    )
    assert printed("-c", code, folder=tmp_path) == "__main__ autograd nn\n"


# Iris, ten times


@pytest.mark.full
def test_iris_is_learned_in_ten_runs_to_95_percent_on_rows_never_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The demo itself, with ten seeds: for the split, the weights and the batches."""
    monkeypatch.setattr(
        "demos.iris.show", lambda *_, **__: None
    )  # ten pictures are no better than one
    rights = [iris.main(str(tmp_path), seed) for seed in range(10)]
    printed = re.findall(r"on the 30 held-out rows: (\S+)% right", capsys.readouterr().out)
    assert list(map(float, printed)) == pytest.approx([100 * right for right in rights], abs=0.05)
    assert fmean(rights) >= 0.95
    assert min(rights) >= 0.85
    assert len(set(rights)) > 1  # the seeds are ten different runs


# Mixed installations


def other_autograd(folder: Path) -> Path:
    """A folder with the other distribution's autograd, as far as it matters here."""
    (folder / "autograd").mkdir(parents=True)
    (folder / "autograd" / "__init__.py").write_text(HIPS)
    return folder


def test_nn_says_so_when_another_autograd_is_found_first(tmp_path: Path) -> None:
    other = other_autograd(tmp_path / "other")
    done = python("-c", "import nn", path=[other, CLONE], folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "ImportError: nn needs glassgrad's autograd, but 'import autograd' finds another at "
        f"{other / 'autograd' / '__init__.py'}: give glassgrad a virtual environment of its own, "
        "or here: "
        "pip uninstall autograd glassgrad, then install glassgrad again"
    )


def test_nn_says_so_when_a_remnant_of_autograd_is_found(tmp_path: Path) -> None:
    """Uninstalling ours from under the other one leaves a folder without __init__.py, which imports
    as nothing.
    """
    shutil.copytree(
        CLONE / "nn", tmp_path / "site" / "nn", ignore=shutil.ignore_patterns("__pycache__")
    )
    (tmp_path / "site" / "autograd").mkdir()
    done = python("-c", "import nn", path=tmp_path / "site", folder=tmp_path)
    assert done.returncode == 1
    assert "finds another at " + str(tmp_path / "site" / "autograd") in done.stderr.splitlines()[-1]


def test_leftovers_of_the_other_autograd_beside_ours_are_said_at_import(tmp_path: Path) -> None:
    ours = tmp_path / "site" / "autograd"
    shutil.copytree(CLONE / "autograd", ours, ignore=shutil.ignore_patterns("__pycache__"))
    clean = python(
        "-c", "import autograd; print(autograd.__file__)", path=ours.parent, folder=tmp_path
    )
    assert (clean.returncode, clean.stdout.strip(), clean.stderr) == (
        0,
        str(ours / "__init__.py"),
        "",
    )
    (ours / "tracer.py").write_text(HIPS)
    mixed = python(
        "-c", "import autograd; print(autograd.Value(2.0))", path=ours.parent, folder=tmp_path
    )
    assert (mixed.returncode, mixed.stdout) == (0, "Value(2)\n")
    assert mixed.stderr.startswith(  # Python 3.13 adds the line of code
        "<string>:1: UserWarning: the autograd of glassgrad and that of another distribution "
        f"(HIPS, in {ours}) are "
        "both installed: pip uninstall autograd glassgrad, then install glassgrad again\n"
    )


def test_the_other_autograd_elsewhere_on_the_path_is_said_at_import(tmp_path: Path) -> None:
    """As where ours is imported from its clone, and the other one lies in site-packages."""
    other = tmp_path / "site" / "autograd"
    other.mkdir(parents=True)
    (other / "tracer.py").write_text(HIPS)
    done = python(
        "-c",
        "import autograd; print(autograd.Value(2.0))",
        path=[CLONE, other.parent],
        folder=tmp_path,
    )
    assert (done.returncode, done.stdout) == (0, "Value(2)\n")
    assert f"another distribution (HIPS, in {other}) are both installed" in done.stderr


def test_no_file_of_ours_has_a_name_of_the_other_autograd() -> None:
    theirs = {
        "core",
        "builtins",
        "extend",
        "tracer",
        "util",
        "wrap_util",
        "test_util",
        "differential_operators",
    }
    theirs |= {"misc", "numpy", "scipy"}
    assert not theirs & {path.stem for path in (CLONE / "autograd").iterdir()}


@pytest.mark.full
def test_plain_pytest_in_a_clone_finds_ours_even_where_another_autograd_is_installed(
    tmp_path: Path,
) -> None:
    """As with an editable installation, whose path comes after site-packages: pytest's own setting
    must win.
    """
    other = other_autograd(tmp_path / "other")
    clone = tmp_path / "clone"
    for package in ("autograd", "nn"):
        shutil.copytree(
            CLONE / package, clone / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(CLONE / "pyproject.toml", clone)
    (clone / "tests").mkdir()
    (clone / "tests" / "test_which.py").write_text(
        "import autograd, nn\n\ndef test_which():\n    assert "
        f"autograd.__file__.startswith({str(clone)!r})\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", "tests"],
        cwd=clone,
        env=os.environ | {"PYTHONPATH": str(other)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("old", [(3, 8, 18), (3, 10, 13)])
@pytest.mark.parametrize(
    ("package", "start"),
    [("demos", "glassgrad needs Python 3.11 or newer, "), ("autograd", "ImportError: glassgrad")],
)
def test_an_older_python_gets_one_sentence(old: tuple[int, ...], package: str, start: str) -> None:
    """Told its version by hand, because there is none in every house; the syntax is held to that of
    3.8.
    """
    init = CLONE / package / "__init__.py"
    ast.parse(init.read_text(encoding="utf-8"), feature_version=(3, 8))
    code = f"import sys; sys.version_info = {old}; sys.version = '3.8.18 (...)'; import {package}"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CLONE, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith(start) and "this is 3.8.18: try python3.13" in last
    assert package != "demos" or len(done.stderr.splitlines()) == 1


def test_a_chapter_runs_by_its_name_with_a_folder_for_its_files(tmp_path: Path) -> None:
    text = printed("-m", "demos", "forward", "files", folder=tmp_path)
    assert text == printed("-m", "demos.forward", folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["files"]
    about = printed("-m", "demos", "forward", "--help", folder=tmp_path)
    assert "by hand" in about and "python -m demos NAME [FOLDER]" in about


def test_a_slip_in_a_name_is_no_folder_of_the_tour(tmp_path: Path) -> None:
    done = python("-m", "demos", "mons", path=CLONE, folder=tmp_path)
    said = "there is no chapter 'mons': did you mean python -m demos moons?\n"
    assert (done.returncode, done.stderr) == (2, said)
    done = python("-m", "demos", "zzz", path=CLONE, folder=tmp_path)
    assert done.returncode == 2 and "there is no chapter and no folder 'zzz'" in done.stderr
    assert not list(tmp_path.iterdir())
