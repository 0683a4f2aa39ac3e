"""Planted faults in the engine in C: each copy with one fault must fail the tests of the engine.

``python -m tests.autograd.engine.planted_faults`` compiles them one by one, in a folder of its own,
and prints those that no test notices; it takes a quarter of an hour. A number chooses one fault.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

HOUSE = Path(__file__).parents[3]
NATIVE = Path("autograd", "engine", "native")
TESTS = "tests/autograd/engine/test_native.py"

# What stands in one of the sources, and what it is replaced by; the first place counts.
FAULTS = (
    # Rows
    ("BINARY(subtract, (a - b), 1.0, (-1.0))", "BINARY(subtract, (a - b), 1.0, 1.0)"),
    ("BINARY(multiply, (a * b), b, a)", "BINARY(multiply, (a * b), a, b)"),
    ("((-y) / b))", "((-a) / (b * b)))"),
    ("UNARY(exp, exp(x), y)", "UNARY(exp, exp(x), exp(x) * 1.0000000000000002)"),
    ("pow(row_sech(x), 2.0)", "(1.0 - y * y)"),
    ("(x <= 0.0) ? 0.0 : 1.0", "(x < 0.0) ? 0.0 : 1.0"),
    ("(a == b) ? 0.5 : 1.0", "(a == b) ? 1.0 : 1.0"),
    ("leaky_relu, slope, 0.01,", "leaky_relu, slope, 0.02,"),
    ("(condition ? 1.0 : 0.0)", "(condition ? 0.0 : 1.0)"),
    ("((x < low) ? 0.0 : ((x > high)", "((x <= low) ? 0.0 : ((x > high)"),
    ("fabs(x), row_sign(x)", "fabs(x), ((x < 0.0) ? (-1.0) : 1.0)"),
    # Arithmetic
    ("if (!m) return copysign(0.0, b);", "if (!m) return 0.0;"),
    ("(b < 0) != (m < 0) ? m + b : m", "(b < 0) != (m < 0) ? m - b : m"),
    ("if (!d) return copysign(0.0, a / b);", ""),
    ("d - f > 0.5 ? f + 1.0 : f", "f"),
    ("((y - y) + (d - d) != 0.0)", "(y - y != 0.0)"),
    ("return !over && n", "return n"),
    # Results
    ("v->op = Py_NewRef(row_of[k]);", "v->op = row_of[k];"),
    ("v->a = NODE(Py_NewRef(x));", "v->a = NODE(x);"),
    ("!cut && IS_TRACKED(x)", "0"),
    ("(kq == 1 && IS_TRACKED(q))", "0"),
    ("if (!v || cut) return (PyObject *)v;", "if (!v) return NULL;"),
    ("if (flag == TWO) v->b_number = d;", "if (flag == TWO) v->b_number = c;"),
    ("v->flags |= B_NUMBER;", "v->flags |= B_NUMBER, v->db = da;"),
    ("c->grad = 0.0 + partial * v->grad;", "c->grad = partial * v->grad;"),
    ("c->flags |= REACHED;", ""),
    ("c->stamp = 0;", "c->stamp = UINT32_MAX;"),
    ("v->flags &= ~flag;", ""),
    ('"(s(d))", "", c', '"(s(d))", "", c + 1'),
    ("v->stamp = writes;\n    return v;", "v->stamp = 0;\n    return v;"),
    ("Py_DECREF(f);\n    return *x", "return *x"),
    ("PyMem_Free(given);", ""),
    ("Py_XDECREF(cut);", ""),
    ("how = PyObject_IsTrue(cut)", "how = 0"),
    ("if (v->flags & TRACKED) PyObject_GC_Track(v);", ""),
    # The end
    ("if (numbers && !--numbers->refs)", "if (numbers && --numbers->refs < 0)"),
    ("Py_TYPE(o) != ValueType || Py_REFCNT(o) != 1 || o->flags & TRACKED", "1"),
    ("Py_REFCNT(o) != 1 || o->flags", "o->flags"),
    ("Py_REFCNT(many) == 1 && ", ""),
    ("OF(many)[i] = NULL;", ""),
    ("    Py_XDECREF(many);\n}", "}"),
    ("drop_bundle(dead, many->ys);", ""),
    ("PyMem_Free(many);", ""),
    ("drop(dead, b);", ""),
    ("drop(dead, a);", "Py_XDECREF(a);"),
    ("v->flags &= TRACKED | REACHED | ONE | TWO;", "v->flags &= TRACKED | REACHED;"),
    ("v->flags &= TRACKED | REACHED | ONE | TWO;", "v->flags &= TRACKED | ONE | TWO;"),
    ("if (!(flags & TWO)) v->b = NULL;", ""),
    ("if (v->weak) PyObject_ClearWeakRefs((PyObject *)v);", ""),
    ("Py_XDECREF(v->op);", ""),
    ("Py_XDECREF(v->note);", ""),
    ("Py_CLEAR(v->note);", ""),
    ("Py_TRASHCAN_BEGIN(self, node_dealloc)", "Py_TRASHCAN_BEGIN(self, PyObject_GC_Del)"),
    ("Py_DECREF(type);\n        Py_TRASHCAN_END", "Py_TRASHCAN_END"),
    ("    Py_VISIT(v->op);", ""),
    ("Py_VISIT(v->many->ys);", ""),
    ("    Py_VISIT(b);", ""),
    # Values from Python
    ("NODE(v)->flags = TRACKED | UNMADE;", "NODE(v)->flags = UNMADE;"),
    ("Py_XDECREF(head);", ""),
    ("if (!none) Py_CLEAR(v);", ""),
    ("if (writes < UINT32_MAX) v->stamp = ++writes;", ""),
    ("if (writes < UINT32_MAX) writes++;\n    v->stamp = writes;", "v->stamp = writes;"),
    ("if (v->flags & RECORDED) v->flags |= WRITTEN;", ""),
    ("x == UNREACHED ? v->flags & ~REACHED : ", ""),
    ("PyTuple_GET_ITEM(v->note, 1));\n        if (!note)", "PyTuple_New(0));\n        if (!note)"),
    ("Py_BuildValue(\"(O)(O)\", v->a, b)", "Py_BuildValue(\"(O)(O)\", b, v->a)"),
    ("if (complete(v)) return NULL;\n    Node *b = SECOND(v);\n    PyObject *many[2]",
     "Node *b = SECOND(v);\n    PyObject *many[2]"),
    ("SECOND(v) || v->flags & B_NUMBER", "SECOND(v) != NULL"),
    ("return d ? d->of[i] : v->db;", "return d ? d->of[0] : v->db;"),
    ("Py_XSETREF(v->op, Py_NewRef(POSITIVE));", "Py_XSETREF(v->op, POSITIVE);"),
    ("MODE < 0 || !read_number(p, &a)", "!read_number(p, &a)"),
    # Bundles, and rows of many operands
    ("tracked |= IS_TRACKED(OF(many)[i]);", ""),
    ("if (!tracked) PyObject_GC_UnTrack(many);", ""),
    ("PySequence_Fast_GET_SIZE(items) != n", "0"),
    ("let_go(EXTRA(self)->numbers);", ""),
    ("extra->version == writes && ", ""),
    ("if (!numbers || numbers->refs > 1) {", "if (!numbers) {"),
    ("let_go(extra->numbers);", ""),
    ("if (dx) dx->refs++;", ""),
    ("(c && IS_TRACKED(c))", "0"),
    ("PyObject_GC_IsTracked(xs) || (ys && PyObject_GC_IsTracked(ys))", "PyObject_GC_IsTracked(xs)"),
    ("xs, b, ys, a, lifted", "xs, a, ys, b, lifted"),
    ("Py_XDECREF(lifted);", ""),
    ("total - total == 0.0", "1"),
    ("Py_SIZE(xs) == Py_SIZE(ys)", "1"),
    ("(sum_of(&peaks) - 1.0)", "0.0"),
    ("dx->of[i] /= sum_of(&weights);", ";"),
    ("d = 1.0 / (double)n", "d = 1.0"),
    ("n; i++) add_to(&sum, x->of[i]);", "n; i++) add_to(&sum, x->of[n - 1 - i]);"),
    # The pass
    ("v->grad = 0.0;\n    }\n    v->uses++;", "}\n    v->uses++;"),
    ("if (push(met, v)) return -1;", "v->uses++; if (push(met, v)) return -1; v->uses--;"),
    ("if (EXTRA(many[j])->uses++) continue;", "EXTRA(many[j])->uses++;"),
    ("o->flags |= REACHED;\n                        if (leaf)", "if (leaf)"),
    ("if (leaf && !(ab[j]->flags & RECORDED)) leaf(ab[j]);", ""),
    ("v->uses = 0;\n        if (v->flags & MANY)", "if (v->flags & MANY)"),
    ("EXTRA(v->many->xs)->uses = 0;", ""),
    ("    if (v->flags & WRITTEN) return 1;", ""),
    ("v->a->stamp > v->stamp", "v->a->stamp >= v->stamp"),
    ("return b && b->stamp > v->stamp;", "return 0;"),
    ("OF(many[j])[i]->stamp > v->stamp", "0"),
    (" || v->flags & WRITTEN) stale", ") stale"),
    ("output->grad = seed;", "output->grad = 1.0;"),
    ("(grad != 0.0 || !isfinite(v->data))", "grad != 0.0"),
    ("of[i]->grad += d->of[i] * grad", "of[i]->grad = d->of[i] * grad"),
    ("v->a->grad += v->da * grad;", "v->a->grad -= v->da * grad;"),
    ("v->a->flags |= REACHED;", ""),
    ("b->grad += v->db * grad;", "b->grad = v->db * grad;"),
    ("b->flags |= REACHED;", ""),
    ("Append(changed, (PyObject *)ready.of[k])", "Append(changed, (PyObject *)output)"),
    ("if (is_stale(ready.of[k]) && PyList", "if (PyList"),
    ("PyMem_Free(met.of);\n    PyMem_Free(ready.of);", "PyMem_Free(ready.of);"),
    ("Py_DECREF(changed);\n    return none;", "return none;"),
    ("unreach(met.of[k]);", ";"),
    # Functions and records
    ("call_of[f->k](args[0], args[1])", "call_of[f->k](args[1], args[0])"),
    ("tracked |= IS_TRACKED(given[i]);", ""),
    ("new->b = n == 2 ? NODE(Py_NewRef(given[1]))", "new->b = n == 2 ? NODE(given[1])"),
    ("dx->n != Py_SIZE(given[0]) || ", ""),
    ("let_go(dx);\n        let_go(dy);\n    }\n    if (v && PyTuple", "}\n    if (v && PyTuple"),
)  # fmt: skip


def noticed(number: int, folder: Path) -> str:
    """Which test, or the compiler, notices a fault; nothing if none does."""
    right, wrong = FAULTS[number]
    for name in ("autograd", "tests"):
        kept = shutil.ignore_patterns("__pycache__", "library.*", "zoo", "benchmarks")
        shutil.copytree(HOUSE / name, folder / name, ignore=kept)
    shutil.copy(HOUSE / "pyproject.toml", folder)
    sources = sorted((folder / NATIVE).glob("*.[ch]"))
    texts = {source: source.read_text("utf-8") for source in sources}
    source = next((source for source, text in texts.items() if right in text), None)
    if source is None:
        return "NOT FOUND in the sources: mend this list"
    source.write_text(texts[source].replace(right, wrong, 1), "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONMALLOC": "debug"}
    environment |= {"GLASSGRAD_ENGINE": "native", "GLASSGRAD_NATIVE": "must"}
    commands = (
        [sys.executable, str(folder / NATIVE / "build.py")],
        [sys.executable, "-m", "pytest", "-x", "-n", "0", "-p", "no:cacheprovider", TESTS],
    )
    for command in commands:
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, text=True, timeout=200
            )
        except subprocess.TimeoutExpired:
            return "it hangs"
        if done.returncode:
            failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
            said = (failed or done.stderr.splitlines() or ["?"])[-1]
            return said if done.returncode > 0 else f"signal {-done.returncode}: {said}"
    return ""


def main() -> None:
    survivors = []
    for number in map(int, sys.argv[1:]) if sys.argv[1:] else range(len(FAULTS)):
        with TemporaryDirectory() as folder:
            said = noticed(number, Path(folder))
        print(number, FAULTS[number], said[:150] or "SURVIVES", flush=True)
        survivors += [] if said else [number]
    print(f"{len(FAULTS)} faults, not noticed: {survivors or 'none'}")


if __name__ == "__main__":
    main()
