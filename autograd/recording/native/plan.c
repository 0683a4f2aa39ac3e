/* Plans as interpreter.py writes them: the instructions of nodes, and which of them lead to grads. */

enum { TOGETHER = COUNT, BESIDE_ONE = COUNT + 2, SOME_BESIDE = 65 };

typedef struct {
    PyObject *rows, *operands, *constants, *mixed; /* of a form */
    PyObject *code, *at, *lifted; /* bytearrays: the code, where instructions begin; rows of narrow nodes */
    int32_t *row;                 /* of each node, or -1 */
    const int32_t *slot;          /* of each narrow node */
    I *to, begin;                 /* where the next number is written, and the instruction begins */
    Py_ssize_t height;            /* rows before the lifted ones */
} Writer;

#define WORDS(bytes) (PyByteArray_GET_SIZE(bytes) / (Py_ssize_t)sizeof(I))
#define AT_WORD(bytes, i) ((const I *)PyByteArray_AS_STRING(bytes) + (i))

/* Room for so many more numbers in a bytearray. */
static I *room(PyObject *in, Py_ssize_t count) {
    PyByteArrayObject *const b = (PyByteArrayObject *)in;
    const Py_ssize_t size = PyByteArray_GET_SIZE(in), more = size + count * sizeof(I);
    if (b->ob_start == b->ob_bytes && more < b->ob_alloc) b->ob_start[more] = 0, Py_SET_SIZE(b, more);
    else if (PyByteArray_Resize(in, more)) return NULL;
    return (I *)(PyByteArray_AS_STRING(in) + size);
}
static int grow(Writer *w, Py_ssize_t count) {
    const Py_ssize_t size = PyByteArray_GET_SIZE(w->code);
    I *const at = room(w->at, 1);
    if (at) *at = w->begin = (I)(size / sizeof(I));
    return at && (w->to = room(w->code, count)) ? 0 : -1;
}

/* placed(rows, nodes): the places of nodes in a list as their rows. */
static PyObject *placed(PyObject *module, PyObject *args) {
    PyObject *nodes;
    Py_buffer rows;
    if (!PyArg_ParseTuple(args, "w*O!", &rows, &PyList_Type, &nodes)) return NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(nodes); i++)
        ((int32_t *)rows.buf)[index_of(PyList_GET_ITEM(nodes, i))] = (int32_t)i;
    PyBuffer_Release(&rows);
    Py_RETURN_NONE;
}

/* Write the row of a node, which a narrow one gets now. */
static void put_row(Writer *w, PyObject *o) {
    const Py_ssize_t k = index_of(o);
    if (w->row[k] < 0) {
        w->row[k] = (int32_t)(w->height + PyDict_GET_SIZE(w->lifted));
        PyObject *row = PyLong_FromLong(w->row[k]);
        if (row) PyDict_SetItem(w->lifted, o, row);
        Py_XDECREF(row);
    }
    *w->to++ = (I)w->row[k];
}
static void put_rows(Writer *w, PyObject *nodes) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(nodes); i++) {
        PyObject *o = PyTuple_GET_ITEM(nodes, i);
        PyTuple_Check(o) ? put_rows(w, o) : put_row(w, o);
    }
}

/* Whether many numbers lie side by side, each so many later than the one before. */
static int by_steps(const I *at, Py_ssize_t count, Py_ssize_t stride, I step) {
    for (Py_ssize_t i = 1; i < count; i++) if (at[i * stride] != at[(i - 1) * stride] + step) return 0;
    return 1;
}

#define OPERANDS_OF(form, o) AT((form)->operands, o)

/* A sum, or some with the same wide factors. */
static int write_sums(Writer *w, PyObject *const *nodes, Py_ssize_t count) {
    PyObject *of = OPERANDS_OF(w, nodes[0]), *us = PyTuple_GET_ITEM(of, 0), *vs = PyTuple_GET_ITEM(of, 1);
    PyObject *m = PyDict_GetItemWithError(w->mixed, nodes[0]);
    const Py_ssize_t mixed = m ? index_of(m) : 0, all = PyTuple_GET_SIZE(us), pairs = all - mixed;
    if (grow(w, 3 + 2 * count + mixed * (1 + count) + 2 * pairs)) return -1;
    I *const start = w->to;
    *w->to++ = count > 1 ? TOGETHER : ROW_dot;
    *w->to++ = (I)mixed, *w->to++ = (I)pairs;
    for (Py_ssize_t i = 0; i < count; i++) *w->to++ = (I)w->row[index_of(nodes[i])];
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *c = PyTuple_GET_ITEM(OPERANDS_OF(w, nodes[i]), 2);
        *w->to++ = PyTuple_GET_SIZE(c) ? (I)w->slot[index_of(PyTuple_GET_ITEM(c, 0))] + 1 : 0;
    }
    for (Py_ssize_t k = 0; k < mixed; k++) put_row(w, PyTuple_GET_ITEM(vs, k));
    for (Py_ssize_t k = 0; k < mixed; k++) for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *u = PyTuple_GET_ITEM(PyTuple_GET_ITEM(OPERANDS_OF(w, nodes[i]), 0), k);
        *w->to++ = (I)w->slot[index_of(u)];
    }
    for (Py_ssize_t k = mixed; k < all; k++) put_row(w, PyTuple_GET_ITEM(us, k)), put_row(w, PyTuple_GET_ITEM(vs, k));
    if (!all || *start != ROW_dot || (mixed && pairs)) return 0;
    const I *const first = mixed ? start + 5 + mixed : start + 5, *const last = mixed ? start + 5 : start + 6;
    const Py_ssize_t stride = mixed ? 1 : 2;
    const I apart = *first > *last ? *first - *last : *last - *first;
    /* Of fewer pairs (but more than machine code has) grads alone are added as vectors, in their order. */
    if (all < MANY_BESIDE && (mixed || all < SOME_BESIDE || (apart && apart < all))) return 0;
    const int is_run = by_steps(first, all, stride, 1) || (all >= MANY_BESIDE && by_steps(first, all, stride, 0));
    if (is_run && by_steps(last, all, stride, 1)) *start = BESIDE_ONE;
    return 0;
}

static int write_row(Writer *w, int kind, PyObject *node) {
    PyObject *operands = OPERANDS_OF(w, node), *constants = AT(w->constants, node);
    const int is_nary = PyTuple_GET_SIZE(operands) && PyTuple_Check(PyTuple_GET_ITEM(operands, 0));
    Py_ssize_t count = PyTuple_GET_SIZE(constants);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(operands); i++)
        count += is_nary ? PyTuple_GET_SIZE(PyTuple_GET_ITEM(operands, i)) : 1;
    if (grow(w, 2 + 2 * is_nary + count)) return -1;
    *w->to++ = (I)kind, *w->to++ = (I)w->row[index_of(node)];
    I *const start = w->to;
    if (is_nary) *w->to++ = (I)count, w->to++;
    put_rows(w, operands), put_rows(w, constants);
    if (is_nary) start[1] = count >= MANY_BESIDE && by_steps(start + 2, count, 1, 1);
    return 0;
}

/* write(groups, loop, form, code, at, lifted, row, slot, height): the instructions of nodes, or of
   tuples of sums with the same wide factors; loop gives those of a loop. How many alike follow one another. */
static PyObject *write_plan(PyObject *module, PyObject *args) {
    PyObject *groups, *loop;
    Py_buffer row, slot;
    size_t alike = 0, most = 0, last[2] = {0};
    Writer w = {0};
    if (!PyArg_ParseTuple(args, "O!O(OOOO)YYO!w*y*n", &PyList_Type, &groups, &loop, &w.rows, &w.operands,
            &w.constants, &w.mixed, &w.code, &w.at, &PyDict_Type, &w.lifted, &row, &slot, &w.height)) return NULL;
    w.row = row.buf, w.slot = slot.buf;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(groups); i++) {
        PyObject *node = PyList_GET_ITEM(groups, i), *const *many = &PyList_GET_ITEM(groups, i);
        const Py_ssize_t count = PyTuple_Check(node) ? PyTuple_GET_SIZE(node) : 1;
        if (PyTuple_Check(node)) many = &PyTuple_GET_ITEM(node, 0);
        const int kind = kind_of(AT(w.rows, many[0]));
        if (kind == ROW_dot) write_sums(&w, many, count);
        else if (kind >= 0) write_row(&w, kind, node);
        else {
            PyObject *code = PyObject_CallOneArg(loop, node);
            if (code && !grow(&w, PyList_GET_SIZE(code))) {
                for (Py_ssize_t k = 0; k < PyList_GET_SIZE(code); k++)
                    *w.to++ = (I)PyLong_AsUnsignedLong(PyList_GET_ITEM(code, k));
            }
            Py_XDECREF(code);
        }
        if (PyErr_Occurred()) break;
        const I *const at = (const I *)PyByteArray_AS_STRING(w.code) + w.begin;
        alike = last[0] == *at && last[1] == (size_t)(w.to - at) ? alike + 1 : 1;
        last[0] = *at, last[1] = w.to - at;
        if (alike > most) most = alike;
    }
    PyBuffer_Release(&row), PyBuffer_Release(&slot);
    return PyErr_Occurred() ? NULL : PyLong_FromSize_t(most);
}

static int leads_any(const char *leads, PyObject *nodes, Py_ssize_t from, Py_ssize_t to) {
    for (; from < to; from++) if (leads[index_of(PyTuple_GET_ITEM(nodes, from))]) return 1;
    return 0;
}

/* Bits for the parts of sums that lead to nothing. */
static long skipped(const Writer *w, const char *leads, PyObject *const *nodes, Py_ssize_t count) {
    PyObject *m = PyDict_GetItemWithError(w->mixed, nodes[0]);
    const Py_ssize_t mixed = m ? index_of(m) : 0;
    long found = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *of = OPERANDS_OF(w, nodes[i]), *us = PyTuple_GET_ITEM(of, 0), *vs = PyTuple_GET_ITEM(of, 1);
        PyObject *c = PyTuple_GET_ITEM(of, 2);
        const Py_ssize_t all = PyTuple_GET_SIZE(us);
        if (leads_any(leads, us, 0, mixed)) found |= NO_W;
        if (leads_any(leads, vs, 0, mixed)) found |= NO_X;
        if (leads_any(leads, us, mixed, all)) found |= NO_P;
        if (leads_any(leads, vs, mixed, all)) found |= NO_Q;
        if (leads_any(leads, c, 0, PyTuple_GET_SIZE(c))) found |= NO_BIAS;
    }
    return 31 & ~found;
}

/* active(groups, loop, form, graded, leads, skips, at, pairs): of each instruction, in skips, bits for the
   operands that do not lead to what is wanted, in pairs with where it begins; of a loop, what loop says. */
static PyObject *active(PyObject *module, PyObject *args) {
    PyObject *groups, *loop, *graded, *leading, *at, *pairs;
    Py_buffer skips;
    Writer w = {0};
    if (!PyArg_ParseTuple(args, "O!O(OOOO)YYw*YY", &PyList_Type, &groups, &loop, &w.rows, &w.operands,
            &w.constants, &w.mixed, &graded, &leading, &skips, &at, &pairs)) return NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(groups) && !PyErr_Occurred(); i++) {
        PyObject *node = PyList_GET_ITEM(groups, i), *const *many = &node;
        const Py_ssize_t count = PyTuple_Check(node) ? PyTuple_GET_SIZE(node) : 1;
        const char *const leads = PyByteArray_AS_STRING(leading);
        if (PyTuple_Check(node)) many = &PyTuple_GET_ITEM(node, 0);
        const char *const reached = PyByteArray_AS_STRING(graded);
        if (many == &node ? !leads[index_of(node)] || !reached[index_of(node)]
            : !leads_any(leads, node, 0, count) || !leads_any(reached, node, 0, count)) continue;
        PyObject *operands = OPERANDS_OF(&w, many[0]);
        const int kind = kind_of(AT(w.rows, many[0]));
        const Py_ssize_t names = PyTuple_GET_SIZE(operands);
        int64_t *const skip = (int64_t *)skips.buf + i;
        *skip = 0;
        if (kind < 0) {
            PyObject *told = PyObject_CallOneArg(loop, node);
            if (told) *skip = PyLong_AsLongLong(told);
            Py_XDECREF(told);
        } else if (kind == ROW_dot) *skip = skipped(&w, leads, many, count);
        else if (names && !PyTuple_Check(PyTuple_GET_ITEM(operands, 0))) {
            for (Py_ssize_t k = 0; k < names; k++) *skip |= !leads_any(leads, operands, k, k + 1) << k;
        }
        I *const pair = room(pairs, 2);
        if (pair) pair[0] = *AT_WORD(at, i), pair[1] = (I)*skip;
    }
    PyBuffer_Release(&skips);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}
