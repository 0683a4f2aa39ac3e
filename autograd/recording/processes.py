"""Processes: sums over the processes that ``jax.distributed.initialize`` has joined."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np

from autograd.recording.batch import Array


@contextmanager
def all_needed(count: int) -> Iterator[None]:
    """Raise a RuntimeError in one sentence where another one of so many processes has ended."""
    from jax.errors import JaxRuntimeError

    try:
        yield
    except JaxRuntimeError as error:
        if count == 1:
            raise
        came = f"'{str(error).splitlines()[0][:200]}' in one of {count} processes"
        cure = "start all of them again; with a checkpoint they resume from its last epoch"
        raise RuntimeError(f"engine 'jax' needs all processes, got {came}: {cure}") from error


class Processes:
    """The processes that ``jax.distributed.initialize`` has joined, ``count`` in number, of which
    this is the one at the ``place``; without it this one alone.

    >>> Processes().sum([1.0, 2.0])
    array([1., 2.])
    """

    def __init__(self) -> None:
        # nobody has joined any where nobody has imported it
        jax: Any = sys.modules.get("jax")
        self.count: int = jax.process_count() if jax else 1
        self.place: int = jax.process_index() if jax else 0

    def sum(self, numbers: Sequence[float] | Array) -> Array:
        """The sum of what each process passes, so many numbers, by XLA; the same in each.

        Raises RuntimeError if one of them has ended."""
        mine = np.asarray(numbers, float)
        if self.count == 1:
            return mine
        with all_needed(self.count):
            return self._added_up(mine)

    def need_the_same(self, what: str, cure: str, *arrays: Array) -> None:
        """Raise a ValueError if the processes pass different arrays."""
        digest = sha256(b"".join(np.ascontiguousarray(x).tobytes() for x in arrays)).digest()
        mine = np.frombuffer(digest, np.uint16).astype(float)
        mine = np.concatenate([mine, mine * mine])  # by whose sums equal ones are known
        if (self.sum(mine) != self.count * mine).any():
            need = f"engine 'jax' needs the same {what} in all processes"
            raise ValueError(f"{need}, got different ones: {cure}")

    @cached_property
    def _added_up(self) -> Callable[[Array], Array]:
        from jax import sharding

        jax: Any = sys.modules["jax"]
        spec: Any = sharding.PartitionSpec
        jax.config.update("jax_enable_x64", True)
        firsts = {device.process_index: device for device in reversed(jax.devices())}
        mesh = sharding.Mesh(np.array([firsts[k] for k in sorted(firsts)]), ("processes",))
        apart = sharding.NamedSharding(mesh, spec("processes"))
        everywhere = sharding.NamedSharding(mesh, spec())
        added = jax.jit(lambda x: x.sum(axis=0), out_shardings=everywhere)

        def added_up(mine: Array) -> Array:
            every = jax.make_array_from_process_local_data(apart, mine[None])
            return np.asarray(added(every).addressable_data(0))

        return added_up
