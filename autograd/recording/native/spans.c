/* Spans of rows, each a first row and how many: those that are looked at for nan after a forward pass,
   and those that are cleared before a reverse pass. Rows between two near spans go along. */

enum { NEAR = 4, LOOK = 1, SHOWN = 2 };

/* How many operands rows have, without constants; 0 of an n-ary one. */
static const char ARITY[COUNT] = {
#define UNARY(name, ...) [ROW_##name] = 1,
#define UNARY_ONE UNARY
#define UNARY_TWO UNARY
#define BINARY(name, ...) [ROW_##name] = 2,
#define BINARY_ONE BINARY
#define NARY(name, ...) [ROW_##name] = 0,
#include "rows.c"
};

static int is_sum(I kind) { return kind == ROW_dot || (kind >= COUNT && kind != COUNT + 1); }

/* Whether a row's result is finite where its operands are. */
static int is_tame(I kind) {
    switch (kind) {
    case ROW_where: case ROW_maximum: case ROW_minimum: case ROW_largest: case ROW_smallest:
    case ROW_abs: case ROW_sign: case ROW_relu: case ROW_floor: case ROW_ceil: case ROW_trunc:
    case ROW_rint: case ROW_sin: case ROW_cos: case ROW_tanh: case ROW_atan: case ROW_sigmoid:
        return 1;
    }
    return kind >= ROW_less && kind < COUNT;
}

static void mark(char *marks, const I *rows, size_t count, size_t step, char how) {
    for (size_t k = 0; k < count; k += step) marks[rows[k]] |= how;
}

/* The spans of the rows with this mark alone. */
static PyObject *spans_of(char *marks, Py_ssize_t height, char how) {
    PyObject *spans = PyList_New(0);
    for (Py_ssize_t row = 0, first, last; spans && row < height; row++) if (marks[row] == how) {
        for (first = last = row; row < height && row - last < NEAR; row++) if (marks[row] == how) last = row;
        const int failed = append_new(spans, PyLong_FromSsize_t(first));
        if (failed || append_new(spans, PyLong_FromSsize_t(last + 1 - first))) Py_CLEAR(spans);
        row = last;
    }
    PyMem_Free(marks);
    return spans;
}

/* looked(code, at, height, inputs): where instructions begin in the code. A number that is not finite
   is looked at where it arises, but not if a sum, which is looked at, takes it over. */
static PyObject *looked(PyObject *module, PyObject *args) {
    PyObject *code, *starts;
    Py_ssize_t height, inputs;
    if (!PyArg_ParseTuple(args, "YYnn", &code, &starts, &height, &inputs)) return NULL;
    char *marks = PyMem_Calloc(height + 1, 1);
    if (!marks) return PyErr_NoMemory();
    memset(marks, LOOK, inputs);
    for (Py_ssize_t i = 0; i < WORDS(starts); i++) {
        const I *at = AT_WORD(code, AT_WORD(starts, i)[0]);
        const size_t m = at[0] == COUNT ? 4 : 1, mixed = at[1], both = at[2];
        if (is_sum(at[0])) {
            DOTS;
            mark(marks, out, m, 1, LOOK), mark(marks, xs, mixed, 1, SHOWN), mark(marks, pair, 2 * both, 1, SHOWN);
        } else if (at[0] < COUNT) {
            if (!is_tame(at[0])) marks[at[1]] |= LOOK;
            if (at[0] == ROW_divide || at[0] == ROW_sqrt || at[0] == ROW_log) marks[at[2]] |= SHOWN;
        }
    }
    return spans_of(marks, height, LOOK);
}

/* cleared(code, at, skips, height, rows): all rows that a reverse pass reads or adds to, these among
   them, for instructions of which is known what they skip; of others that is no such bits. */
static PyObject *cleared(PyObject *module, PyObject *args) {
    PyObject *code, *starts, *rows;
    Py_buffer skips;
    Py_ssize_t height;
    if (!PyArg_ParseTuple(args, "YYy*nO!", &code, &starts, &skips, &height, &PyList_Type, &rows)) return NULL;
    char *marks = PyMem_Calloc(height + 1, 1);
    if (!marks) return PyBuffer_Release(&skips), PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(rows); i++) marks[PyLong_AsLong(PyList_GET_ITEM(rows, i))] = 1;
    for (Py_ssize_t i = 0; i < WORDS(starts); i++) {
        const I *at = AT_WORD(code, AT_WORD(starts, i)[0]);
        const int64_t skip = ((const int64_t *)skips.buf)[i];
        if (skip > UINT32_MAX) continue;
        const size_t m = at[0] == COUNT ? 4 : 1, mixed = at[1], both = at[2];
        if (is_sum(at[0])) {
            DOTS;
            mark(marks, out, m, 1, 1);
            if (!(skip & NO_X)) mark(marks, xs, mixed, 1, 1);
            if (!(skip & NO_P)) mark(marks, pair, 2 * both, 2, 1);
            if (!(skip & NO_Q) && both) mark(marks, pair + 1, 2 * both - 1, 2, 1);
        } else if (at[0] == COUNT + 1) {
            const I steps = at[3] == NO_END ? 0 : at[3], *out = at + 10, *given = out + at[7];
            for (I k = 0; k < at[7]; k++) if (out[k]) marks[out[k] - 1] = 1;
            mark(marks, given, at[4] + at[6] + (size_t)at[5] * steps, 1, 1);
        } else {
            marks[at[1]] = 1;
            if (!ARITY[at[0]]) mark(marks, at + 4, at[2], 1, 1);
            for (int k = 0; k < ARITY[at[0]]; k++) if (!(skip >> k & 1)) marks[at[2 + k]] = 1;
        }
    }
    PyBuffer_Release(&skips);
    return spans_of(marks, height, 1);
}
