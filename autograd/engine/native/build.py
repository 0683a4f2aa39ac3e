"""Build the engine in C where a C compiler is: the hook of hatchling, for wheels and for ``pip
install -e .``, and a script, ``python autograd/engine/native/build.py``, for when sources changed.

``GLASSGRAD_NATIVE=no`` builds nothing; ``GLASSGRAD_NATIVE=must`` fails where nothing can be built.
``CC`` names the compiler, ``GLASSGRAD_CFLAGS`` its last options. On Windows it has to be clang,
which finds Microsoft's libraries. Only a wheel is for all CPUs."""

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).resolve().parent
LIBRARY = HERE / f"library{sysconfig.get_config_var('EXT_SUFFIX')}"
BATCHES = HERE.parents[1] / "recording" / "native" / LIBRARY.name
# None that changes a result: pow is the C library's, as in Python, and nothing is fused, so that
# every CPU comes to the same sums.
FLAGS = ["-DNDEBUG", "-ffp-contract=off"]
# Each library with its source and its own flags.
SOURCES = {
    LIBRARY: ("core.c", ["-O2", "-fno-builtin-pow"]),
    BATCHES: ("batch.c", ["-O3", "-fno-math-errno", "-fno-trapping-math"]),
}
WINDOWS, MACOS = sys.platform == "win32", sys.platform == "darwin"


class CannotBuild(Exception):
    """The engine in C cannot be built here."""


def _compiler() -> list[str]:
    given = os.environ.get("CC")
    usual = ["clang"] if WINDOWS else [sysconfig.get_config_var("CC") or "cc", "cc", "gcc", "clang"]
    for command in [given] if given else usual:
        words = [command] if shutil.which(command) else shlex.split(command)
        if shutil.which(words[0]):
            return words
    raise CannotBuild(f"no C compiler was found (tried {given or ', '.join(dict.fromkeys(usual))})")


def _options() -> tuple[list[str], list[str]]:
    """What makes a module for Python: options before the source, and behind it."""
    if WINDOWS:
        return ["-shared"], [f"-L{Path(sys.base_prefix, 'libs')}"]
    if MACOS:
        archs = shlex.split(os.environ.get("ARCHFLAGS", ""))
        return ["-bundle", "-undefined", "dynamic_lookup", *archs], []
    return ["-shared", "-fPIC"], ["-lm"]


def _for_this_cpu() -> list[str]:
    """Nothing for the widest vectors where this CPU does not have them, which halves the time."""
    cpuinfo = Path("/proc/cpuinfo")
    return ["-DNO_AVX512"] if cpuinfo.exists() and "avx512vl" not in cpuinfo.read_text() else []


def _compile(flags: list[str]) -> None:
    python = (sys.implementation.name, (3, 11) <= sys.version_info < (3, 14), sys.maxsize > 2**32)
    if python != ("cpython", True, True) or sysconfig.get_config_var("Py_GIL_DISABLED"):
        raise CannotBuild("it is written for CPython 3.11 to 3.13, 64 bits, with its global lock")
    compiler, (before, behind) = _compiler(), _options()
    headers = [f"-I{folder}" for folder in {*map(sysconfig.get_path, ("include", "platinclude"))}]

    last = shlex.split(os.environ.get("GLASSGRAD_CFLAGS", ""))

    def compile_one(library: Path) -> None:
        source, own = SOURCES[library]
        with TemporaryDirectory(dir=library.parent, prefix="building-") as folder:
            made = Path(folder, library.name)
            files = [str(library.with_name(source)), "-o", str(made)]
            command = [*compiler, *FLAGS, *flags, *own, *before, *headers, *files, *behind, *last]
            done = subprocess.run(command, capture_output=True, text=True, errors="replace")
            if done.returncode:
                said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
                first = next((line for line in said if "error" in line), said[-1])
                raise CannotBuild(f"{compiler[0]} says {first}")
            made.replace(library)

    with ThreadPoolExecutor() as pool:
        list(pool.map(compile_one, SOURCES))


def _remove() -> None:
    for library in SOURCES:
        library.unlink(missing_ok=True)


def build(say: Callable[[str], Any] = print, *, for_all: bool = False) -> bool:
    """Build the libraries in place of older ones, for all CPUs or for this one, and tell whether
    they are there."""
    wish = os.environ.get("GLASSGRAD_NATIVE", "")
    if wish not in ("", "no", "must"):
        raise ValueError(f"GLASSGRAD_NATIVE needs to be must or no, got {wish!r}")
    try:
        _remove()
        if wish == "no":
            return False
        _compile([] if for_all else _for_this_cpu())
    except (CannotBuild, OSError) as error:
        _remove()
        if wish == "must":
            raise
        say(f"glassgrad's engine in C is not built, the one in Python runs: {error}")
        return False
    return True


def _initialize(hook: Any, version: str, build_data: dict[str, Any]) -> None:
    if build(hook.app.display_warning, for_all=version != "editable"):
        build_data["artifacts"] += ["/".join(library.parts[-4:]) for library in SOURCES]
        build_data["pure_python"], build_data["infer_tag"] = False, True


def get_build_hook() -> Any:
    """The class that hatchling asks for; all else here needs the standard library alone."""
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    return type("NativeEngine", (BuildHookInterface,), {"initialize": _initialize})


if __name__ == "__main__":
    if build():
        print(*(f"built {library}" for library in SOURCES), sep="\n")
