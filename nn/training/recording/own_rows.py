"""OwnRows: a recording that each of several processes runs on its own rows of every batch."""

from contextlib import suppress
from typing import Any

import numpy as np

from autograd import Processes
from nn.data.dataset import Dataset
from nn.data.table import DataError
from nn.training.recording.replay import Replay
from nn.training.scores import RunningScores


class OwnRows(Replay):
    """A recording whose losses and gradients are added up over the processes of JAX, each of which
    reads and keeps its own rows of a stream's batches."""

    processes: Any = None

    def begin(self, engine: str, first: Dataset) -> str:
        if self.others:
            need = "a stream for several processes needs a loss of the model's parameters alone"
            raise ValueError(f"{need}, got one of {self.others} other Values: pass a Dataset")
        self.processes = processes = Processes()
        self.part = processes.place, processes.count
        self.runs, self.everywhere = map(self.program.on, ("jax-local", engine))
        numbers = np.array([p.data for p in self.parameters])
        cure = "give all of them the same seeds, first batch and checkpoint"
        processes.need_the_same("parameters and first batch", cure, numbers, *self.columns(first))
        return str(self.everywhere.engine)

    def gradient_at(self, x: Any, batch: Dataset) -> tuple[Any, float, Any]:
        if self.processes is None:  # while it is being made
            return super().gradient_at(x, batch)
        outputs, loss, grads = list[Any](), 0.0, np.zeros(len(self.parameters))
        if count := len(batch):
            outputs, loss, grads = super().gradient_at(x, batch)
        weight = 1 if self.summed else count
        *grads, loss, rows = self._sum([*(weight * grads), weight * loss, count], is_over=False)
        whole = 1 if self.summed else max(rows, 1)
        return outputs, loss / whole, np.array(grads) / whole

    def end(self, losses: float, scored: RunningScores) -> float:
        """The same sum of losses, and the scores, of all processes, after the last batch."""
        self._sum(np.zeros(len(self.parameters) + 2), is_over=True)
        scored.add_up(lambda numbers: self.processes.sum(numbers).tolist())
        return losses if self.summed else float(self.processes.sum([losses])[0])

    def evaluate(self, data: Dataset) -> tuple[Any, float]:
        return self._evaluated(self.everywhere, data)

    def _sum(self, numbers: Any, is_over: bool) -> Any:
        try:
            *found, over = self.processes.sum([*numbers, float(is_over)]).tolist()
            if over not in (0, self.processes.count):
                need, remedy = "as many batches in each process", "see how those ended"
                raise DataError.of("Stream", need, f"none left in {over:.0f} of them", remedy)
        except BaseException:
            self.processes = None  # not again: nobody may answer
            raise
        return found

    def leave(self) -> None:
        """Tell the others that here the epoch has ended early."""
        with suppress(Exception):
            self._sum(np.zeros(len(self.parameters) + 2), is_over=True)
