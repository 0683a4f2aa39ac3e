"""Layout: DOT in, SVG or PNG out, by Graphviz's own ``dot``, or its port ``graphviz-pure``, which
pip installs with us into a folder that need not be on the path."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from autograd.engine.errors import LayoutError

__all__ = ["engines", "lay_out"]

PATIENCE = 300  # seconds
MISSING = (
    "a picture needs a layout engine, and there is none: pip install graphviz-pure, or install "
    "Graphviz (apt install graphviz, brew install graphviz); the drawing as text is in .dot"
)


def engines() -> list[str]:
    """The programs that can lay out DOT here, in the order in which they are tried."""
    folders = [sysconfig.get_path("scripts"), str(Path(sys.executable).parent)]
    path = os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)])
    return [e for e in (shutil.which("dot"), shutil.which("graphviz-pure", path=path)) if e]


def lay_out(dot: str, kind: str, dpi: int = 144) -> bytes:
    """Draw DOT as svg, or as png with so many dots per inch. Raises LayoutError if it fails."""
    said = MISSING
    for engine in engines():
        command = [engine, f"-T{kind}", *([f"-Gdpi={dpi}"] if kind == "png" else [])]
        name = Path(engine).name
        try:
            done = subprocess.run(
                command, input=dot.encode(), capture_output=True, timeout=PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            said = f"no picture: {name} took more than {PATIENCE} s: lower budget= or depth="
            continue
        except OSError as error:
            said = f"no picture: {engine} did not start: {error}"
            continue
        if done.returncode == 0 and done.stdout:
            return done.stdout
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        said = f"no picture: {name} failed: {[f'exit status {done.returncode}', *lines][-1]}"
    raise LayoutError(said)
