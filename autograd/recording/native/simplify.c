/* Simplification in C: what simplify.py's step does with plain rows, sums and products; what else
   comes up is left to it, node by node. */

enum { PLAIN, DIVISION, POWER, PRODUCT, SQUARE, INNER_PRODUCT, AVERAGE, SUM, DIFFERENCE, NEGATION };

/* What is done with a row; -1 of those that are no rows of the table. */
static const signed char WAYS[COUNT] = {
    [ROW_divide] = DIVISION, [ROW_power] = POWER, [ROW_multiply] = PRODUCT, [ROW_square] = SQUARE,
    [ROW_dot] = INNER_PRODUCT, [ROW_mean] = AVERAGE, [ROW_add] = SUM, [ROW_positive] = SUM, [ROW_total] = SUM,
    [ROW_subtract] = DIFFERENCE, [ROW_negative] = NEGATION};
static int way_of(const PyObject *row) {
    const int kind = kind_of(row);
    return kind < 0 ? -1 : WAYS[kind];
}

/* The nodes of the form for those of a tuple, or of tuples in it. */
static PyObject *mapped(const Form *f, PyObject *nodes) {
    const Py_ssize_t n = PyTuple_GET_SIZE(nodes);
    PyObject *made = PyTuple_New(n);
    for (Py_ssize_t i = 0; made && i < n; i++) {
        PyObject *o = PyTuple_GET_ITEM(nodes, i);
        o = PyTuple_Check(o) ? mapped(f, o) : Py_NewRef(AT(f->nodes, o));
        if (o) PyTuple_SET_ITEM(made, i, o);
        else Py_CLEAR(made);
    }
    return plain(made);
}

static int add_term(const Form *f, PyObject *terms, PyObject *u, PyObject *v) {
    PyObject *one = u ? NULL : PyLong_FromSsize_t(f->one);
    const int failed = append_new(terms, PyTuple_Pack(2, u ? u : one, v));
    Py_XDECREF(one);
    return failed;
}

/* The products that wait for a sum to take in a node, which has no node in the form then. */
static PyObject *waiting(const Form *f, PyObject *o) {
    return index_of(AT(f->nodes, o)) < 0 ? PyDict_GetItemWithError(f->waiting, o) : NULL;
}

/* The product that waits, or 1 * node. */
static PyObject *term_of(const Form *f, PyObject *o) {
    PyObject *terms = waiting(f, o);
    if (terms) return Py_NewRef(PyList_GET_ITEM(terms, 0));
    PyObject *one = PyLong_FromSsize_t(f->one);
    PyObject *term = one ? PyTuple_Pack(2, one, AT(f->nodes, o)) : NULL;
    Py_XDECREF(one);
    return term;
}

/* A product with the opposite sign, by a number among its factors or by another. */
static PyObject *negated(const Form *f, PyObject *term) {
    PyObject *u = PyTuple_GET_ITEM(term, 0), *v = PyTuple_GET_ITEM(term, 1), *made = NULL;
    const int is_own = is_number(f, u);
    PyObject *sign = form_number(f, is_own ? -NUMBER(f, u) : -1.0);
    PyObject *terms = sign && !is_own ? PyList_New(0) : NULL;
    if (terms && PyList_Append(terms, term)) Py_CLEAR(terms);
    v = !sign ? NULL : is_own ? Py_NewRef(v) : terms ? form_sum(f, terms) : NULL;
    if (v) made = PyTuple_Pack(2, sign, v);
    Py_XDECREF(sign), Py_XDECREF(terms), Py_XDECREF(v);
    return made;
}

/* The products of a sum of nodes, by simplify.py's products_of; NULL without an exception if Python has to. */
static PyObject *terms_of_sum(const Form *f, PyObject *added, int is_negative) {
    const Py_ssize_t n = PyTuple_GET_SIZE(added);
    Py_ssize_t sums = 0, first = n;
    for (Py_ssize_t i = n; i-- > 0;) {
        PyObject *terms = waiting(f, PyTuple_GET_ITEM(added, i));
        if (terms && PyList_GET_SIZE(terms) > 1) sums++, first = i;
    }
    const int begins = first == 0 || (n == 2 && sums); /* one sum may begin this one */
    if ((begins && sums > 1) || (is_negative && first == n - 1)) return NULL;
    PyObject *last = NULL, *found = NULL;
    if (is_negative) {
        PyObject *term = term_of(f, PyTuple_GET_ITEM(added, n - 1));
        last = term ? negated(f, term) : NULL;
        Py_XDECREF(term);
        if (!last) return NULL;
    }
    if (!begins) found = PyList_New(0);
    else found = Py_NewRef(PyDict_GetItemWithError(f->waiting, PyTuple_GET_ITEM(added, first)));
    for (Py_ssize_t i = 0; found && i < n; i++) {
        PyObject *o = PyTuple_GET_ITEM(added, i), *node = NULL;
        PyObject *terms = waiting(f, o);
        int failed = 0;
        if (last && i == n - 1) failed = PyList_Append(found, last);
        else if (terms && PyList_GET_SIZE(terms) > 1) {
            if (!begins || i != first) {
                node = form_sum(f, terms);
                failed = !node || add_term(f, found, NULL, node);
                Py_XDECREF(node);
            }
        } else failed = append_new(found, term_of(f, o));
        if (!failed && terms) failed = PyDict_DelItem(f->waiting, o);
        if (failed) Py_CLEAR(found);
    }
    Py_XDECREF(last);
    return found;
}

/* The products that a row adds up, by simplify.py's PRODUCTS; NULL without an exception if it has none. */
static PyObject *terms_of_product(const Form *f, long way, PyObject *of, PyObject *with) {
    PyObject *u = PyTuple_GET_ITEM(of, 0), *v = PyTuple_GET_SIZE(of) > 1 ? PyTuple_GET_ITEM(of, 1) : u, *node = NULL;
    PyObject *x = way == POWER ? PyTuple_GET_ITEM(with, 0) : v, *terms;
    const double number = (way == POWER || way == DIVISION) && is_number(f, x) ? NUMBER(f, x) : 0.0;
    int exponent, failed = 0;
    if (way == POWER && number != 1.0 && number != 2.0) return NULL;
    if (way == DIVISION && (fabs(frexp(number, &exponent)) != 0.5 || !isfinite(1 / number))) return NULL;
    if (!(terms = PyList_New(0))) return NULL;
    if (way == DIVISION) failed = !(node = form_number(f, 1 / number)) || add_term(f, terms, node, u);
    else if (way == POWER) failed = add_term(f, terms, number == 2.0 ? u : NULL, u);
    else if (way < INNER_PRODUCT) failed = add_term(f, terms, u, v);
    for (Py_ssize_t i = 0; way >= INNER_PRODUCT && !failed && i < PyTuple_GET_SIZE(u); i++)
        failed = add_term(f, terms, way == AVERAGE ? NULL : PyTuple_GET_ITEM(u, i), PyTuple_GET_ITEM(v, i));
    PyObject *c = way == INNER_PRODUCT ? PyTuple_GET_ITEM(of, 2) : NULL;
    if (c && PyTuple_GET_SIZE(c)) failed = failed || add_term(f, terms, NULL, PyTuple_GET_ITEM(c, 0));
    if (way == AVERAGE && !failed) {
        PyObject *share = form_number(f, 1 / (double)PyTuple_GET_SIZE(u));
        node = share ? form_sum(f, terms) : NULL;
        Py_SETREF(terms, PyList_New(0));
        failed = !terms || !node || add_term(f, terms, share, node);
        Py_XDECREF(share);
    }
    if (failed) Py_CLEAR(terms);
    Py_XDECREF(node);
    return terms;
}

/* The number of a row on numbers; NULL without an exception if Python has to say it. */
static PyObject *computed(const Form *f, PyObject *row, PyObject *of, PyObject *with) {
    PyObject *formula = PyDict_GetItemWithError(f->formulas, row), *node = NULL;
    if (!formula || (PyTuple_GET_SIZE(of) && PyTuple_Check(PyTuple_GET_ITEM(of, 0)))) return NULL;
    PyObject *all = PySequence_Concat(of, with), *given = all ? PyTuple_New(PyTuple_GET_SIZE(all)) : NULL;
    for (Py_ssize_t i = 0; given && i < PyTuple_GET_SIZE(given); i++) {
        PyObject *x = PyDict_GetItemWithError(f->numbers, PyTuple_GET_ITEM(all, i));
        PyTuple_SET_ITEM(given, i, Py_XNewRef(x));
    }
    PyObject *y = given ? PyObject_CallObject(formula, given) : NULL, *x = y ? PyNumber_Float(y) : NULL;
    if (x) node = form_number(f, PyFloat_AS_DOUBLE(x));
    Py_XDECREF(all), Py_XDECREF(given), Py_XDECREF(y), Py_XDECREF(x);
    return node;
}

/* A sum, a product, or another row that is there as it is. 1 if Python has to take it in, or -1. */
static int take(const Form *f, long way, PyObject *row, PyObject *o, PyObject *before,
                PyObject *constants, int waits) {
    PyObject *terms = NULL, *node = NULL, *of = NULL, *with = NULL;
    int left = 1;
    const int is_known = all_are(to_number, f, before) && all_are(to_number, f, constants);
    if (way >= SUM && !is_known) {
        PyObject *added = PyTuple_GET_ITEM(before, 0);
        if (!(terms = terms_of_sum(f, PyTuple_Check(added) ? added : before, way != SUM))) goto done;
    } else {
        if (!(of = mapped(f, before)) || !(with = mapped(f, constants))) goto done;
        if (is_known) left = !(node = computed(f, row, of, with));
        else if (way != PLAIN) terms = terms_of_product(f, way, of, with);
        if (is_known || PyErr_Occurred()) goto done;
    }
    left = 0;
    if (terms && waits) left = PyDict_SetItem(f->waiting, o, terms);
    else if (terms) node = form_sum(f, terms);
    else {
        const int narrow = all_are(is_narrow, f, of) && all_are(is_narrow, f, with);
        node = form_result(f, row, of, with, narrow ? Py_False : Py_True);
    }
done:
    if (node) PyList_SetItem(f->nodes, index_of(o), node);
    Py_XDECREF(terms), Py_XDECREF(of), Py_XDECREF(with);
    return PyErr_Occurred() ? -1 : left;
}

/* simplify(step, formulas, used, nodes, waiting, graph, form, lists, inside): take in all nodes; graph
   is (rows, operands, constants, numbers, parameters), and form what Form begins with. */
static PyObject *simplify(PyObject *module, PyObject *args) {
    PyObject *step, *used, *rows, *operands, *constants, *numbers, *parameters, *lists;
    Form f = {0};
    if (!PyArg_ParseTuple(args, "OO!YO!O!(OOOOO)OO!Onp", &step, &PyDict_Type, &f.formulas,
            &used, &PyList_Type, &f.nodes, &PyDict_Type, &f.waiting, &rows, &operands, &constants, &numbers,
            &parameters, &f.form, &PyTuple_Type, &lists, &f.dot, &f.one, &f.inside)) return NULL;
    memcpy(&f.rows, &PyTuple_GET_ITEM(lists, 0), PyTuple_GET_SIZE(lists) * sizeof f.rows);
    if (f.outer == Py_None) f.outer = NULL;
    for (PyObject **list = &f.rows; list <= &f.wide; list++) make_room(*list, PyList_GET_SIZE(rows) + 1);
    for (f.mask = 63; f.mask < 2 * (size_t)PyList_GET_SIZE(rows); f.mask = 2 * f.mask + 1) {}
    f.known = f.inside ? NULL : PyMem_Calloc(f.mask + 1, sizeof *f.known);
    for (Py_ssize_t k = 0; k < PyList_GET_SIZE(rows); k++) {
        const char way_used = PyByteArray_AS_STRING(used)[k];
        if (!way_used || index_of(PyList_GET_ITEM(f.nodes, k)) >= 0) continue;
        PyObject *o = PyLong_FromSsize_t(k), *row = PyList_GET_ITEM(rows, k), *done = NULL;
        if (!o) break;
        int left = 1;
        if (row == Py_None) {
            PyObject *x = PyDict_GetItemWithError(numbers, o), *node = NULL;
            if (x) node = form_number(&f, PyFloat_AS_DOUBLE(x));
            else if (!f.inside) node = form_leaf(&f, f.parameters, PyDict_GetItemWithError(parameters, o));
            left = node ? PyList_SetItem(f.nodes, k, node) : PyErr_Occurred() ? -1 : 1;
        } else {
            const int way = way_of(row);
            if (way >= 0) left = take(&f, way, row, o, PyList_GET_ITEM(operands, k),
                                 PyList_GET_ITEM(constants, k), way_used == 1);
        }
        if (left == 1 && !leave_known(&f)) done = PyObject_CallOneArg(step, o);
        Py_DECREF(o);
        if (left < 0 || (left && !done)) break;
        Py_XDECREF(done);
    }
    PyMem_Free(f.known);
    if (PyErr_Occurred()) return NULL;
    for (PyObject **list = &f.operands; list <= &f.nary; list++) plain(*list); /* no cycle goes through them */
    Py_RETURN_NONE;
}
