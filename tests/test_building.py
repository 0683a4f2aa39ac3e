"""The engine in C is built where a C compiler is, and nothing depends on it: tried in a copy."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import pytest

QUICKLY = {"GLASSGRAD_CFLAGS": "-O0"}  # in a tenth of the time
HOUSE = Path(__file__).parents[1]
LIBRARY = f"library{sysconfig.get_config_var('EXT_SUFFIX')}"
NO_COMPILER = {"CC": "/nonexistent"}
compiled = [  # on what the engine in C is written for, with a compiler; it takes seconds
    pytest.mark.full,
    pytest.mark.skipif(
        not shutil.which("cc") or not (3, 11) <= sys.version_info < (3, 14),
        reason="needs a C compiler, and CPython 3.11 to 3.13",
    ),
]


@pytest.fixture
def native(tmp_path: Path) -> Path:
    """The folder of the engine in C in a copy of the repository, without a library."""
    copy = tmp_path / "copy"
    leave = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd")
    for package in ("autograd", "nn"):
        shutil.copytree(HOUSE / package, copy / package, ignore=leave)
    for file in ("README.md", "LICENSE", "pyproject.toml", ".gitignore"):
        shutil.copy(HOUSE / file, copy)
    return copy / "autograd" / "engine" / "native"


def run(native: Path, *command: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    copy = native.parents[2]
    mine = ("GLASSGRAD_ENGINE", "GLASSGRAD_NATIVE", "CC")
    environment = {name: text for name, text in os.environ.items() if name not in mine}
    return subprocess.run(
        [sys.executable, *command],
        cwd=copy,
        env={**environment, "PYTHONPATH": str(copy), **QUICKLY, **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )


def build(native: Path, **variables: str) -> str:
    """What the script says when it is run; it must be content."""
    done = run(native, str(native / "build.py"), **variables)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def engine(native: Path) -> str:
    done = run(native, "-m", "autograd", "--version")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.partition("engine ")[2].partition(",")[0]


@pytest.mark.parametrize("variables", [NO_COMPILER, {"CC": f"{sys.executable} -S"}])
def test_where_nothing_compiles_one_line_says_so_and_an_old_library_goes(
    native: Path, variables: dict[str, str]
) -> None:
    (native / LIBRARY).write_text("of another day")
    said = build(native, **variables)
    assert said.startswith("glassgrad's engine in C is not built, the one in Python runs: ")
    assert said.count("\n") == 1
    assert not list(native.glob("library*")) and not list(native.glob("building*"))
    assert engine(native) == "python"


def test_must_fails_where_nothing_compiles(native: Path) -> None:
    done = run(native, str(native / "build.py"), GLASSGRAD_NATIVE="must", **NO_COMPILER)
    assert done.returncode == 1
    assert "no C compiler was found (tried /nonexistent)" in done.stderr


def test_no_builds_nothing_and_another_word_is_refused(native: Path) -> None:
    (native / LIBRARY).write_text("of another day")
    assert build(native, GLASSGRAD_NATIVE="no") == ""
    assert not list(native.glob("library*")) and engine(native) == "python"
    done = run(native, str(native / "build.py"), GLASSGRAD_NATIVE="maybe")
    assert "GLASSGRAD_NATIVE needs to be must or no, got 'maybe'" in done.stderr


def test_an_engine_that_is_asked_for_must_be_there(native: Path) -> None:
    done = run(native, "-c", "import autograd", GLASSGRAD_ENGINE="native")
    assert "ImportError: the native engine is not there: install a C compiler" in done.stderr
    done = run(native, "-c", "import autograd", GLASSGRAD_ENGINE="rust")
    assert "GLASSGRAD_ENGINE needs to be native or python, got 'rust'" in done.stderr


def test_a_library_that_cannot_be_loaded_is_named_in_one_warning(native: Path) -> None:
    (native / LIBRARY).write_text("no library")
    done = run(native, "-m", "autograd", "--version")
    assert "engine python," in done.stdout
    assert done.stderr.count("Warning") == 1
    assert "RuntimeWarning: the native engine cannot be loaded" in done.stderr
    done = run(native, "-c", "import autograd", GLASSGRAD_ENGINE="native")
    assert "ImportError: the native engine cannot be loaded" in done.stderr


class TestCompiled:
    pytestmark = compiled

    def test_the_script_builds_what_is_then_used(self, native: Path) -> None:
        of_batches = native.parents[1] / "recording" / "native" / LIBRARY
        assert build(native) == f"built {native / LIBRARY}\nbuilt {of_batches}\n"
        assert engine(native) == "native"
        same = run(native, "-c", "import autograd; print(autograd.ENGINE)")
        assert same.stdout == "native\n"
        done = run(native, "-m", "autograd", "--version", GLASSGRAD_ENGINE="python")
        assert "engine python," in done.stdout
        build(native, **NO_COMPILER)
        assert engine(native) == "python"

    def test_a_library_of_other_sources_is_named_in_one_warning_and_not_used(
        self, native: Path
    ) -> None:
        build(native)
        rows = native / "rows.h"
        text = rows.read_text("utf-8")
        rows.write_text(text.replace('#define DIGEST "', '#define DIGEST "0'), "utf-8")
        done = run(native, "-m", "autograd", "--version")
        assert "engine python," in done.stdout
        assert done.stderr.count("Warning") == 1
        assert "was built from other sources, so the one in Python runs" in done.stderr
        done = run(native, "-c", "import autograd", GLASSGRAD_ENGINE="native")
        assert "ImportError: the native engine was built from other sources" in done.stderr
        build(native)
        assert engine(native) == "native"

    def test_a_wheel_has_the_library_of_its_python_or_is_pure(self, native: Path) -> None:
        pytest.importorskip("hatchling")
        (native / "library.of_another_python.so").touch()
        wheels = native.parents[2] / "dist"
        hatch = ("-m", "hatchling", "build", "-t", "wheel")
        done = run(native, *hatch, GLASSGRAD_NATIVE="must")
        assert done.returncode == 0, done.stderr
        (wheel,) = wheels.iterdir()
        tag = f"cp3{sys.version_info[1]}"
        assert f"-{tag}-{tag}-" in wheel.name
        assert libraries(wheel) == [LIBRARY] * 2
        wheel.unlink()
        done = run(native, *hatch, **NO_COMPILER)
        assert done.stderr.count("glassgrad's engine in C is not built") == 1
        (wheel,) = wheels.iterdir()
        assert wheel.name.endswith("-py3-none-any.whl") and libraries(wheel) == []
        done = run(native, *hatch, GLASSGRAD_NATIVE="must", **NO_COMPILER)
        assert done.returncode != 0 and "no C compiler was found" in done.stderr

    def test_a_source_distribution_has_what_a_wheel_is_built_from(self, native: Path) -> None:
        pytest.importorskip("hatchling")
        build(native)
        done = run(native, "-m", "hatchling", "build", "-t", "sdist", **NO_COMPILER)
        assert (done.returncode, done.stderr.count("not built")) == (0, 0)
        (source,) = (native.parents[2] / "dist").iterdir()
        shutil.unpack_archive(source, native.parents[3] / "unpacked")
        (unpacked,) = (native.parents[3] / "unpacked").glob("*/autograd/engine/native")
        assert not list(unpacked.glob("library*"))
        build(unpacked)
        assert engine(unpacked) == "native"


def libraries(wheel: Path) -> list[str]:
    """The libraries in a wheel, which must hold what they are compared with as well."""
    with ZipFile(wheel) as packed:
        names = [Path(name) for name in packed.namelist() if "/native/" in name]
    rooms = (HOUSE / "autograd" / room / "native" for room in ("engine", "recording"))
    sources = {
        path.name for room in rooms for path in room.iterdir() if path.suffix in (".c", ".h")
    }
    assert sources <= {path.name for path in names}
    return [path.name for path in names if path.name.startswith("library")]
