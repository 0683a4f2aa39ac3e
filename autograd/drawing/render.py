"""Layout: DOT in, SVG or PNG out, by the first layout engine that is there.

That is Graphviz's own ``dot``, or its port ``graphviz-pure``, which pip installs with us: a program
in the folder of the environment's scripts, which need not be on the path."""

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from autograd.engine.errors import LayoutError

__all__ = ["engines", "lay_out"]

PATIENCE = 300  # seconds


def engines() -> Iterator[str]:
    """The programs that can lay out DOT here, in the order in which they are tried."""
    system = shutil.which("dot")
    if system:
        yield system
    for folder in dict.fromkeys(
        (sysconfig.get_path("scripts"), str(Path(sys.executable).parent), None)
    ):
        port = shutil.which("graphviz-pure", path=folder)  # None is the path of the environment
        if port:
            yield port
            return


def lay_out(dot: str, kind: str, dpi: int = 144) -> bytes:
    """Draw DOT as svg, or as png with so many dots per inch. Raises LayoutError if no engine is
    there, or all fail.
    """
    said = ""
    for engine in engines():
        command = [engine, f"-T{kind}", *([f"-Gdpi={dpi}"] if kind == "png" else [])]
        try:
            done = subprocess.run(
                command, input=dot.encode(), capture_output=True, timeout=PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            said = f"{Path(engine).name} took more than {PATIENCE} s: lower budget= or depth="
            continue
        except OSError as error:
            said = f"{engine} did not start: {error}"
            continue
        if done.returncode == 0 and done.stdout:
            return done.stdout
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        reason = lines[-1] if lines else f"exit status {done.returncode}"
        said = f"{Path(engine).name} failed: {reason}"
    if said:
        raise LayoutError(f"no picture: {said}")
    raise LayoutError(
        "a picture needs a layout engine, and there is none: pip install graphviz-pure, or install "
        "Graphviz (apt install graphviz, brew install graphviz); the drawing as text is in .dot"
    )
