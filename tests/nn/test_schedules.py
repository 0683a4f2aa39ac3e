"""What nn.schedules promises: rates by the formula, at every step, however far it goes."""

from collections.abc import Callable
from math import cos, pi
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from nn import MLP as Network
from nn import SGD, Cosine, StepDecay, WarmUp, moons, train
from tests.cases import each


@given(st.integers(0, 10_000), st.integers(1, 500), st.floats(0.01, 1))
def test_step_decay_multiplies_once_a_stage(step: int, every: int, factor: float) -> None:
    assert StepDecay(0.3, every, factor)(step) == pytest.approx(0.3 * factor ** (step // every))


@given(st.integers(0, 400), st.integers(1, 300))
def test_cosine_falls_along_half_a_wave_and_stays(step: int, steps: int) -> None:
    rate = Cosine(0.3, steps, final=0.1)
    wanted = 0.2 + 0.1 * cos(pi * step / steps) if step < steps else 0.1
    assert rate(step) == pytest.approx(wanted)
    assert rate(step + 1) <= rate(step)


def test_warm_up_rises_in_a_line_and_hands_over() -> None:
    rate = WarmUp(10, then=Cosine(1.0, steps=100))
    assert [rate(k) for k in range(10)] == pytest.approx([0.1 * (k + 1) for k in range(10)])
    assert [rate(10 + k) for k in range(120)] == [Cosine(1.0, steps=100)(k) for k in range(120)]


def test_an_optimizer_asks_its_schedule_at_each_step_and_says_the_next_rate() -> None:
    asked: list[int] = []

    def schedule(step: int) -> float:
        asked.append(step)
        return 1.0 / (1 + step)

    optimizer, p = SGD(schedule), Value(0.0)
    p.grad = -1.0
    for _ in range(3):
        optimizer.step([p])
    assert asked == [0, 1, 2]
    assert p.data == 1 + 1 / 2 + 1 / 3
    assert optimizer.rate == 1 / 4


def test_the_history_has_the_rate_of_each_epoch_s_first_step() -> None:
    rate = StepDecay(0.1, every=4, factor=0.5)  # 40 rows are 4 batches of 10
    history = train(
        Network(2, [2], seed=0),
        moons(40),
        optimizer=SGD(rate),
        epochs=3,
        batch_size=10,
        validation=None,
    )
    assert [epoch.learning_rate for epoch in history] == [0.1, 0.05, 0.025]


REFUSALS: dict[str, Callable[[], Any]] = {
    "StepDecay needs a rate above 0, and finite, got 0": lambda: StepDecay(0, 10),
    "StepDecay needs a whole number of at least 1 as every, got 0": lambda: StepDecay(0.1, 0),
    "StepDecay needs a factor above 0, up to 1, got 2": lambda: StepDecay(0.1, 10, 2),
    "Cosine needs a whole number of at least 1 as steps, got 1.5": lambda: Cosine(0.1, 1.5),  # type: ignore[arg-type]
    "Cosine needs a final rate from 0 to the first, 0.1, got 0.2": lambda: Cosine(0.1, 10, 0.2),
    "WarmUp needs a rate above 0, and finite, got -1": lambda: WarmUp(10, -1),
    "WarmUp needs a whole number of at least 1 as steps, got 0": lambda: WarmUp(0, 0.1),
    "SGD needs a schedule of rates from 0 up, got -1 for step 0": lambda: SGD(lambda step: -1).step(
        []
    ),
}


@each("sentence", REFUSALS)
def test_a_refusal_says_what_was_needed_and_what_came(sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        REFUSALS[sentence]()
    assert str(caught.value) == sentence
