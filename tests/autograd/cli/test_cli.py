"""The command line: what it prints, what it refuses in one sentence, and the prompt, driven by
piped text.
"""

import io
import shlex
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, topological, walk
from autograd.__main__ import main
from autograd.cli.prompt import Prompt
from tests.cases import each
from tests.random_graphs import Program, built, grads, programs

HOUSE = Path(__file__).parents[3]
NEURON = ["tanh(w*x + b)", "w=-1.2", "x=0.5", "b=0.3"]
REPORT = """\
tanh(w*x + b) = -0.2913126124515909

  name  number  gradient
  w     -1.2    0.45756848091331465
  x     0.5     -1.098164354191955
  b     0.3     0.9151369618266293

reverse pass, from tanh.grad = 1, the seed:
1  add.grad += sech(add)**2 * tanh.grad = 0.9151 * 1 = 0.9151, now 0.9151
2  mul.grad += 1 * add.grad = 1 * 0.9151 = 0.9151, now 0.9151
3  b.grad += 1 * add.grad = 1 * 0.9151 = 0.9151, now 0.9151
4  w.grad += x * mul.grad = 0.5 * 0.9151 = 0.4576, now 0.4576
5  x.grad += w * mul.grad = -1.2 * 0.9151 = -1.098, now -1.098
"""


def python_m_autograd(*argv: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "autograd", *argv]
    return subprocess.run(
        command, cwd=HOUSE, input=typed, capture_output=True, text=True, timeout=60
    )


# An expression


def test_an_expression_gives_value_gradients_and_the_reverse_pass() -> None:
    done = python_m_autograd(*NEURON)
    assert (done.returncode, done.stdout, done.stderr) == (0, REPORT, "")


def test_an_expression_may_begin_with_a_minus(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-x**2", "x=-3"]) == 0
    assert capsys.readouterr().out.startswith(
        "-x**2 = -9\n\n  name  number  gradient\n  x     -3      6\n"
    )


def test_an_expression_of_numbers_alone_is_a_calculator(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["2 * (3 + 4)"]) == 0
    assert capsys.readouterr().out.startswith("2 * (3 + 4) = 14\n")


def test_a_name_alone_has_the_gradient_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["x", "x=3"]) == 0
    assert capsys.readouterr().out == "x = 3\n\n  name  number  gradient\n  x     3       1\n"


def test_a_name_that_only_a_condition_mentions_has_the_gradient_0(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["where(x > 0, y, -y)", "x=1", "y=2"]) == 0
    assert "  x     1       0\n  y     2       1\n" in capsys.readouterr().out


def test_names_are_read_as_python_reads_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["\ufb01 * x", "\ufb01=2", "x=3"]) == 0  # the ligature fi
    assert "  fi    2       3\n" in capsys.readouterr().out


def test_a_warning_is_given_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["1/x - 1/x", "x=0"]) == 0
    assert capsys.readouterr().err.count("divide needs b != 0") == 1


def test_a_name_without_an_ending_is_no_drawing(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("", "y", "y\0.dot"):
        assert main(["x", "x=1", "--draw", name]) == 2
        assert "a drawing is saved as .svg, .png, .dot or .html, got" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_an_output_that_is_full_is_one_sentence() -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "autograd", "x * x", "x=2"]
        done = subprocess.run(
            command, cwd=HOUSE, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60
        )
    assert done.returncode == 2
    assert done.stderr == "cannot write the output: No space left on device\n"


def test_leaving_the_domain_is_a_warning_and_no_error() -> None:
    done = python_m_autograd("log(x)", "x=-1")
    assert (done.returncode, done.stderr) == (0, "warning: log needs x > 0, got x = -1\n")
    assert done.stdout.startswith("log(x) = nan\n")


@pytest.mark.parametrize(
    "argv",
    [
        ["\x1b[2Jx", "x=1"],
        ["x", "\x1b[2J=1"],
        ["x", "x=\x1b[2J"],
        ["x\x85", "x=1"],
        ["x", "x=1", "--draw", "\x1b[2J/y.dot"],
        ["x", "x=1", "--\x1b[2J"],
        ["why", "x", "x=1", "--by", "\x1b[2J"],
        ["check", "\x1b[2J:f", "--at", "1"],
        ["check", "math:sin", "--at", "\x1b[2J"],
        ["check", "math:\x1b[2J", "--at", "1"],
    ],
)
def test_escape_sequences_of_the_command_line_are_shown_not_sent(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(argv)
    printed = capsys.readouterr()
    assert all(line.isprintable() for line in (printed.out + printed.err).split("\n"))


def test_escape_sequences_typed_at_the_prompt_are_shown_not_sent() -> None:
    out = io.StringIO()
    text = "\x1b[2J\nunt \x1b[2J\nbreak \x1b[2J\nbreak grad > \x1b[2J\nhelp \x1b[2J\n"
    Prompt(walk(neuron()), stdin=io.StringIO(text), stdout=out).run()
    assert all(line.isprintable() for line in out.getvalue().split("\n"))


def test_without_arguments_it_teaches_by_example() -> None:
    done = python_m_autograd()
    assert done.returncode == 0
    assert 'python -m autograd "tanh(w*x + b)" w=-1.2 x=0.5 b=0.3' in done.stdout
    for word in ("step", "why", "check", "--draw", "where("):
        assert word in done.stdout


def test_the_version_names_the_engine_that_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert f", engine {autograd.ENGINE}, CPython 3." in capsys.readouterr().out


@pytest.mark.parametrize("command", [[], ["step"], ["why"]])
def test_help_is_there_for_each_command(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--help"]) == 0
    assert "EXPR" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ("'tanh(x' x=1", "the expression does not parse: '(' was never closed\n  tanh(x\n      ^"),
        ("'f(x)' x=1", "there is no function f\n  f(x)\n  ^"),
        ("'w*x' w=1", "x needs a number: write x=1.5, say"),
        ("x x=1 y=2", "the expression has no y: its names are x"),
        ("'' x=1", 'an expression is needed, as "tanh(w*x + b)"'),
        ("x x=one", "x needs a number, got one: write x=1.5, say"),
        ("x x=", "x needs a number, got nothing: write x=1.5, say"),
        ("x x=1 x=2", "x is given twice"),
        ("x 1", "numbers are given as name=number, got 1"),
        ("x x=1 --colour", "unrecognized arguments: --colour: python -m autograd --help shows how"),
        ("'mean([])'", "mean needs at least one value, got an empty sequence\n  mean([])\n  ^"),
        (
            "step",
            "the following arguments are required: EXPR, name=number: python -m autograd step",
        ),
        ("step 'x +' x=1", "the expression does not parse\n  x +\n"),
        ("why x x=1 --by y", "the expression has no y: its names are x"),
        ("why 3", "the expression has no name to ask about: its names are none"),
        ("why x x=1 --top -1", "why can show 0 or more paths, got -1"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_on_stderr_and_status_2(
    argv: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(shlex.split(argv)) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith(said) and printed.out == ""


def test_the_status_reaches_the_shell() -> None:
    done = python_m_autograd("x.y", "x=1")
    assert (done.returncode, done.stderr) == (
        2,
        "a dot after a name has no meaning here\n  x.y\n   ^\n",
    )


# Drawing and checking belong to other rooms


class Drawing:
    """Stands in for a drawing: writes what it was given."""

    def __init__(self, y: Value) -> None:
        self.y = y

    def save(self, path: str) -> None:
        if path.endswith(".xyz"):
            raise ValueError("a drawing is saved as .svg, .png, .dot or .html, got .xyz")
        Path(path).write_text(f"{self.y!r}")


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    room = ModuleType("autograd.drawing")
    vars(room)["draw"] = Drawing
    monkeypatch.setitem(sys.modules, "autograd.drawing", room)


@pytest.mark.usefixtures("drawing")
def test_draw_saves_the_graph_after_its_reverse_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "y.svg"
    assert main([*NEURON, "--draw", str(file)]) == 0
    assert file.read_text() == "tanh(-0.3) = -0.2913 | grad 1"
    assert capsys.readouterr().out == f"{REPORT}\ndrawn in {file}\n"


@pytest.mark.usefixtures("drawing")
def test_options_may_stand_anywhere(tmp_path: Path) -> None:
    for i, words in enumerate((["--draw", "{}", "w*2", "w=1"], ["w*2", "--draw", "{}", "w=1"])):
        file = tmp_path / f"{i}.svg"
        assert main([word.format(file) for word in words]) == 0
        assert file.exists()


@pytest.mark.usefixtures("drawing")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing/y.svg", "cannot write {file}: No such file or directory\n"),
        ("y.xyz", "a drawing is saved as .svg, .png, .dot or .html, got .xyz\n"),
    ],
)
def test_a_drawing_that_cannot_be_saved_is_one_sentence(
    name: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / name
    assert main([*NEURON, "--draw", str(file)]) == 2
    assert capsys.readouterr().err == said.format(file=file)


# why


def test_why_explains_each_derivative_or_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", "x*x + x*y", "x=3", "y=-2", "--top", "1"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "d(add)/dx = 4, the sum over 3 paths from x to add:",
        "  x -> mul#1 -> add: 3 * 1 = 3",
        "  the other 2 paths add 1 together",
        "d(add)/dy = 3, along the one path from y to add:",
        "  y -> mul#2 -> add: 3 * 1 = 3",
    ]
    assert main(["why", "relu(x) + y", "x=-1", "y=1", "--by", "x"]) == 0
    assert capsys.readouterr().out == (
        "d(add)/dx = 0: the one path from x to add is blocked:\n  d(relu)/dx = 0 at x = -1\n"
    )


# The prompt


def neuron() -> Value:
    return (Value(-1.2, "w") * Value(0.5, "x") + Value(0.3, "b")).tanh()


def typed(text: str, y: Value | None = None, *, forward: bool = False) -> list[str]:
    """What the prompt writes, without what it begins with, the echo, and the lines of "next"."""
    out = io.StringIO()
    Prompt(
        walk(neuron() if y is None else y, forward=forward), stdin=io.StringIO(text), stdout=out
    ).run()
    lines = out.getvalue().splitlines()[1:]
    return [line for line in lines if not line.startswith(("(walk)", "  next: "))]


def test_the_command_line_opens_the_prompt() -> None:
    done = python_m_autograd("step", *NEURON, typed="s\nq\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "step 0 of 5: tanh.grad = 1, the seed",
        "  next: add.grad += sech(add)**2 * tanh.grad",
        "(walk) s",
        "step 1 of 5: add.grad += sech(add)**2 * tanh.grad = 0.9151 * 1 = 0.9151, now 0.9151",
        "  next: mul.grad += 1 * add.grad",
        "(walk) q",
    ]
    done = python_m_autograd("step", "--forward", *NEURON, typed="n")
    assert done.stdout.splitlines()[-2] == "step 1 of 3: mul = w * x = (-1.2) * 0.5 = -0.6"


def test_letters_and_words_move_alike() -> None:
    letters, words = neuron(), neuron()
    assert typed("s\ns 2\nk\nn\nunt x\nrun\nr\nk 3\nb w\nc\nw\nl", letters) == typed(
        "step\nstep 2\nback\nnext\nuntil x\nrestart\nfinish\nback 3\nb w\ncontinue\nwhere\nlist",
        words,
    )
    assert grads(letters) == grads(words)


def test_an_empty_line_repeats_and_the_end_of_the_input_leaves() -> None:
    assert [line.split(":")[0] for line in typed("s\n\n\n")] == [
        "step 1 of 5",
        "step 2 of 5",
        "step 3 of 5",
    ]


def test_a_session_to_the_end_leaves_the_grads_of_backward() -> None:
    y, other = neuron(), neuron()
    typed("break b\nc\nk\nc\nwatch w\nclear\nat 1\nc\nq\n", y)
    other.backward()
    assert grads(y) == grads(other)


def test_breakpoints_at_the_prompt() -> None:
    said = typed("break tanh\nbreak abs(grad) > 1\nc\nc\nclear tanh\nclear\nbreak")
    assert said == [
        "stopping at: tanh",
        "stopping at: tanh, abs(grad) > 1",
        "step 1 of 5, stopped at tanh: "
        "add.grad += sech(add)**2 * tanh.grad = 0.9151 * 1 = 0.9151, now 0.9151",
        "step 5 of 5, the end, stopped at abs(grad) > 1: "
        "x.grad += w * mul.grad = -1.2 * 0.9151 = -1.098, now -1.098",
        "stopping at: abs(grad) > 1",
        *["stopping at: nothing"] * 2,
    ]
    assert typed("break data > -0.5\nc", forward=True)[-1].startswith(
        "step 2 of 3, stopped at data > -0.5: add"
    )


def test_looking_around_at_the_prompt() -> None:
    assert typed("unt w\np w.grad\nmul\nledger\nwatch b\nunwatch\nwhy w")[1:] == [
        "w = -1.2 | grad 0.4576",
        "mul: w * x = -0.6 | grad 0.9151",
        "1  add.grad += sech(add)**2 * tanh.grad = 0.9151 * 1 = 0.9151, now 0.9151",
        "2  mul.grad += 1 * add.grad = 1 * 0.9151 = 0.9151, now 0.9151",
        "3  b.grad += 1 * add.grad = 1 * 0.9151 = 0.9151, now 0.9151",
        "4  w.grad += x * mul.grad = 0.5 * 0.9151 = 0.4576, now 0.4576",
        "step 4 of 5: w.grad += x * mul.grad = 0.5 * 0.9151 = 0.4576, now 0.4576",
        "  watching b.grad = 0.9151",
        "step 4 of 5: w.grad += x * mul.grad = 0.5 * 0.9151 = 0.4576, now 0.4576",
        "d(tanh)/dw = 0.4576, along the one path from w to tanh:",
        "  w -> mul -> add -> tanh: 0.5 * 1 * 0.9151 = 0.4576",
    ]
    assert len(typed("p")) == len(topological(neuron()))
    assert typed("n\nb b\nb grad < 0\nl")[-5:] == [
        "1    add.grad += sech(add)**2 * tanh.grad = 0.9151 * 1 = 0.9151, now 0.9151",
        "2 -> mul.grad += 1 * add.grad",
        "3 B  b.grad += 1 * add.grad",
        "4    w.grad += x * mul.grad",
        "5 B  x.grad += w * mul.grad",
    ]
    assert typed("s\npeek\nr\npeek")[1::2] == [
        "mul.grad += 1 * add.grad = 1 * 0.9151 = 0.9151, now 0.9151",
        "this is the end: no step comes next",
    ]
    assert typed("reach b")[0].startswith("step 3 of 5: b.grad")
    y = Value(1.0, "x")
    for _ in range(60):
        y = y + 1.0
    assert typed("p", y)[-1] == f"{len(topological(y)) - 40} more not shown: print NAME shows one"


WORDS = (
    *("s", "n", "k", "c", "r", "run", "w", "l", "peek", "ledger", "b", "cl", "forward", "reverse"),
    *("s 3", "k 2", "j 5", "j -1", "b x0", "b *", "b abs(grad) > 1", "b data < 0", "b >", "cl *"),
    *("unt mul#1", "reach x1", "p x0.grad", "p ?", "x0", "why x0", "display x0", "undisplay", "h"),
    "",
)


@given(programs(12), st.lists(st.sampled_from(WORDS)))
def test_whatever_is_typed_the_prompt_goes_on_and_ends_as_backward_does(
    program: Program, lines: list[str]
) -> None:
    (y, _), (other, _) = built(program), built(program)
    typed("\n".join([*lines, "reverse", "r"]), y)
    other.backward()
    assert grads(y) == grads(other)


@each(
    ("line", "said"),
    [
        ("up", "there is no command up: help lists them"),
        ("s two", "a whole number is needed here, got two"),
        ("unt", "this command needs something to work on: until w, say"),
        ("unt q", "no value here is called 'q': did you mean w or x or mul or b or add or tanh?"),
        ("at 6", "this walk has the places 0 to 5, got 6"),
        ("break colour > 3", "a step has no colour: a condition can use number, partial, result_"),
        ("break grad >", "the expression does not parse"),
        ("clear w", "there is no such breakpoint; set are: none"),
        ("help up", "there is no command up: help lists them"),
        ("l 6", "this walk has the steps 1 to 5, got 6"),
    ],
)
def test_the_prompt_says_what_is_wrong_and_goes_on(line: str, said: str) -> None:
    first, *_, last = typed(f"{line}\ns")
    assert first.startswith(said) and last.startswith("step 1 of 5")


def test_help_lists_every_command_and_explains_each() -> None:
    listed = typed("help")
    commands = [name.removeprefix("do_") for name in dir(Prompt) if name.startswith("do_")]
    for name in commands:
        assert any(name in line[:38] for line in listed)
        assert typed(f"help {name}") != [f"there is no command {name}: help lists them"]
    assert typed("help s") == typed("help step")


def test_names_and_commands_complete() -> None:
    prompt = Prompt(walk(neuron()), stdin=io.StringIO(), stdout=io.StringIO())
    assert prompt.completedefault("m", "until m", 6, 7) == ["mul"]
    assert prompt.completenames("st") == ["step"]
    assert "EOF" not in prompt.completenames("")


def test_a_command_that_takes_nothing_says_so() -> None:
    assert typed("w x\nn 2\nc mul\nrun 3")[-4:] == [
        f"{word} takes nothing after it, got {rest}: help lists what does"
        for word, rest in [("where", "x"), ("next", "2"), ("continue", "mul"), ("restart", "3")]
    ]


class Interrupted(io.StringIO):
    """What a user types, who presses Ctrl-C at the lines that say so."""

    def readline(self, size: int | None = -1, /) -> str:
        line = super().readline(size)
        if line == "^C\n":
            raise KeyboardInterrupt
        return line


def test_one_interrupt_does_not_quit_the_prompt_and_two_do() -> None:
    out = io.StringIO()
    Prompt(walk(neuron()), stdin=Interrupted("^C\ns\n^C\n^C\ns\n"), stdout=out).run()
    said = [line for line in out.getvalue().splitlines() if line and "next:" not in line]
    assert [line.partition(":")[0] for line in said] == [
        *("step 0 of 5", "interrupted", "(walk) s", "step 1 of 5", "interrupted")
    ]


def test_a_number_too_large_for_a_float_is_refused_beside_the_expression_as_in_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["x * x", "x=1e400"]) == 2
    assert (
        capsys.readouterr().err
        == "x needs a number within 1.8e308, got 1e400: write x=inf if you mean that\n"
    )
    assert main(["1e400 * x", "x=1"]) == 2
    assert capsys.readouterr().err.startswith("this number is too large for a float")
    assert main(["x * x", "x=-inf"]) == 0
    assert capsys.readouterr().out.startswith("x * x = inf")


@pytest.mark.parametrize(
    "arguments", [("autograd", "x * x", "x=2"), pytest.param(("demos",), marks=pytest.mark.full)]
)
def test_a_reader_who_has_seen_enough_ends_it_quietly(arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-u", "-m", *arguments]
    with subprocess.Popen(
        command, cwd=HOUSE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout and running.stderr
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(60) == 0


# The demos of stepping


@pytest.mark.full
def test_the_demo_of_stepping_ends_with_the_right_gradient(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from demos import stepping

    stepping.main(str(tmp_path))
    assert "  w -> product -> sum -> y: 0.5 * 1 * 0.9151 = 0.4576" in capsys.readouterr().out


@pytest.mark.full
def test_the_demo_of_topological_order_shows_the_wrong_number_appear(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from demos import topological_order

    assert topological_order.main(str(tmp_path)) == {"recursion": 6.0, "results first": 4.0}
    printed = capsys.readouterr().out
    assert "a.grad = 6: wrong" in printed and "a.grad = 4: right" in printed


@pytest.mark.parametrize(("typed", "meant"), [("chekc", "check"), ("stpe", "step"), ("wyh", "why")])
def test_a_misspelt_command_is_told_from_an_expression(
    typed: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([typed, "x*x", "x=2"]) == 2
    assert f"there is no command {typed}: did you mean {meant}?" in capsys.readouterr().err
