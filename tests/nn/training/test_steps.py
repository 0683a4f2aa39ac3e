"""An epoch's steps on arrays are those on numbers, to the last bit, and nobody sees the arrays."""

import math
import random
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

pytest.importorskip("numpy")

from autograd import DomainWarning, Value, log, no_grad, strict
from nn import MLP, SGD, Adam, AdamW, Callback, Cosine, Dataset, Optimizer, RMSProp, Trainer, moons
from nn.penalties import L1, L2, ElasticNet
from nn.training.recording.arrays import takes_arrays
from nn.training.recording.steps import ArraySteps


class SignDescent(Optimizer):
    def update(self, x: Any, grad: Any, rate: float) -> Any:
        return (x - rate * ((grad > 0) - (grad < 0)),)


class Squared(Optimizer):
    def update(self, x: Any, grad: Any, rate: float, k: Any = 0, of: Any = 0.0) -> Any:
        of *= 0.9
        of += grad**2
        k += 1
        return x - rate * grad / (1 + of) ** 0.3 / k**1.5, k, of


def doubled(weights: Any) -> Value:
    """A penalty without a name of its own."""
    return 0.003 * sum((w * w * w * w for w in weights), Value(0.0))


def run(optimizer: Optimizer, penalty: Any = None) -> Any:
    """Whether steps were taken on arrays, and all that came of them."""
    model = MLP(2, [5, 2], activation="tanh", seed=1)
    trainer = Trainer(model, moons(50, seed=1), None, optimizer, epochs=3, penalty=penalty, seed=1)
    history = trainer.fit()
    used = trainer.steps is not None and trainer.steps.takes_arrays
    state = [list(optimizer.state.get(p, ())) for p in trainer.parameters]
    found = [(p.data, p.grad) for p in trainer.parameters], state, optimizer.steps, list(history)
    return used, found


OPTIMIZERS: list[Callable[[], Optimizer]] = [
    lambda: SGD(0.3),
    lambda: SGD(0.1, momentum=0.9, clip_norm=0.1),
    lambda: SGD(Cosine(0.1, steps=9), momentum=0.9, nesterov=True, clip_value=0.02),
    lambda: RMSProp(0.01),
    lambda: Adam(0.05),
    lambda: AdamW(0.05, weight_decay=0.1, clip_norm=0.5),
    lambda: SignDescent(0.01),
    lambda: Squared(0.1),
]
PENALTIES = [None, L1(0.05), L2(0.01), ElasticNet(0.1, 0.7), doubled]


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_steps_on_arrays_are_those_on_numbers_to_the_last_bit(
    make: Callable[[], Optimizer], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [run(make(), penalty) for penalty in PENALTIES]
    assert all(used for used, _ in found)
    monkeypatch.setattr(ArraySteps, "serves", lambda self, trainer: False)
    assert [x for _, x in found] == [run(make(), penalty)[1] for penalty in PENALTIES]


def test_weights_rest_at_zero_on_arrays_too() -> None:
    _, (numbers, *_) = run(SGD(0.3), L1(0.2))
    assert sum(x == 0 for x, _ in numbers) > 3


class Branching(Optimizer):
    def update(self, x: Any, grad: Any, rate: float) -> Any:
        return (x - rate if grad > 0 else x + rate,)


class Rooted(Optimizer):
    def update(self, x: Any, grad: Any, rate: float, s: float = 1.0) -> Any:
        return x - rate * grad / math.sqrt(s), s + grad * grad


class Noisy(Optimizer):
    def update(self, x: Any, grad: Any, rate: float) -> Any:
        return (x - rate * grad + random.gauss(0, 0.01),)


class Counting(Optimizer):
    calls = 0

    def update(self, x: Any, grad: Any, rate: float) -> Any:
        self.calls += 1
        return (x - rate * grad,)


class CountingOnTheClass(Optimizer):
    calls = 0

    def update(self, x: Any, grad: Any, rate: float) -> Any:
        CountingOnTheClass.calls += 1
        return (x - rate * grad / (1 + CountingOnTheClass.calls % 7),)


class BranchingLate(Optimizer):
    def update(self, x: Any, grad: Any, rate: float, t: int = 0) -> Any:
        if t > 5 and grad > 0.1:
            grad = 0.1
        return x - rate * max(grad, -1.0) if t > 7 else x - rate * grad, t + 1


class Remembering(Optimizer):
    def update(self, x: Any, grad: Any, rate: float, seen: Any = ()) -> Any:
        return x - rate * grad, (*seen, grad)[-2:]


class Stepping(SGD):
    def step(self, parameters: Any = None) -> None:
        super().step(parameters)


def test_a_branch_that_comes_late_gets_numbers_from_then_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used, found = run(BranchingLate(0.05))
    assert used
    monkeypatch.setattr(ArraySteps, "serves", lambda self, trainer: False)
    assert run(BranchingLate(0.05))[1] == found


CANNOT = [Branching, Rooted, Noisy, Counting, CountingOnTheClass, Remembering]


@pytest.mark.parametrize("kind", CANNOT)
def test_a_formula_that_cannot_have_arrays_gets_numbers(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CountingOnTheClass, "calls", 0)
    random.seed(3)
    used, found = run(kind(0.05))
    draws = random.random()
    assert not used
    monkeypatch.setattr(ArraySteps, "serves", lambda self, trainer: False)
    monkeypatch.setattr(CountingOnTheClass, "calls", 0)
    random.seed(3)
    assert run(kind(0.05)) == (False, found)
    assert random.random() == draws


def test_an_optimiser_with_a_step_of_its_own_takes_it() -> None:
    assert run(Stepping(0.1))[0] is False
    assert run(Stepping(0.1))[1] == run(SGD(0.1))[1]


def test_trying_a_formula_leaves_no_trace() -> None:
    optimizer = Counting(0.1)
    random.seed(0)
    state = random.getstate()
    assert not takes_arrays(optimizer)
    assert (optimizer.calls, optimizer.steps, dict(optimizer.state)) == (0, 0, {})
    assert random.getstate() == state


def test_numbers_that_overflow_in_a_step_do_so_as_floats_do() -> None:
    class Growing(Optimizer):
        def update(self, x: Any, grad: Any, rate: float) -> Any:
            return (x * 1e200,)

    model = MLP(2, [2], seed=0)
    with pytest.warns(RuntimeWarning, match="became"):
        history = Trainer(model, moons(40), None, Growing(0.1), epochs=2).fit()
    assert history.diverged


def test_a_division_by_zero_in_a_step_is_that_of_floats() -> None:
    class Dividing(Optimizer):
        def update(self, x: Any, grad: Any, rate: float, k: Any = 0) -> Any:
            return x - rate * grad / (5 - k), k + 1

    with pytest.raises(ZeroDivisionError, match="division by zero"):
        Trainer(MLP(2, [2], seed=0), moons(200), None, Dividing(0.01), epochs=2).fit()


def test_callbacks_see_and_change_numbers() -> None:
    seen = []

    class Look(Callback):
        def on_epoch_end(self, trainer: Any, epoch: Any) -> None:
            seen.append([p.data for p in trainer.parameters])
            seen.append([list(trainer.optimizer.state[p]) for p in trainer.parameters])
            trainer.parameters[0].data = 0.5

    model = MLP(2, [2], seed=0)
    trainer = Trainer(model, moons(40), None, Adam(0.01), epochs=2, callbacks=[Look()])
    begun = [p.data for p in trainer.parameters]
    trainer.fit()
    assert begun[0] != seen[0][0] != 0.5
    assert seen[0] != seen[2]
    assert abs(seen[2][0] - 0.5) < 0.05
    assert [kept[0] for kept in seen[1]] == [2] * len(begun)


class Interrupted(Exception):
    pass


@pytest.mark.parametrize("error", [Interrupted, KeyboardInterrupt])
def test_an_epoch_that_is_broken_off_leaves_the_numbers_of_its_last_step(error: Any) -> None:
    class Few(Dataset):
        def batches(self, size: int, rng: random.Random) -> Any:
            for k, batch in enumerate(super().batches(size, rng)):
                if k == 2:
                    raise error
                yield batch

    data, optimizer = moons(48, seed=1), SGD(0.1, momentum=0.5)
    model = MLP(2, [3, 2], seed=0)
    names = {"class_names": data.class_names}
    trainer = Trainer(
        model, Few(data.features, data.targets, **names), None, optimizer, epochs=1, validation=None
    )
    begun = [p.data for p in trainer.parameters]
    with suppress(Interrupted):
        trainer.fit()
    assert optimizer.steps == 2
    assert all(x != p.data for x, p in zip(begun, trainer.parameters, strict=True) if p.grad)
    assert all(len(optimizer.state[p]) == 1 for p in trainer.parameters)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timers")
def test_ctrl_c_at_any_moment_leaves_parameters_and_state_of_one_step() -> None:
    for delay in (0.002, 0.005, 0.009, 0.014):
        optimizer, model = Adam(0.01), MLP(2, [20, 2], seed=0)
        trainer = Trainer(model, moons(200), None, optimizer, epochs=10**6, validation=None)
        trainer.prepare()
        previous = signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.setitimer(signal.ITIMER_REAL, delay)
        try:
            history = trainer.fit()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)
        assert "interrupted" in history.stopped
        counts = {int(optimizer.state[p][0]) for p in trainer.parameters if p in optimizer.state}
        assert counts <= {optimizer.steps}


def test_ctrl_c_at_the_edge_of_a_block_leaves_no_mode_behind() -> None:
    class Interrupted(Callback):
        def on_epoch_begin(self, trainer: Any) -> None:
            optimizer.step = stop  # type: ignore[method-assign]

    def stop(*_: Any) -> None:
        strict.__enter__()
        no_grad.__enter__()
        raise KeyboardInterrupt

    optimizer, options = SGD(0.1), {"epochs": 3, "engine": "eager", "callbacks": [Interrupted()]}
    trainer = Trainer(MLP(2, [2], seed=0), moons(20), None, optimizer, **options)
    assert "interrupted" in trainer.fit().stopped
    with pytest.warns(DomainWarning):
        assert math.isnan(log(Value(-1.0)).data)
    x = Value(2.0)
    (x * x).backward()
    assert x.grad == 4.0


def test_rows_that_a_callback_changes_are_read_anew() -> None:
    class Shift(Callback):
        def on_epoch_begin(self, trainer: Any) -> None:
            for row in trainer.data.features:
                row[0] += 0.1

    def losses(engine: str) -> list[float]:
        model, data = MLP(2, [3, 2], seed=0), moons(40)
        options: Any = {"epochs": 3, "engine": engine, "callbacks": [Shift()]}
        return [epoch.loss for epoch in Trainer(model, data, None, SGD(0.1), **options).fit()]

    assert losses("auto") == pytest.approx(losses("eager"), rel=1e-9)
