"""The processes of a cluster's job, which train together by ``--engine jax``."""

import io
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory

from nn.cli.options import Refused
from nn.cli.run_dir import RunDir

READ = "all have read the folder"  # before the first one changes it


@contextmanager
def joined(out: str, words: Sequence[str]) -> Iterator[list[str]]:
    """Join the processes of the job, if JAX finds one, and give the words that this one goes by:
    all but the first are silent, and have a folder of their own for the time."""
    os.environ.setdefault("JAX_ENABLE_PREEMPTION_SERVICE", "0")  # which holds SIGTERM back
    try:
        import jax
    except ModuleNotFoundError:
        cure = "pip install 'glassgrad[export]', or leave it out"
        raise Refused(f"--engine jax needs JAX, which is not installed: {cure}") from None
    try:
        # where one ends the others do, within a minute
        jax.distributed.initialize(heartbeat_timeout_seconds=60, shutdown_timeout_seconds=60)
    except ValueError:  # there is no job of several
        yield list(words)
        return
    from jax.experimental.multihost_utils import sync_global_devices

    if not jax.process_index():
        sync_global_devices(READ)
        yield list(words)
        return
    with TemporaryDirectory() as own, redirect_stdout(io.StringIO()):
        if begun := RunDir(out).begun:
            shutil.copytree(begun, Path(own, "run"))
        sync_global_devices(READ)
        yield [*words, "--out", str(Path(own, "run")), "--quiet"]
