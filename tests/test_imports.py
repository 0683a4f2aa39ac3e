"""The arrows of the house: which room may import which, and what may be imported before anything is
installed.
"""

import ast
import os
import subprocess
import sys
from functools import cache
from inspect import ismodule
from pathlib import Path

import pytest

import autograd
import nn
from tests.cases import each

HOUSE = Path(__file__).parents[1]
PACKAGES = ("autograd", "nn", "demos")

# A room may import from the rooms of the rows above its own; inside a room, each file from any
# other, but not in a circle.
FLOORS = {
    "autograd": (
        ("engine",),
        ("debugging", "tree"),
        ("export",),
        ("calculus", "drawing", "loops", "recording"),
        ("checking", "exercises"),
        ("define",),
        ("cli",),
        ("__main__",),
    ),
    "nn": (
        ("other_libraries",),
        ("checks",),
        ("module", "schedules"),
        ("activations", "losses", "metrics", "optim", "penalties"),
        ("init",),
        ("layers",),
        ("data",),
        ("io",),
        ("training",),
        ("analysis",),
        ("plotting", "doctor"),
        ("cli",),
        ("__main__",),
    ),
}
HEIGHT = {
    package: {room: height for height, rooms in enumerate(floors) for room in rooms}
    for package, floors in FLOORS.items()
}
# Arrows that point up still, one a line; one that is not needed any more must go from here.
STILL: set[str] = set()

# HIPS autograd's, whose files must never mix with ours in one folder.
NOT_OUR_NAMES = {
    *(
        "core",
        "builtins",
        "extend",
        "tracer",
        "util",
        "wrap_util",
        "test_util",
        "differential_operators",
    ),
    *("numpy", "scipy", "misc"),
}


def sources(package: str) -> list[Path]:
    return sorted((HOUSE / package).rglob("*.py"))


@cache
def imports(file: Path, *, top_level: bool = False) -> list[tuple[str, str, str]]:
    """Each import in a file: the module, the name taken from it ("" for all), and the line."""
    text, found = file.read_text(encoding="utf-8"), []
    tree, lines = ast.parse(text), text.splitlines()
    for node in tree.body if top_level else ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, "", lines[node.lineno - 1]) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name} imports relatively"
            line = lines[node.lineno - 1]
            found += [(node.module or "", alias.name, line) for alias in node.names]
    return found


def room_of(file: Path) -> str:
    """A file of the first level, or the room that it lies in."""
    inside = file.relative_to(HOUSE).parts[1:]
    return inside[0].removesuffix(".py")


@pytest.mark.parametrize("package", FLOORS)
def test_every_room_has_a_place(package: str) -> None:
    rooms = {room_of(file) for file in sources(package)} - {"__init__"}
    assert rooms == set(HEIGHT[package])


@pytest.mark.parametrize("package", FLOORS)
def test_rooms_import_from_floors_below(package: str) -> None:
    height, wrong = HEIGHT[package], set()
    for file in sources(package):
        if (room := room_of(file)) == "__init__":
            continue
        for module, name, line in imports(file):
            if module.partition(".")[0] != package:
                continue
            other = name if module == package else module.split(".")[1]
            assert other in height, f"{file.relative_to(HOUSE)} imports from no room: {line}"
            if other != room and height[other] >= height[room]:
                wrong.add(f"{package}.{room} -> {package}.{other}")
    assert wrong == {arrow for arrow in STILL if arrow.startswith(package)}


@each("file", sources("autograd"), ids=lambda file: file.stem)
def test_autograd_never_imports_nn_or_the_demos(file: Path) -> None:
    assert not {module.partition(".")[0] for module, _, _ in imports(file)} & {
        "nn",
        "demos",
        "tests",
    }


@each("file", sources("nn") + sources("demos"), ids=lambda file: f"{file.parent.name}.{file.stem}")
def test_nn_and_the_demos_use_only_public_names_of_autograd(file: Path) -> None:
    public = {
        name for name, x in vars(autograd).items() if not name.startswith("_") and not ismodule(x)
    }
    public = public.union(*autograd.LATER.values())  # imported when they are asked for
    for module, name, line in imports(file):
        assert not module.startswith("autograd."), (
            f"{file.name} reaches into a room of autograd: {line}"
        )
        if module == "autograd" and name:
            assert name in public, f"{name} is no public name of autograd: {line}"


@each("file", sources("nn"), ids=lambda file: file.stem)
def test_nn_never_imports_the_demos(file: Path) -> None:
    assert not {module.partition(".")[0] for module, _, _ in imports(file)} & {"demos", "tests"}


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_but_the_standard_library_is_imported_at_top_level(package: str) -> None:
    for file in sources(package):
        if {"recording", "terminal"} & {*file.relative_to(HOUSE).parts}:
            continue  # NumPy's own room and textual's, imported only for those who ask for them
        for module, _, line in imports(file, top_level=True):
            top = module.partition(".")[0]
            assert top in sys.stdlib_module_names or top in PACKAGES, f"{file.name}: {line}"


ALONE = """
import sys

class Nothing:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in {"autograd", "nn", "demos"}:
            raise ModuleNotFoundError(f"{name} is not in the standard library", name=top)

sys.meta_path.insert(0, Nothing())
import autograd, nn, demos
from nn import *
x = autograd.Value(2.0)
(x * x).tanh().backward()
autograd.hessian(lambda v: autograd.dot(v, v))([x, 1.0])
print(nn.MLP(2, [3, 1])([1.0, 2.0]).data, x.grad)
"""


def test_everything_starts_on_the_standard_library_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ALONE],
        cwd=HOUSE,
        env={**os.environ, "PYTHONPATH": str(HOUSE)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_no_file_has_a_name_of_the_other_autograd() -> None:
    names = {path.stem for path in (HOUSE / "autograd").iterdir()}
    assert not names & NOT_OUR_NAMES


def test_no_file_is_a_place_for_everything() -> None:
    for package in PACKAGES:
        assert not {file.stem for file in sources(package)} & {
            "utils",
            "util",
            "helpers",
            "misc",
            "common",
            "base",
        }


@pytest.mark.parametrize("package", PACKAGES)
def test_no_two_modules_import_one_another(package: str) -> None:
    arrows: dict[str, set[str]] = {}
    for file in sources(package):
        here = ".".join(file.relative_to(HOUSE).with_suffix("").parts).removesuffix(".__init__")
        taken = imports(file, top_level=True)
        arrows[here] = {
            f"{module}.{name}" if module == package else module for module, name, _ in taken
        } - {here}
    done: set[str] = set()
    while ready := {
        module for module in arrows if module not in done and arrows[module] & set(arrows) <= done
    }:
        done |= ready
    assert set(arrows) == done, f"{sorted(set(arrows) - done)} import one another"


def test_import_nn_loads_the_layers_and_losses_and_the_engine_and_little_else() -> None:
    ours = "name.partition('.')[0] in ('autograd', 'nn')"
    count = f"import nn, sys; print(sum({ours} for name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", count], cwd=HOUSE, capture_output=True, text=True, timeout=60
    )
    assert int(done.stdout) <= 45, done.stderr


def test_import_autograd_loads_nothing_large_that_few_ask_for() -> None:
    large = "{'difflib', 'json', 'numpy', 'pathlib', 'subprocess', 'unittest'}"
    found = f"b = {{*sys.modules}}; import autograd; print({large} & {{*sys.modules}} - b)"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {found}"],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "set()\n", done


def test_what_nn_imports_later_is_what_the_modules_export_to_type_checkers() -> None:
    text = (HOUSE / "nn" / "__init__.py").read_text(encoding="utf-8")
    assert set(nn.__all__) >= {name for names in nn.LATER.values() for name in names}
    for place, names in nn.LATER.items():
        assert all(getattr(nn, name) is not None for name in names)
        if place not in ("doctor", "plotting.mpl", "plotting.terminal"):
            assert f"    from nn.{place} import *\n" in text
            assert sorted(sys.modules[f"nn.{place}"].__all__) == sorted(names)
