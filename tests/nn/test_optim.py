"""What nn.optim promises: the recursion of the textbook, all parameters or none, and no state that
outlives them.
"""

import gc
import weakref
from collections.abc import Callable
from math import inf, nan
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from nn import SGD, Adam, AdamW, Cosine, Optimizer, RMSProp
from tests.cases import each


def with_grads(grads: list[float], data: float = 1.0) -> list[Value]:
    parameters = [Value(data, f"p{i}") for i in range(len(grads))]
    for p, g in zip(parameters, grads, strict=True):
        p.grad = g
    return parameters


def numbers(parameters: list[Value]) -> list[float]:
    return [p.data for p in parameters]


# The recursion


def test_a_step_is_the_rate_times_the_grad_downhill() -> None:
    parameters = with_grads([2.0, -4.0, 0.0])
    SGD(0.25).step(parameters)
    assert numbers(parameters) == [0.5, 2.0, 1.0]


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_constant_grads_give_the_closed_sum_of_velocities(momentum: float) -> None:
    p = Value(0.0)
    optimizer = SGD(0.1, momentum)
    for steps in range(1, 30):
        p.grad = 3.0
        optimizer.step([p])
        # velocity k is 3 (1 - mᵏ) / (1 - m)
        travelled = 3.0 * sum((1 - momentum**k) / (1 - momentum) for k in range(1, steps + 1))
        assert p.data == pytest.approx(-0.1 * travelled, rel=1e-12)


@pytest.mark.parametrize(("rate", "momentum"), [(0.1, 0.0), (0.1, 0.9), (0.5, 0.5), (0.9, 0.3)])
def test_on_a_quadratic_it_is_the_power_of_a_matrix(rate: float, momentum: float) -> None:
    """For x²/2 the grad is x, so (velocity, x) is multiplied by the same matrix in every step."""
    matrix = np.array([[momentum, 1.0], [-rate * momentum, 1.0 - rate]])
    x = Value(2.0)
    optimizer = SGD(rate, momentum)
    for steps in range(1, 40):
        x.zero_grad()
        (x * x / 2).backward()
        optimizer.step([x])
        wanted = np.linalg.matrix_power(matrix, steps) @ [0.0, 2.0]
        assert x.data == pytest.approx(wanted[1], rel=1e-10, abs=1e-12)


@given(
    st.lists(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=3), max_size=8), st.floats(0, 0.99)
)
def test_many_parameters_move_as_each_would_alone(
    grads: list[list[float]], momentum: float
) -> None:
    together, alone = with_grads([0.0] * 3), with_grads([0.0] * 3)
    one, own = SGD(0.1, momentum), [SGD(0.1, momentum) for _ in range(3)]
    for row in grads:
        for i, g in enumerate(row):
            together[i].grad = alone[i].grad = g
            own[i].step([alone[i]])
        one.step(together)
    assert numbers(together) == numbers(alone)


def test_a_parameter_named_twice_moves_once() -> None:
    (p,) = with_grads([2.0])
    optimizer = SGD(0.25, momentum=0.5)
    optimizer.step([p, p])
    optimizer.step([p, p])
    assert p.data == 1.0 - 0.25 * 2.0 - 0.25 * 3.0


def test_parameters_may_come_from_a_generator() -> None:
    parameters = with_grads([1.0, 2.0])
    SGD(0.5, momentum=0.9).step(p for p in parameters)
    assert numbers(parameters) == [0.5, 0.0]


# The learning rate, as a story


def distance_after(steps: int, rate: float, momentum: float = 0.0) -> float:
    """How far from the bottom of 2x², whose slope grows by 4, a walk is that began at 1."""
    x, optimizer = Value(1.0), SGD(rate, momentum)
    for _ in range(steps):
        x.zero_grad()
        (2 * x**2).backward()
        optimizer.step([x])
    return abs(x.data)


def test_a_rate_far_too_small_hardly_moves() -> None:
    assert distance_after(50, 0.0001) > 0.97


def test_a_rate_of_one_over_the_curvature_arrives_at_once() -> None:
    assert distance_after(1, 0.25) == 0.0


def test_below_one_over_the_curvature_a_larger_rate_is_quicker() -> None:
    distances = [distance_after(20, rate) for rate in (0.01, 0.05, 0.1, 0.2)]
    assert distances == sorted(distances, reverse=True)
    assert distances[-1] < 1e-10


def test_a_rate_above_one_over_the_curvature_overshoots_and_still_arrives() -> None:
    x = Value(1.0)
    (2 * x**2).backward()
    SGD(0.4).step([x])
    assert x.data == pytest.approx(-0.6)  # beyond the bottom
    assert distance_after(60, 0.4) < 1e-10


def test_at_two_over_the_curvature_it_never_arrives_and_above_it_runs_away() -> None:
    assert distance_after(100, 0.5) == 1.0
    assert distance_after(100, 0.55) > 1e7


def test_momentum_makes_a_small_rate_quicker() -> None:
    assert distance_after(100, 0.005, momentum=0.8) < distance_after(100, 0.005) / 100


# All or nothing


@pytest.mark.parametrize("bad", [nan, inf, -inf])
def test_a_grad_that_is_not_finite_is_refused_and_nothing_moves(bad: float) -> None:
    parameters = with_grads([1.0, bad, 1.0])
    optimizer = SGD(0.5, momentum=0.9)
    with pytest.raises(ValueError) as caught:
        optimizer.step(parameters)
    assert str(caught.value) == (
        f"SGD needs finite grads, got {bad} for the parameter 'p1', and moved nothing: "
        "lower the learning rate, or find where the grad comes from"
    )
    assert numbers(parameters) == [1.0, 1.0, 1.0]
    parameters[1].grad = 1.0
    optimizer.step(parameters)
    assert numbers(parameters) == [
        0.5,
        0.5,
        0.5,
    ]  # no velocity was left from the step that was refused


def test_a_parameter_without_a_label_is_named_by_its_number() -> None:
    p = Value(0.125)
    p.grad = nan
    with pytest.raises(ValueError, match=r"got nan for the parameter 0\.125, and moved nothing"):
        SGD(0.1).step([p])


class Interrupted(Value):
    """A parameter during whose assignment somebody presses Ctrl-C, once."""

    armed = False

    @property
    def data(self) -> float:
        return self._data

    @data.setter
    def data(self, x: float) -> None:
        if self.armed:
            self.armed = False
            raise KeyboardInterrupt
        self._data = x


@each("place", [0, 1, 2])
@each("momentum", [0.0, 0.9])
def test_ctrl_c_between_two_parameters_finishes_the_step_first(place: int, momentum: float) -> None:
    def parameters() -> list[Value]:
        ps: list[Value] = with_grads([1.0, 2.0, 3.0])
        ps[place] = Interrupted(1.0)
        ps[place].grad = float(place + 1)
        return ps

    undisturbed, disturbed = parameters(), parameters()
    calm, torn = SGD(0.5, momentum), SGD(0.5, momentum)
    disturbed[place].armed = True
    calm.step(undisturbed)
    with pytest.raises(KeyboardInterrupt):
        torn.step(disturbed)
    assert numbers(disturbed) == numbers(undisturbed)
    calm.step(undisturbed)
    torn.step(disturbed)  # velocities too are those of a whole step
    assert numbers(disturbed) == numbers(undisturbed)


# State


def test_velocities_go_with_their_parameters() -> None:
    optimizer = SGD(0.1, momentum=0.9)
    parameters = with_grads([1.0] * 100)
    optimizer.step(parameters)
    kept = parameters[:1]
    gone = weakref.ref(parameters[-1])
    gc.disable()
    try:
        del parameters
        assert gone() is None
        assert len(optimizer.state) == 1
    finally:
        gc.enable()
    optimizer.step(kept)
    assert kept[0].data == pytest.approx(1.0 - 0.1 - 0.19)


def test_a_new_parameter_starts_without_velocity() -> None:
    optimizer = SGD(0.1, momentum=0.9)
    for _ in range(50):
        (p,) = with_grads([1.0])
        optimizer.step([p])
        assert p.data == 0.9


def test_two_optimizers_do_not_share_velocities() -> None:
    (p,) = with_grads([1.0])
    SGD(0.1, momentum=0.9).step([p])
    SGD(0.1, momentum=0.9).step([p])
    assert p.data == pytest.approx(0.8)


def test_the_rate_may_be_changed_between_steps() -> None:
    (p,) = with_grads([1.0])
    optimizer = SGD(0.5)
    optimizer.step([p])
    optimizer.learning_rate = 0.25
    optimizer.step([p])
    assert p.data == 0.25


def test_a_step_leaves_grads_and_graphs_alone() -> None:
    x = Value(3.0)
    y = x * x
    y.backward()
    SGD(0.1).step([x])
    assert x.grad == 6.0
    assert y.data == 9.0
    assert x.operands == ()


def test_it_walks_down_a_valley_of_many_dimensions() -> None:
    rng = Random(0)
    bottom = [rng.uniform(-3, 3) for _ in range(10)]
    w = [Value(0.0) for _ in bottom]
    optimizer = SGD(0.05, momentum=0.8)
    for _ in range(300):
        for p in w:
            p.zero_grad()
        sum(
            (i + 1) * (p - b) ** 2 for i, (p, b) in enumerate(zip(w, bottom, strict=True))
        ).backward()
        optimizer.step(w)
    assert numbers(w) == pytest.approx(bottom, abs=1e-9)


# The others, by hand; whole trajectories are in test_trajectories.py

EVERY: list[Callable[[], Optimizer]] = [
    *(lambda: SGD(0.1), lambda: SGD(0.1, 0.9), lambda: SGD(0.1, 0.9, nesterov=True)),
    *(lambda: RMSProp(0.1), lambda: Adam(0.1), lambda: AdamW(0.1, weight_decay=0.5)),
]
every = pytest.mark.parametrize("make", EVERY, ids=[repr(make()) for make in EVERY])


def test_nesterov_looks_ahead_by_one_velocity() -> None:
    (p,) = with_grads([2.0], data=0.0)
    optimizer = SGD(0.1, momentum=0.5, nesterov=True)
    optimizer.step([p])
    assert p.data == pytest.approx(-0.1 * (2 + 0.5 * 2))
    optimizer.step([p])
    assert p.data == pytest.approx(-0.3 - 0.1 * (2 + 0.5 * 3))


@pytest.mark.parametrize("grad", [1e-3, 1.0, 1e6])
def test_the_first_step_of_adam_is_the_rate_whatever_the_size_of_the_grad(grad: float) -> None:
    (p,) = with_grads([grad], data=1.0)
    Adam(0.25).step([p])
    assert p.data == pytest.approx(0.75, rel=1e-4)


def test_rmsprop_divides_by_the_root_of_the_mean_square() -> None:
    (p,) = with_grads([3.0], data=0.0)
    RMSProp(0.1, decay=0.75).step([p])
    assert p.data == pytest.approx(-0.1 * 3 / (0.25 * 9) ** 0.5)


def test_adamw_decays_beside_the_gradient() -> None:
    still, moved = with_grads([0.0, 2.0], data=1.0)
    AdamW(0.1, weight_decay=0.5).step([still, moved])
    assert still.data == pytest.approx(0.95)
    assert moved.data == pytest.approx(0.85)


@every
def test_every_optimizer_walks_down_a_valley(make: Callable[[], Optimizer]) -> None:
    optimizer, w = make(), [Value(2.0), Value(-1.0)]
    for _ in range(200):
        for p in w:
            p.zero_grad()
        (w[0] ** 2 + 3 * w[1] ** 2).backward()
        optimizer.step(w)
    assert max(map(abs, numbers(w))) < 0.06


@every
@pytest.mark.parametrize("bad", [nan, inf])
def test_every_optimizer_moves_all_or_nothing(make: Callable[[], Optimizer], bad: float) -> None:
    optimizer, calm = make(), make()
    good, twins = with_grads([1.0, 2.0]), with_grads([1.0, 2.0])
    optimizer.step(good)
    calm.step(twins)
    good[1].grad = bad
    with pytest.raises(
        ValueError,
        match=f"^{type(optimizer).__name__} needs finite grads, got {bad} for the parameter",
    ):
        optimizer.step(good)
    assert numbers(good) == numbers(twins)
    assert optimizer.steps == calm.steps == 1
    good[1].grad = 2.0
    optimizer.step(good)
    calm.step(twins)
    assert numbers(good) == numbers(twins)


@every
def test_the_state_of_every_optimizer_is_its_own(make: Callable[[], Optimizer]) -> None:
    (p,) = with_grads([1.0])
    first, second = make(), make()
    first.step([p])
    p.data = 1.0
    second.step([p])
    moved = p.data
    (fresh,) = with_grads([1.0])
    make().step([fresh])
    assert moved == fresh.data


def test_clipping_by_value_cuts_each_grad_and_by_norm_all_of_them_together() -> None:
    parameters = with_grads([3.0, -4.0, 0.5], data=0.0)
    SGD(1.0, clip_value=2.0).step(parameters)
    assert numbers(parameters) == [-2.0, 2.0, -0.5]
    parameters = with_grads([3.0, -4.0], data=0.0)
    SGD(1.0, clip_norm=1.0).step(parameters)
    assert numbers(parameters) == pytest.approx([-0.6, 0.8])
    assert [p.grad for p in parameters] == [3.0, -4.0]
    SGD(1.0, clip_norm=5.0, clip_value=4.0).step(parameters)
    assert numbers(parameters) == pytest.approx([-3.6, 4.8])


def test_a_norm_that_would_overflow_as_a_square_is_clipped_too() -> None:
    parameters = with_grads([3e200, -4e200], data=0.0)
    SGD(1.0, clip_norm=1.0).step(parameters)
    assert numbers(parameters) == pytest.approx([-0.6, 0.8])


def test_moves_are_written_for_arrays_as_well() -> None:
    """With operators alone, so that parameters in an array may follow the same formulas."""
    x, grads = np.array([1.0, -2.0, 0.5]), np.array([0.5, 3.0, -1.0])
    for make in EVERY:
        optimizer = make()
        arrays = optimizer.update(x, grads, 0.1)
        arrays = optimizer.update(*arrays[:1], grads, 0.1, *arrays[1:])
        for i in range(3):
            one = optimizer.update(x[i], grads[i], 0.1)
            one = optimizer.update(one[0], grads[i], 0.1, *one[1:])
            assert one[0] == pytest.approx(arrays[0][i], rel=1e-14)


def test_it_writes_itself_as_it_is_made() -> None:
    assert repr(SGD(0.05, momentum=0.9)) == "SGD(learning_rate=0.05, momentum=0.9)"
    assert repr(AdamW(clip_norm=1.0)) == (
        "AdamW(learning_rate=0.001, clip_norm=1, beta1=0.9, beta2=0.999, epsilon=1e-08, "
        "weight_decay=0.01)"
    )
    assert repr(RMSProp(Cosine(0.1, 50))).startswith(
        "RMSProp(learning_rate=Cosine(rate=0.1, steps=50, final=0.0), "
    )
