"""Programs in JavaScript: a module that exports ``f`` and ``value_and_grad`` of one sample."""

import re
from collections.abc import Mapping

from autograd.engine.table import Op
from autograd.export.javascript import JavaScript, define, words
from autograd.recording.export.language import Hoisting, Language, arranged, indented
from autograd.recording.export.sample import Sample
from autograd.recording.program import Program


class InJavaScript(Hoisting, JavaScript):
    """A formula in JavaScript."""

    def __init__(self, op: Op, names: Mapping[str, str]) -> None:
        super().__init__(op)
        self.names, self.hoisted = names, []


LANGUAGE = Language(
    name="JavaScript",
    loop="for (let {i} = 0; {i} < {n}; {i}++) {{",
    variable="let",
    constant="const",
    infinity="Infinity",
    nan="NaN",
    finite="Number.isFinite",
    truth="Number{}",
    counter="let",
    kept=(["const s = [];"], [], []),
    spelling=InJavaScript,
)


def printed(program: Program) -> str:
    code = Sample(program, LANGUAGE)
    pieces, bases = code.pieces, code.bases
    call, grads = (", ".join(f"{d}{n}" for n, *_ in pieces) for d in ("", "d"))
    signature = call + " = parameters" * bool(code.parameters)
    about = [f"{program.name}, as glassgrad wrote it, for one sample: f({call}) gives its value."]
    if code.has_gradient:
        about.append(f"value_and_grad({call}) gives [value, [{grads}]].")
    about += [f"{labels}, in lists of any depth" for labels in code.labels]
    text = "".join(f"// {line}\n" for line in [*about, *code.places]) + "\n" + _definitions(code)
    copies = list[str]()
    for n, _, is_one in pieces:
        copy = f"v.set({n}{'.flat(Infinity)' * (n != 'p')}, {bases[n]});"
        copies.append(f"v[{bases[n]}] = {n};" if is_one else copy)
    copies += [f"v.set(numbers, {bases['c']});"] * bool(code.numbers)
    inner = [f"const v = new Float64Array({code.size});", *copies, *code.forward, "return v;"]
    text += f"\nfunction values({call}) {{\n{indented(inner)}}}\n"
    results = iter([f"v[{slot}]" for slot in code.outputs])

    def lists(shape: tuple[int, ...]) -> str:
        first, rest = shape[:1], shape[1:]
        return f"[{', '.join(lists(rest) for _ in range(*first))}]" if first else next(results)

    answer = arranged(program.result, lists, python=False)
    begin = f"const v = values({call});"
    text += f"\nexport function f({signature}) {{\n{indented([begin, f'return {answer};'])}}}\n"
    if code.has_gradient:
        lines = [begin, f"const g = new Float64Array({code.size});"]
        lines += [f"g[{code.outputs[0]}] = 1;", *code.back]
        parts = list[str]()
        for n, count, is_one in pieces:
            whole = f"[...g.slice({bases[n]}, {bases[n] + count})]"
            parts.append(f"g[{bases[n]}]" if is_one else whole)
        lines.append(f"return [{answer}, [{', '.join(parts)}]];")
        text += f"\nexport function value_and_grad({signature}) {{\n{indented(lines)}}}\n"
    return text


def _definitions(code: Sample) -> str:
    """What formulas call, and the tables."""
    defined: dict[str, str] = {}
    define(code.called, defined)
    rows = "".join(f"{line}\n" for line in defined.values())
    text = _words(f"{rows}\n{code.text}") + rows
    for name, numbers in (code.written | code.tables).items():
        text += LANGUAGE.table(name, numbers) if numbers else ""
    return text + "".join(f"\n{function}" for function in code.functions.values())


def _words(code: str) -> str:
    """What code calls of the words that JavaScript lacks, with what these call themselves."""
    blocks = re.split(r"\n(?=const |function |//)", words().partition("// Numbers as")[0])
    found = {m[1]: b for b in blocks if (m := re.match(r"(?:const|function) (\w+)", b))}
    needed, before = set[str](), -1
    while len(needed) > before:
        before = len(needed)
        text = code + "".join(found[name] for name in needed)
        needed |= {name for name in found if re.search(rf"(?<![\w.]){name}\(", text)}
    return "".join(f"{block}\n" for name, block in found.items() if name in needed)
