"""What nn.module promises: every parameter once, by the path to it, and nothing that is not one."""

from copy import deepcopy

import pytest

from autograd import Value, bundle, no_grad
from nn import MLP, Module
from nn.module import generators, modules_in


class Box(Module):
    """A module with whatever attributes it is given."""

    def __init__(self, **attributes: object) -> None:
        self.__dict__.update(attributes)


def names(module: Module) -> list[str]:
    return [name for name, _ in module.named_parameters()]


def test_a_path_leads_to_its_parameter_through_modules_lists_and_dicts() -> None:
    a, b, c, d = map(Value, (1.0, 2.0, 3.0, 4.0))
    box = Box(a=a, inner=Box(b=b), many=[(c,), {"key": d}])
    assert list(box.named_parameters()) == [
        ("a", a),
        ("inner.b", b),
        ("many.0.0", c),
        ("many.1.key", d),
    ]
    assert box.parameters() == [a, b, c, d]


def test_paths_of_an_mlp_name_layer_neuron_and_weight() -> None:
    model = MLP(2, [2, 1], seed=0)
    assert names(model) == [
        *("layers.0.neurons.0.w.0", "layers.0.neurons.0.w.1", "layers.0.neurons.0.b"),
        *("layers.0.neurons.1.w.0", "layers.0.neurons.1.w.1", "layers.0.neurons.1.b"),
        *("layers.1.neurons.0.w.0", "layers.1.neurons.0.w.1", "layers.1.neurons.0.b"),
    ]
    assert (
        dict(model.named_parameters())["layers.1.neurons.0.w.1"] is model.layers[1].neurons[0].w[1]
    )


def test_a_shared_parameter_comes_once_under_its_first_name() -> None:
    w = Value(1.0)
    assert names(Box(first=w, again=w, within=Box(w=w), listed=[w, w])) == ["first"]


def test_a_shared_module_comes_once() -> None:
    inner = Box(w=Value(1.0))
    assert names(Box(encoder=inner, decoder=inner)) == ["encoder.w"]


def test_equal_numbers_are_two_parameters() -> None:
    assert names(Box(a=Value(1.0), b=Value(1.0))) == ["a", "b"]


def test_a_module_may_know_the_one_that_it_belongs_to() -> None:
    child, parent = Box(w=Value(1.0)), Box(b=Value(2.0))
    child.parent, parent.child = parent, child
    assert names(parent) == ["b", "child.w"]
    ring: list[object] = [Value(3.0)]
    ring.append(ring)
    assert names(Box(ring=ring)) == ["ring.0"]


def test_results_numbers_and_strangers_are_no_parameters() -> None:
    w = Value(1.0)
    with no_grad():
        measured = w * 3
    box = Box(
        result=w * 2,
        measured=measured,
        inputs=bundle([1.0, 2.0]),
        rate=0.1,
        name="w",
        nothing=None,
        kind=Value,
    )
    assert names(box) == []


def test_zero_grad_forgets_every_grad() -> None:
    model = MLP(2, [3, 1], seed=0)
    model([1.0, -2.0]).backward()
    assert any(p.grad for p in model.parameters())
    model.zero_grad()
    assert [p.grad for p in model.parameters()] == [0.0] * len(model.parameters())
    assert not any(p.reached for p in model.parameters())


def test_a_deep_copy_has_parameters_of_its_own() -> None:
    model = MLP(2, [3, 1], seed=0)
    twin = deepcopy(model)
    assert names(twin) == names(model)
    assert not set(twin.parameters()) & set(model.parameters())
    before = model([1.0, 2.0]).data
    assert twin([1.0, 2.0]).data == before
    for p in twin.parameters():
        p.data += 1.0
    assert model([1.0, 2.0]).data == before
    twin([1.0, 2.0]).backward()
    assert not any(p.reached for p in model.parameters())


@pytest.mark.parametrize("nouts", [[1], [4, 4, 1], [2, 3]])
def test_an_mlp_has_a_weight_for_each_input_and_a_bias_for_each_neuron(nouts: list[int]) -> None:
    sizes = [3, *nouts]
    assert len(MLP(3, nouts).parameters()) == sum(
        (n + 1) * m for n, m in zip(sizes, nouts, strict=False)
    )


def test_modules_are_found_in_objects_of_any_class_and_generators_in_modules() -> None:
    class Plain:
        def __init__(self) -> None:
            self.inner = MLP(2, [3, 1], dropout=0.5, seed=0)

    kinds = [type(module).__name__ for module in modules_in(Plain())]
    assert kinds[:3] == ["MLP", "Layer", "Neuron"] and kinds[-1] == "Dropout"
    assert len(generators(Plain())) == 1
    assert generators(MLP(2, [4, 1])) == []
    assert [type(module).__name__ for module in MLP(3, [1]).modules()] == ["MLP", "Layer", "Neuron"]
