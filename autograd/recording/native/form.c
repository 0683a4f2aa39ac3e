/* form.py in C: the normal form, its numbers, rows on nodes, and sums of products. What moves out of a
   body, or needs more than that, is left to Python. */

enum { FIXED, MIXED, BOTH }; /* terms with no, one, or two wide factors */

typedef struct {
    PyObject *rows, *operands, *constants, *varies, *depth, *narrow, *wide, *nary; /* lists of the form */
    PyObject *numbers, *node_of, *mixed, *parameters; /* dicts */
    PyObject *outer;                     /* NULL where no node of a body may be moved out of it */
    PyObject *formulas, *form, *dot, *nodes, *waiting;
    Py_ssize_t one;
    int inside;
    uint32_t *known; /* results, each by a hash of what it is, plus one; NULL where node_of has them, for Python */
    size_t mask;
} Form;

/* The number of a node, which is seldom more than a digit of Python's. */
static inline Py_ssize_t index_of(PyObject *o) {
#if PY_VERSION_HEX >= 0x030C0000
    if (PyUnstable_Long_IsCompact((PyLongObject *)o)) return PyUnstable_Long_CompactValue((PyLongObject *)o);
#else
    if (Py_SIZE(o) == 1) return ((PyLongObject *)o)->ob_digit[0];
#endif
    return PyLong_AsSsize_t(o);
}
#define AT(list, o) PyList_GET_ITEM(list, index_of(o))
#define IS_WIDE(f, o) (AT((f)->varies, o) == Py_True)

/* A tuple of nodes, or of tuples of them, which the collector need not look at. */
static PyObject *plain(PyObject *tuple) {
    if (tuple && Py_SIZE(tuple)) PyObject_GC_UnTrack(tuple);
    return tuple;
}

/* Room in a list for so many, which would come step by step where each is appended. */
static void make_room(PyObject *list, Py_ssize_t count) {
    PyListObject *const l = (PyListObject *)list;
    PyObject **const items = l->allocated < count ? PyMem_Realloc(l->ob_item, count * sizeof *items) : NULL;
    if (items) l->ob_item = items, l->allocated = count;
}
static inline int append(PyObject *list, PyObject *o) {
    const Py_ssize_t n = PyList_GET_SIZE(list);
    if (((PyListObject *)list)->allocated <= n) return PyList_Append(list, o);
    Py_SET_SIZE((PyVarObject *)list, n + 1);
    PyList_SET_ITEM(list, n, Py_NewRef(o));
    return 0;
}

static int append_new(PyObject *list, PyObject *o) {
    const int failed = !o || append(list, o);
    Py_XDECREF(o);
    return failed;
}

#define NUMBER(f, o) PyFloat_AS_DOUBLE(PyDict_GetItemWithError((f)->numbers, o))
static int is_number(const Form *f, PyObject *o) { /* not -1, that of a product that waits */
    const Py_ssize_t k = index_of(o);
    return k >= 0 && PyList_GET_ITEM(f->rows, k) == Py_None && PyDict_Contains(f->numbers, o) == 1;
}

/* Whether something holds of each node in a tuple, or in tuples of it; 1 of none. */
static int all_are(int (*holds)(const Form *, PyObject *), const Form *f, PyObject *nodes) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(nodes); i++) {
        PyObject *o = PyTuple_GET_ITEM(nodes, i);
        if (!(PyTuple_Check(o) ? all_are(holds, f, o) : holds(f, o))) return 0;
    }
    return 1;
}
static int is_outer(const Form *f, PyObject *o) { return PyDict_Contains(f->outer, o) == 1; }
static int to_number(const Form *f, PyObject *o) { return is_number(f, AT(f->nodes, o)); } /* of the graph */
static int is_narrow(const Form *f, PyObject *o) { return !IS_WIDE(f, o); }

static Py_ssize_t deepest(const Form *f, PyObject *nodes, PyObject *varies, Py_ssize_t most) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(nodes); i++) {
        PyObject *o = PyTuple_GET_ITEM(nodes, i);
        if (PyTuple_Check(o)) most = deepest(f, o, varies, most);
        else if (AT(f->varies, o) == varies) {
            const Py_ssize_t depth = index_of(AT(f->depth, o));
            if (depth > most) most = depth;
        }
    }
    return most;
}

/* NormalForm.add; the node. */
static PyObject *form_add(const Form *f, PyObject *node, PyObject *row, PyObject *operands,
                          PyObject *constants, PyObject *varies, Py_ssize_t depth) {
    const int failed = !node || append_new(f->depth, PyLong_FromSsize_t(depth)) ||
        append(f->varies, varies) || append(f->rows, row) || append(f->operands, operands) ||
        append(f->constants, constants);
    if (failed) Py_CLEAR(node);
    return node;
}
static PyObject *next_node(const Form *f) { return PyLong_FromSsize_t(PyList_GET_SIZE(f->rows)); }

static size_t hash_of(size_t hash, PyObject *nodes) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(nodes); i++) {
        PyObject *o = PyTuple_GET_ITEM(nodes, i);
        hash = PyTuple_Check(o) ? hash_of(hash + 1, o) : (hash ^ (size_t)index_of(o)) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 29;
    }
    return hash;
}
static int are_same(PyObject *nodes, PyObject *others) {
    int same = nodes == others || PyTuple_GET_SIZE(nodes) == PyTuple_GET_SIZE(others);
    for (Py_ssize_t i = 0; nodes != others && same && i < PyTuple_GET_SIZE(nodes); i++) {
        PyObject *o = PyTuple_GET_ITEM(nodes, i), *p = PyTuple_GET_ITEM(others, i);
        const int is_many = PyTuple_Check(o);
        same = PyTuple_Check(p) == is_many && (is_many ? are_same(o, p) : index_of(o) == index_of(p));
    }
    return same;
}

static PyObject *key_of_result(const Form *f, PyObject *row, PyObject *operands, PyObject *constants) {
    return row == f->dot ? Py_NewRef(operands) : PyTuple_Pack(3, row, operands, constants);
}
/* Leave what is known to node_of, before Python adds to it or where there is no more room. */
static int leave_known(Form *f) {
    int failed = 0;
    for (size_t i = 0; f->known && i <= f->mask && !failed; i++) if (f->known[i]) {
        const size_t k = f->known[i] - 1;
        PyObject *row = PyList_GET_ITEM(f->rows, k), *operands = PyList_GET_ITEM(f->operands, k);
        PyObject *key = key_of_result(f, row, operands, PyList_GET_ITEM(f->constants, k));
        PyObject *node = PyLong_FromSize_t(k);
        failed = !key || !node || PyDict_SetItem(f->node_of, key, node);
        Py_XDECREF(key), Py_XDECREF(node);
    }
    PyMem_Free(f->known);
    f->known = NULL;
    return failed;
}

/* The node of a result that is there, else the next one. */
static PyObject *node_of_result(Form *f, PyObject *row, PyObject *operands, PyObject *constants) {
    if (f->known && (size_t)PyList_GET_SIZE(f->rows) > f->mask - f->mask / 8 && leave_known(f)) return NULL;
    if (!f->known) {
        PyObject *key = key_of_result(f, row, operands, constants), *node = key ? next_node(f) : NULL;
        PyObject *known = node ? PyDict_SetDefault(f->node_of, key, node) : NULL;
        Py_XINCREF(known), Py_XDECREF(key), Py_XDECREF(node);
        return known;
    }
    size_t i = hash_of(hash_of((uintptr_t)row / 16, operands), constants) & f->mask;
    for (; f->known[i]; i = (i + 1) & f->mask) {
        const size_t k = f->known[i] - 1;
        if (PyList_GET_ITEM(f->rows, k) == row && are_same(PyList_GET_ITEM(f->operands, k), operands) &&
            are_same(PyList_GET_ITEM(f->constants, k), constants)) return PyLong_FromSize_t(k);
    }
    f->known[i] = (uint32_t)PyList_GET_SIZE(f->rows) + 1;
    return next_node(f);
}

/* NormalForm.result. */
static PyObject *form_result(const Form *f, PyObject *row, PyObject *operands, PyObject *constants,
                             PyObject *varies) {
    if (f->outer && all_are(is_outer, f, operands) && all_are(is_outer, f, constants))
        return PyObject_CallMethod(f->form, "result", "OOOO", row, operands, constants, varies);
    PyObject *node = node_of_result((Form *)f, row, operands, constants);
    if (!node || index_of(node) < PyList_GET_SIZE(f->rows)) return node;
    if (f->inside) varies = Py_True;
    const Py_ssize_t depth = deepest(f, constants, varies, deepest(f, operands, varies, 0)) + 1;
    node = form_add(f, node, row, operands, constants, varies, depth);
    if (node && PyList_Append(varies == Py_True ? f->wide : f->narrow, node)) Py_CLEAR(node);
    const int is_nary = PyTuple_GET_SIZE(operands) && PyTuple_Check(PyTuple_GET_ITEM(operands, 0));
    if (node && is_nary && PyList_Append(f->nary, node)) Py_CLEAR(node);
    return node;
}

/* A new number or parameter. */
static PyObject *form_leaf(const Form *f, PyObject *leaves, PyObject *x) {
    PyObject *none = PyTuple_New(0);
    PyObject *node = none && x ? form_add(f, next_node(f), Py_None, none, none, Py_False, 0) : NULL;
    if (node && PyDict_SetItem(leaves, node, x)) Py_CLEAR(node);
    Py_XDECREF(none);
    return node;
}

/* NormalForm.number, whose key of 0 and nan is a text; what is new in a body is left to it. */
static PyObject *form_number(const Form *f, double number) {
    PyObject *x = PyFloat_FromDouble(number), *node = NULL;
    PyObject *key = !x ? NULL : number && number == number ? Py_NewRef(x) : PyObject_Repr(x);
    if (key) node = Py_XNewRef(PyDict_GetItemWithError(f->node_of, key));
    if (key && !node && !PyErr_Occurred()) {
        node = f->inside ? PyObject_CallMethod(f->form, "number", "O", x) : form_leaf(f, f->numbers, x);
        if (node && PyDict_SetItem(f->node_of, key, node)) Py_CLEAR(node);
    }
    Py_XDECREF(x), Py_XDECREF(key);
    return node;
}

/* The factors of a term in their order: a number first, a narrow one before a wide one. */
static int factors(const Form *f, PyObject *term, PyObject **u, PyObject **v) {
    *u = PyTuple_GET_ITEM(term, 0), *v = PyTuple_GET_ITEM(term, 1);
    const int first = IS_WIDE(f, *u), second = IS_WIDE(f, *v), later = index_of(*u) > index_of(*v);
    const int both = first && second, none = !first && !second && !is_number(f, *u);
    if (first > second || (both && later) || (none && (later || is_number(f, *v)))) {
        PyObject *w = *u;
        *u = *v, *v = w;
    }
    return both ? BOTH : first || second ? MIXED : FIXED;
}

static PyObject *form_sum(const Form *f, PyObject *terms);

/* The narrow products of a wide sum, as one node. */
static PyObject *fixed_part(const Form *f, PyObject *terms) {
    PyObject *u, *v, *fixed = PyList_New(0), *node = NULL;
    double sum = 0.0, lost = 0.0; /* as Python's sum() of floats, which compensates from 3.12 on */
    int numbers = 1;
    for (Py_ssize_t i = 0; fixed && i < PyList_GET_SIZE(terms); i++) {
        if (factors(f, PyList_GET_ITEM(terms, i), &u, &v) != FIXED) continue;
        if (append_new(fixed, PyTuple_Pack(2, u, v))) Py_CLEAR(fixed);
        if (!(numbers = numbers && is_number(f, u) && is_number(f, v))) continue;
        const double x = NUMBER(f, u) * NUMBER(f, v), t = sum + x;
        if (PY_VERSION_HEX >= 0x030C0000) lost += fabs(sum) >= fabs(x) ? (sum - t) + x : (x - t) + sum;
        sum = t;
    }
    if (fixed) node = numbers ? form_number(f, lost && isfinite(lost) ? sum + lost : sum) : form_sum(f, fixed);
    Py_XDECREF(fixed);
    return node;
}

/* NormalForm.sum; what moves out of a body is left to it. */
static PyObject *form_sum(const Form *f, PyObject *terms) {
    PyObject *u, *v, *c = NULL;
    Py_ssize_t counts[3] = {0}, n = PyList_GET_SIZE(terms);
    int is_plain = 0, can_move = f->outer != NULL;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *term = PyList_GET_ITEM(terms, i);
        can_move = can_move && all_are(is_outer, f, term);
        const int kind = factors(f, term, &u, &v);
        counts[kind]++;
        if (kind == FIXED) is_plain = index_of(u) == f->one && !(is_number(f, v) && NUMBER(f, v) == 0.0), c = v;
        if (n == 1 && !can_move && index_of(PyTuple_GET_ITEM(term, 0)) == f->one)
            return Py_NewRef(PyTuple_GET_ITEM(term, 1));
    }
    if (can_move) return PyObject_CallMethod(f->form, "sum", "O", terms);
    const int is_wide = counts[MIXED] || counts[BOTH];
    if (is_wide) n = counts[MIXED] + counts[BOTH];
    if (!is_wide || !counts[FIXED]) c = NULL;
    else if (counts[FIXED] == 1 && is_plain) Py_INCREF(c);
    else if (!(c = fixed_part(f, terms))) return NULL;
    PyObject *us = plain(PyTuple_New(n)), *vs = plain(PyTuple_New(n)), *operands = NULL, *node = NULL;
    PyObject *more = plain(c ? PyTuple_Pack(1, c) : PyTuple_New(0));
    Py_ssize_t at[3] = {0, 0, counts[MIXED]};
    for (Py_ssize_t i = 0; us && vs && i < PyList_GET_SIZE(terms); i++) {
        const int kind = factors(f, PyList_GET_ITEM(terms, i), &u, &v);
        if (kind == FIXED && is_wide) continue;
        PyTuple_SET_ITEM(us, at[kind], Py_NewRef(u));
        PyTuple_SET_ITEM(vs, at[kind]++, Py_NewRef(v));
    }
    if (us && vs && more) operands = plain(PyTuple_Pack(3, us, vs, more));
    PyObject *none = PyTuple_New(0);
    if (operands && none) node = form_result(f, f->dot, operands, none, is_wide ? Py_True : Py_False);
    if (node && counts[MIXED]) {
        PyObject *mixed = PyLong_FromSsize_t(counts[MIXED]);
        if (!mixed || PyDict_SetItem(f->mixed, node, mixed)) Py_CLEAR(node);
        Py_XDECREF(mixed);
    }
    Py_XDECREF(us), Py_XDECREF(vs), Py_XDECREF(c), Py_XDECREF(more), Py_XDECREF(operands), Py_XDECREF(none);
    return node;
}
