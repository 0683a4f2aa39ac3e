"""OnDevices: the levels of a program under ``jax.jit``, the samples shared out over all devices
that JAX sees, those of other processes too where ``jax.distributed`` has joined them."""

from importlib.util import find_spec
from math import prod
from typing import Any

import numpy as np

from autograd.recording.batch import Array, Samples
from autograd.recording.export import check
from autograd.recording.export.jax import JAX
from autograd.recording.export.levels import levels
from autograd.recording.form import NormalForm
from autograd.recording.processes import Processes, all_needed
from autograd.recording.schedule import Layout
from autograd.recording.wish import Wish

# Numbers that a device has at once, 8 bytes each; a reverse pass takes some three times as many.
MOST = 1 << 27


def need_jax() -> None:
    """Raise an ImportError where JAX is not installed."""
    if find_spec("jax") is None:
        cure = "pip install 'glassgrad[export]', or write engine='auto'"
        raise ImportError(f"engine 'jax' needs JAX, which is not installed: {cure}")


class OnDevices:
    """An engine whose samples are shared out over devices, and whose gradients by what samples
    share are added up over them, by XLA."""

    def __init__(self, name: str, layout: Layout, leaves: list[int], local: bool) -> None:
        """leaves: the nodes of the narrow numbers that a run is given. local: on the devices of
        this process alone."""
        need_jax()
        check(layout.form, "engine 'jax'")
        import jax
        from jax import sharding

        self.name, self.layout, self.form = name, layout, layout.form
        words: dict[str, Any] = {}
        text = "\n\n".join(levels(layout, JAX))
        exec(compile(text, f"<{name} for JAX>", "exec"), words)
        self.levels = words["levels"]
        self.place = {node: k for k, node in enumerate(leaves)}
        self.devices = jax.local_devices() if local else jax.devices()
        self.processes = 1 if local else jax.process_count()
        mesh = sharding.Mesh(np.array(self.devices), ("samples",))
        spec: Any = sharding.PartitionSpec
        self.by_sample = sharding.NamedSharding(mesh, spec("samples"))
        self.everywhere = sharding.NamedSharding(mesh, spec())
        count = len(self.devices)
        self.block = count * max(1, MOST // (_numbers(self.form) + 1))
        self.functions: dict[Wish, Any] = {}
        self.full: dict[Wish, int] = {}  # the samples of the first batch

    @property
    def described(self) -> str:
        """The name, and on what it runs."""
        count, kind = len(self.devices), self.devices[0].platform
        one = f"{kind} device" if kind == "cpu" else f"{kind.upper()}"
        several = f" of {self.processes} processes" if self.processes > 1 else ""
        return f"jax on {count} {one}{'s' * (count > 1)}{several}"

    def run(
        self, samples: Samples, p: Array, wish: Wish, seed: float
    ) -> tuple[bool, Array, list[Any], Array]:
        """Whether the values are finite; the values, a row for each output; the grads wanted."""
        count, devices = samples.count, len(self.devices)
        if self.form.crosses and count % devices:
            need = f"{self.name} has numbers of the whole batch, which engine 'jax' needs to share"
            raise ValueError(f"{need} evenly over {devices} devices, got {count} samples")
        block = count if self.form.crosses else self.block
        pieces = [
            np.broadcast_to(np.reshape(array, (prod(mine), numbers)), (count, numbers))
            for _, array, mine, numbers in samples.spread()
        ]
        if self.processes > 1 and not self.functions:
            cure = "give all of them the same rows, seeds and checkpoint"
            Processes().need_the_same("samples and parameters", cure, *pieces, np.asarray(p, float))
        found = []
        narrow = self._put(np.asarray(p, float), self.everywhere)
        for a in range(0, count, block):
            part = [piece[a : a + block] for piece in pieces]
            rows = min(block, count - a)
            weights = np.full(rows, seed)
            full = self.full.setdefault(wish, rows)
            if lack := max((full - rows) * (rows < full <= 4 * rows), -rows % devices):
                # rows that count nothing, copies of the last one: so that the parts are alike, and
                # that a batch somewhat shorter than the first need not be compiled for
                part = [np.concatenate([piece, piece[-1:].repeat(lack, 0)]) for piece in part]
                weights = np.append(weights, np.zeros(lack))
            given = [self._put(x, self.by_sample) for x in (*part, weights)]
            with all_needed(self.processes):
                answers = self._function(wish)(given[:-1], narrow, given[-1])
                values, dx, dp = map(np.asarray, answers)
            found.append((values[:rows], dx[:rows], dp))
        values, dx = (np.concatenate([each[k] for each in found]).T for k in range(2))
        places = [self.place[node] for node in wish.narrow]
        dp = np.sum([each[2] for each in found], axis=0)[places] if places else np.empty(0)
        is_finite = bool(np.isfinite(np.add.reduce(values, axis=None)))
        return is_finite, values, samples.parts(wish.arguments, dx[list(wish.inputs)]), dp

    def _put(self, x: Array, sharding: Any) -> Any:
        """An array of which each device gets its part."""
        import jax

        if self.processes == 1:
            return jax.device_put(x, sharding)
        return jax.make_array_from_callback(x.shape, sharding, x.__getitem__)

    def _function(self, wish: Wish) -> Any:
        """Values and grads, compiled once for each number of samples."""
        if wish not in self.functions:
            self.functions[wish] = self._compiled(bool(wish.inputs), bool(wish.narrow))
        return self.functions[wish]

    def _compiled(self, by_inputs: bool, by_narrow: bool) -> Any:
        import jax
        import jax.numpy as jnp

        layout, outputs = self.layout, len(self.form.outputs)
        count = len(layout.parameters)
        sizes = [len(nodes) for nodes in layout.arguments.values()]
        are_wide = [layout.wide[argument] for argument in layout.arguments]

        def values(x: Any, narrow: Any) -> Any:
            column = narrow[:, None]
            given, ends = [], {True: 0, False: count}
            for wide, size in zip(are_wide, sizes, strict=True):
                begin, ends[wide] = ends[wide], ends[wide] + size
                given.append((x.T if wide else column)[begin : begin + size])
            y = self.levels(*given, *[column[:count]] * bool(count))
            return jnp.broadcast_to(y, (outputs, len(x))).T

        def total(x: Any, narrow: Any, weights: Any) -> tuple[Any, Any]:
            y = values(x, narrow)
            return jnp.sum(jnp.where(weights == 0, 0.0, y[:, 0] * weights)), y

        by = [k for k, wanted in enumerate((by_inputs, by_narrow)) if wanted]

        def answers(pieces: list[Any], narrow: Any, weights: Any) -> tuple[Any, Any, Any]:
            x = jnp.concatenate(pieces, axis=1) if pieces else jnp.empty((len(weights), 0))
            if not by:
                return values(x, narrow), x[:, :0], narrow[:0]
            found, grads = jax.value_and_grad(total, by, has_aux=True)(x, narrow, weights)
            grads = dict(zip(by, grads, strict=True))
            return found[1], grads.get(0, x[:, :0]), grads.get(1, narrow[:0])

        rows = self.by_sample if self.processes == 1 else self.everywhere
        return jax.jit(answers, out_shardings=(rows, rows, self.everywhere))


def _numbers(form: NormalForm) -> int:
    """How many a sample has at once; of a loop its states of all steps, or the slopes of these."""
    found = form.inputs + len(form.wide)
    for node, body in form.bodies.items():
        loop: Any = form.rows[node]
        ways = len(body.outer) + loop.states if loop.steps is None else loop.steps
        found += _numbers(body) + loop.states * ways
    return found
