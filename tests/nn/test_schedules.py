"""What nn.schedules promises: rates by the formula, at every step, however far it goes."""

from math import cos, pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from nn import MLP as Network
from nn import SGD, Cosine, StepDecay, WarmUp, moons, train


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
