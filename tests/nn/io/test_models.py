"""What nn.io.models promises: the same model, bit for bit; one sentence for whatever is no model;
nothing half-written.
"""

import json
import os
import stat
from collections.abc import Callable
from hashlib import sha256
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograd import Value
from nn import ACTIVATIONS, MLP, Module, StoreError, load, load_csv, moons, save, train
from nn.io import json_file
from tests.cases import LETTERS

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def numbers(model: Any) -> list[str]:
    return [p.data.hex() for p in model.parameters()]


class Line(Module):
    """A model of somebody's own."""

    def __init__(self, slope: float = 2.0) -> None:
        self.slope, self.offset = Value(slope), Value(1.0)

    def __call__(self, x: Any) -> Any:
        return self.slope * x + self.offset


# The same again


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_loaded_mlp_is_the_saved_one_bit_for_bit(activation: str, tmp_path: Path) -> None:
    model = MLP(2, [5, 3, 2], activation, output="elu", seed=7, dropout=0.25)
    train(model, moons(30), epochs=2)
    save(model, tmp_path / "model.json")
    again = load(tmp_path / "model.json")
    assert type(again) is MLP
    assert repr(again) == repr(model)
    assert numbers(again) == numbers(model)
    assert [y.data for y in again([0.3, -2.0])] == [y.data for y in model([0.3, -2.0])]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(FINITE, min_size=3, max_size=3))
def test_every_finite_float_survives(tmp_path: Path, floats: list[float]) -> None:
    model = MLP(2, [1])
    for p, x in zip(model.parameters(), [*floats[:2], -0.0], strict=True):
        p.data = x
    model.parameters()[2].data = floats[2]
    save(model, tmp_path / "model.json")
    assert numbers(load(tmp_path / "model.json")) == numbers(model)


def test_minus_zero_and_the_smallest_and_largest_floats_survive(tmp_path: Path) -> None:
    model = MLP(4, [1])
    for p, x in zip(
        model.parameters(), [-0.0, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, 1e22], strict=True
    ):
        p.data = x
    save(model, tmp_path / "m")
    assert numbers(load(tmp_path / "m")) == numbers(model)


def test_a_model_of_your_own_is_filled(tmp_path: Path) -> None:
    save(Line(3.5), tmp_path / "line.json")
    line = Line()
    assert load(tmp_path / "line.json", line) is line
    assert line.slope.data == 3.5
    mlp = MLP(2, [3, 1], seed=1)
    save(mlp, tmp_path / "mlp.json")
    assert numbers(load(tmp_path / "mlp.json", MLP(2, [3, 1], seed=2))) == numbers(mlp)


def test_an_mlp_that_was_changed_by_hand_is_not_taken_for_one_that_was_not(tmp_path: Path) -> None:
    model = MLP(2, [3, 3, 1], seed=1)
    model.layers[1].neurons[2].activation = "tanh"
    with pytest.warns(UserWarning, match="as it was made"):
        save(model, tmp_path / "m")
    with pytest.raises(StoreError) as caught:
        load(tmp_path / "m")
    assert str(caught.value) == (
        f"{tmp_path / 'm'}: needs a model to fill, got none, and it holds a MLP; write "
        f"load(path, MLP(...))"
    )
    assert numbers(load(tmp_path / "m", MLP(2, [3, 3, 1]))) == numbers(model)


def test_a_function_as_activation_is_not_trusted_to_a_file(tmp_path: Path) -> None:
    def swish(x: Any) -> Any:
        return x * x.sigmoid()

    model = MLP(2, [3, 1], swish, seed=1)
    with pytest.warns(UserWarning, match="activations by name"):
        save(model, tmp_path / "m")
    assert "swish" not in (tmp_path / "m").read_text()
    with pytest.raises(StoreError, match="needs a model to fill"):
        load(tmp_path / "m")
    again = load(tmp_path / "m", MLP(2, [3, 1], swish))
    assert again([1.0, 2.0]).data == model([1.0, 2.0]).data


def test_the_file_is_what_the_documentation_says(tmp_path: Path) -> None:
    model = MLP(1, [1], activation="tanh")
    for p, x in zip(model.parameters(), [0.1, -2.0], strict=True):
        p.data = x
    save(model, tmp_path / "m.json")
    content = json.loads((tmp_path / "m.json").read_text())
    rest = {
        name: content[name] for name in sorted(content.keys() - {"format", "version", "digest"})
    }
    assert content.pop("digest") == sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
    assert content == {
        "format": "glassgrad model",
        "version": 1,
        "model": "MLP",
        "settings": {
            "nin": 1,
            "nouts": [1],
            "activation": "linear",
            "output": "linear",
            "dropout": 0.0,
        },
        "parameters": {"layers.0.neurons.0.w.0": 0.1, "layers.0.neurons.0.b": -2.0},
    }


# Written whole or not at all


def test_an_older_file_stays_until_the_new_one_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.json"
    save(Line(1.0), path)
    before = path.read_bytes()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError) as caught:
        save(Line(2.0), path)
    assert str(caught.value) == (
        f"{path}: needs a place that can be written, got 'No space left on device'; make room there"
    )
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        save(Line(2.0), path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["model.json"]


def test_a_link_stays_a_link_and_permissions_are_the_usual_ones(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    link = tmp_path / "latest.json"
    link.symlink_to(tmp_path / "deep" / "model.json")
    save(Line(1.0), link)
    save(Line(4.0), link)
    assert link.is_symlink()
    assert load(tmp_path / "deep" / "model.json", Line()).slope.data == 4.0
    (tmp_path / "plain").touch()
    assert stat.S_IMODE(os.stat(link).st_mode) == stat.S_IMODE(os.stat(tmp_path / "plain").st_mode)


@pytest.mark.parametrize("bad", [nan, inf, -inf])
def test_a_parameter_that_is_not_finite_is_not_saved(bad: float, tmp_path: Path) -> None:
    path = tmp_path / "m"
    save(Line(1.0), path)
    with pytest.raises(StoreError) as caught:
        save(Line(bad), path)
    assert str(caught.value) == (
        f"save needs finite parameters, got {bad} for slope; train the model again with a "
        f"smaller learning rate"
    )
    assert load(path, Line()).slope.data == 1.0


def test_a_folder_that_is_not_there_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        save(Line(), tmp_path / "nowhere" / "m")
    assert str(caught.value) == (
        f"{tmp_path / 'nowhere' / 'm'}: needs a place that can be written, got 'No such file or "
        f"directory'; "
        "check the path and its permissions"
    )


# Read whole or not at all


def saved(tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    path = tmp_path / "model.json"
    save(MLP(2, [3, 1], seed=0), path)
    return path, json.loads(path.read_text())


def rewrite(path: Path, content: dict[str, Any]) -> None:
    """Write what was changed on purpose, under a digest of its own."""
    path.write_text(json.dumps(content | {"digest": json_file.digest(content)}))


def refusal(path: Path) -> str:
    """The sentence that both ways of loading give, without the path, while the model stays as it
    was.
    """
    model = MLP(2, [3, 1], seed=5)
    before = numbers(model)
    with pytest.raises(StoreError) as first:
        load(path, model)
    assert numbers(model) == before
    with pytest.raises(StoreError) as second:
        load(path)
    assert str(first.value) == str(second.value)
    sentence = str(first.value)
    assert sentence.startswith(f"{path}: needs ")
    assert "\n" not in sentence
    return sentence.removeprefix(f"{path}: ")


W = "layers.0.neurons.0.w.0"
DEEP = "[" * 100_000
DAMAGES: dict[str, tuple[Callable[[str], str | bytes], str]] = {
    "empty": (lambda text: "", "Expecting value: line 1 column 1 (char 0)"),
    "cut off": (lambda text: text[:200], ""),
    "no text": (
        lambda text: text.encode().replace(b"relu", b"re\x80u"),
        "'utf-8' codec can't decode byte 0x80",
    ),
    "a name twice": (
        lambda text: text.replace(f'"{W}"', f'"{W}": 1.0, "{W}"'),
        "a name comes twice",
    ),
    "nan": (
        lambda text: text.replace('"parameters": {', '"parameters": {"x": NaN,'),
        "NaN is no number of JSON",
    ),
    "deep": (lambda text: DEEP, "recursion"),
    "no number": (
        lambda text: text.replace(f'"{W}": ', f'"{W}": "a", "y": '),
        "its digest is that of another content",
    ),
    "true": (
        lambda text: text.replace(f'"{W}": ', f'"{W}": true, "y": '),
        "its digest is that of another content",
    ),
    "too large": (
        lambda text: text.replace(f'"{W}": ', f'"{W}": 1e999, "y": '),
        "Out of range float values are not JSON compliant",
    ),
    "too large, beside": (
        lambda text: text.replace("{", '{"extra": 1e400, ', 1),
        "Out of range float values are not JSON compliant",
    ),
    "nested": (lambda text: text.replace("{", '{"extra": ' + "[" * 990 + "]" * 990 + ", ", 1), ""),
    "another name for the digest and another number": (
        lambda text: text.replace('"digest"', '"digesT"').replace(f'"{W}": ', f'"{W}": 1'),
        "its digest is that of another content",
    ),
    "an integer too large": (
        lambda text: text.replace(f'"{W}": ', f'"{W}": 1{"0" * 400}, "y": '),
        "its digest is that of another content",
    ),
    "a number of 5000 digits": (
        lambda text: text.replace(f'"{W}": ', f'"{W}": {"1" * 5000}, "y": '),
        "limit",
    ),
    "a list of parameters": (
        lambda text: text.split('"parameters"')[0] + '"parameters": [1]}',
        "its digest is that of another content",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_gets_one_sentence_and_the_model_stays(damage: str, tmp_path: Path) -> None:
    path, _ = saved(tmp_path)
    change, what = DAMAGES[damage]
    text = change(path.read_text())
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    sentence = refusal(path)
    assert sentence.startswith("needs a whole file as it was written, got a damaged one (")
    assert what in sentence
    assert sentence.endswith("); save it again")


@pytest.mark.parametrize("bad", ["a", True, None, [1.0], 10**400, -(10**309)])
def test_a_parameter_that_is_no_number_is_refused_under_any_digest(
    bad: Any, tmp_path: Path
) -> None:
    path, content = saved(tmp_path)
    content["parameters"][W] = bad
    rewrite(path, content)
    assert f"got a damaged one ({str(bad)[:20]} as the number of {W})" in refusal(path)
    content["parameters"] = [bad]
    rewrite(path, content)
    assert "(no parameters)" in refusal(path)


def test_what_a_file_holds_reaches_the_terminal_without_its_escape_sequences(
    tmp_path: Path,
) -> None:
    path, content = saved(tmp_path)
    rewrite(path, content | {"model": "MLP\x1b[2J"})
    assert refusal(path).count("\\x1b[2J") == 1
    path.write_text('{"format": "\\u001b[31mred"}')
    assert '"\\x1b[31mred"' in refusal(path)


FOREIGN: dict[str, str] = {
    "[1, 2]": 'needs the format "glassgrad model", got JSON of another kind; check the path',
    "{}": 'needs the format "glassgrad model", got JSON of another kind; check the path',
    '{"format": "glassgrad checkpoint", "version": 1}': (
        'needs the format "glassgrad model", got "glassgrad checkpoint"; read it with train(..., '
        "checkpoint=path)"
    ),
    '{"format": "glassgrad model", "version": 2}': (
        "needs version 1 of the format, got 2; read it with the glassgrad that wrote it, or a "
        "newer one"
    ),
    '{"format": "glassgrad model"}': (
        "needs version 1 of the format, got None; read it with the glassgrad that wrote it, or a "
        "newer one"
    ),
}


def test_a_file_of_another_kind_is_no_json(tmp_path: Path) -> None:
    (tmp_path / "pickle").write_bytes(b"\x80\x04\x95pickle")
    wanted = 'needs the format "glassgrad model", got no JSON; check the path'
    assert refusal(tmp_path / "pickle") == wanted


@pytest.mark.parametrize("text", FOREIGN)
def test_a_foreign_file_gets_one_sentence(text: str, tmp_path: Path) -> None:
    path = tmp_path / "it.json"
    path.write_text(text)
    assert refusal(path) == FOREIGN[text]


def test_a_file_that_is_too_large_is_not_read_unless_the_caller_says_so(tmp_path: Path) -> None:
    path, _ = saved(tmp_path)
    with path.open("a") as file:
        file.write(" " * json_file.LIMIT)
    size = os.path.getsize(path)
    wanted = f"needs a file of at most {json_file.LIMIT} bytes, got more; pass a larger limit"
    assert refusal(path) == wanted
    assert numbers(load(path, limit=size)) == numbers(MLP(2, [3, 1], seed=0))


def test_a_folder_and_nothing_at_all_get_one_sentence(tmp_path: Path) -> None:
    wanted = "needs a file that can be read, got '{}'; check the path and its permissions"
    assert refusal(tmp_path) == wanted.format("Is a directory")
    assert refusal(tmp_path / "no.json") == wanted.format("No such file or directory")
    os.mkfifo(tmp_path / "pipe")  # which must not be waited for
    assert refusal(tmp_path / "pipe") == wanted.format("a pipe that nobody writes to")


SETTINGS: list[dict[str, Any]] = [
    *(
        {"nin": 10**9},
        {"nouts": [10**9, 1]},
        {"nouts": []},
        {"nin": -2},
        {"nin": 2.0},
        {"nin": True},
        {"nouts": 3},
    ),
    *(
        {"activation": "os.system"},
        {"activation": ["tanh"]},
        {"output": None},
        {"dropout": 1},
        {"dropout": "0"},
    ),
]


@pytest.mark.parametrize("change", SETTINGS, ids=str)
def test_settings_that_do_not_fit_build_nothing(change: dict[str, Any], tmp_path: Path) -> None:
    path, content = saved(tmp_path)
    content["settings"].update(change)
    rewrite(path, content)
    with pytest.raises(StoreError) as caught:
        load(path)
    assert str(caught.value).endswith(
        "got a damaged one (settings that are not those of its parameters); save it again"
    )


def test_parameters_of_another_shape_are_refused_by_name(tmp_path: Path) -> None:
    path, _ = saved(tmp_path)
    model = MLP(2, [4, 1], seed=5)
    before = numbers(model)
    with pytest.raises(StoreError) as caught:
        load(path, model)
    assert str(caught.value) == (
        f"{path}: needs the parameters of MLP(2, [4, 1], activation='relu', output='linear'): 17 "
        f"parameters, got 13, "
        "and only one of both has layers.0.neurons.3.w.0; pass a model of the shape that was saved"
    )
    assert numbers(model) == before
    with pytest.raises(
        TypeError, match=r"^load needs a Module to fill, got list: leave it out for an MLP$"
    ):
        load(path, [])  # type: ignore[arg-type]


@given(st.binary(max_size=80) | st.text(LETTERS, max_size=80).map(str.encode))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_bytes_it_is_a_store_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(content)
    with pytest.raises(StoreError):
        load(path)


@given(st.integers(0, 899), st.integers(0, 255))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_byte_changed_anywhere_is_a_store_error_or_the_same_model(
    tmp_path: Path, place: int, byte: int
) -> None:
    path, _ = saved(tmp_path)
    content = bytearray(path.read_bytes())
    content[place % len(content)] = byte
    path.write_bytes(content)
    try:
        model = load(path)
    except StoreError:
        return
    assert numbers(model) == numbers(MLP(2, [3, 1], seed=0))


def test_a_digit_changed_is_noticed_and_so_is_a_digest_left_out(tmp_path: Path) -> None:
    path, content = saved(tmp_path)
    content["parameters"]["layers.0.neurons.0.b"] = 0.25
    path.write_text(json.dumps(content))
    sentence = (
        "needs a whole file as it was written, got a damaged one (its digest is that of another "
        "content); save it again"
    )
    assert refusal(path) == sentence
    del content["digest"]
    path.write_text(json.dumps(content))
    assert refusal(path) == sentence
    rewrite(path, content)
    assert load(path).layers[0].neurons[0].b.data == 0.25


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ({"activation": "tanh"}, "a model of the activation relu, got one of tanh"),
        ({"output": "sigmoid"}, "a model of the output linear, got one of sigmoid"),
    ],
    ids=str,
)
def test_a_model_of_another_kind_is_not_filled(
    kind: dict[str, str], what: str, tmp_path: Path
) -> None:
    save(MLP(2, [3, 1], **kind, seed=1), tmp_path / "m")  # type: ignore[arg-type]
    model = MLP(2, [3, 1], seed=2)
    before = numbers(model)
    with pytest.raises(StoreError, match=what):
        load(tmp_path / "m", model)
    assert numbers(model) == before

    class Copy(MLP):
        pass

    with pytest.raises(StoreError, match="a model of the class Copy, got one of MLP"):
        load(tmp_path / "m", Copy(2, [3, 1], **kind))  # type: ignore[arg-type]
    dropped = load(tmp_path / "m", MLP(2, [3, 1], **kind, dropout=0.5))  # type: ignore[arg-type]
    assert numbers(dropped) == numbers(load(tmp_path / "m"))


def test_only_a_file_is_replaced_and_it_keeps_its_permissions(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StoreError, match="can be written, got 'a folder, device or pipe'"):
        save(Line(), tmp_path / "pipe")
    assert stat.S_ISFIFO(os.stat(tmp_path / "pipe").st_mode)
    save(Line(), tmp_path / "secret")
    os.chmod(tmp_path / "secret", 0o600)
    save(Line(3.0), tmp_path / "secret")
    assert stat.S_IMODE(os.stat(tmp_path / "secret").st_mode) == 0o600
    assert sorted(os.listdir(tmp_path)) == ["pipe", "secret"]


def test_names_that_no_file_can_have_get_one_sentence(tmp_path: Path) -> None:
    for name in ("a" * 300, "é" * 200, "x\0y"):
        with pytest.raises(StoreError, match="needs a place that can be written"):
            save(Line(), tmp_path / name)
    with pytest.raises(StoreError, match=r"x\\x00y: .* got '.*embedded null"):
        save(Line(), tmp_path / "x\0y")
    with pytest.raises(StoreError, match=r"needs a file that can be read, got '.*embedded null"):
        load(str(tmp_path / "x\0y"))
    nothing: Any = 0
    for use in (lambda: save(Line(), nothing), lambda: load(nothing), lambda: load_csv(nothing)):
        with pytest.raises(
            TypeError, match=r"a path needs a str or a pathlib.Path, got int: write"
        ):
            use()
    longest = tmp_path / ("é" * 127)
    save(Line(4.0), longest)
    assert load(longest, Line()).slope.data == 4.0


def test_a_name_that_two_parameters_share_is_not_saved(tmp_path: Path) -> None:
    class Twice(Module):
        def __init__(self) -> None:
            self.x = {"a.b": Value(1.0), "a": {"b": Value(2.0)}}

    with pytest.raises(
        StoreError, match=r"needs a name for each parameter, got x\.a\.b for two of them"
    ):
        save(Twice(), tmp_path / "m")
    with pytest.raises(TypeError, match=r"^save needs a Module, got function"):
        save(lambda row: row, tmp_path / "m")  # type: ignore[arg-type]
