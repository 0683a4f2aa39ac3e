/* Simplification in C: what simplify.py's step does with plain rows, sums and products; what else
   comes up is left to it, node by node. */

enum { PLAIN, DIVISION, POWER, PRODUCT, SQUARE, INNER_PRODUCT, SUM, DIFFERENCE, NEGATION };

/* The nodes of the form for those of a tuple, or of tuples in it. */
static PyObject *mapped(const Form *f, PyObject *nodes) {
    const Py_ssize_t n = PyTuple_GET_SIZE(nodes);
    PyObject *made = PyTuple_New(n);
    int is_flat = 1;
    for (Py_ssize_t i = 0; made && i < n; i++) {
        PyObject *o = PyTuple_GET_ITEM(nodes, i);
        const int many = PyTuple_Check(o);
        o = many ? mapped(f, o) : Py_NewRef(AT(f->nodes, o));
        is_flat = is_flat && !many;
        if (o) PyTuple_SET_ITEM(made, i, o);
        else Py_CLEAR(made);
    }
    if (made && n && is_flat) PyObject_GC_UnTrack(made); /* the collector would, when it comes */
    return made;
}

static int add_term(const Form *f, PyObject *terms, PyObject *u, PyObject *v) {
    PyObject *one = u ? NULL : PyLong_FromSsize_t(f->one);
    const int failed = append_new(terms, PyTuple_Pack(2, u ? u : one, v));
    Py_XDECREF(one);
    return failed;
}

/* The product that waits for a sum to take in a node, or 1 * node. */
static PyObject *term_of(const Form *f, PyObject *o) {
    PyObject *terms = PyDict_GetItemWithError(f->waiting, o);
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
    PyObject *x = is_own ? PyDict_GetItemWithError(f->numbers, u) : NULL;
    PyObject *y = PyFloat_FromDouble(is_own ? -PyFloat_AS_DOUBLE(x) : -1.0);
    PyObject *sign = y ? form_number(f, y) : NULL, *terms = sign && !is_own ? PyList_New(0) : NULL;
    if (terms && PyList_Append(terms, term)) Py_CLEAR(terms);
    v = !sign ? NULL : is_own ? Py_NewRef(v) : terms ? form_sum(f, terms) : NULL;
    if (v) made = PyTuple_Pack(2, sign, v);
    Py_XDECREF(y), Py_XDECREF(sign), Py_XDECREF(terms), Py_XDECREF(v);
    return made;
}

/* The products of a sum of nodes, by simplify.py's _added; NULL without an exception if Python has to. */
static PyObject *terms_of_sum(const Form *f, PyObject *added, int is_negative) {
    const Py_ssize_t n = PyTuple_GET_SIZE(added);
    Py_ssize_t sums = 0, first = n;
    for (Py_ssize_t i = n; i-- > 0;) {
        PyObject *terms = PyDict_GetItemWithError(f->waiting, PyTuple_GET_ITEM(added, i));
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
        PyObject *terms = PyDict_GetItemWithError(f->waiting, o);
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

static PyObject *terms_of_product(const Form *f, long way, PyObject *of) {
    PyObject *terms = PyList_New(0);
    int failed = !terms;
    if (way != INNER_PRODUCT) {
        PyObject *u = PyTuple_GET_ITEM(of, 0), *v = way == SQUARE ? u : PyTuple_GET_ITEM(of, 1);
        failed = failed || add_term(f, terms, u, v);
    } else {
        PyObject *us = PyTuple_GET_ITEM(of, 0), *vs = PyTuple_GET_ITEM(of, 1), *c = PyTuple_GET_ITEM(of, 2);
        for (Py_ssize_t i = 0; !failed && i < PyTuple_GET_SIZE(us); i++) {
            failed = add_term(f, terms, PyTuple_GET_ITEM(us, i), PyTuple_GET_ITEM(vs, i));
        }
        if (!failed && PyTuple_GET_SIZE(c)) failed = add_term(f, terms, NULL, PyTuple_GET_ITEM(c, 0));
    }
    if (failed) Py_CLEAR(terms);
    return terms;
}

/* The numbers of nodes, or of tuples of them lists. */
static PyObject *numbers_of(const Form *f, PyObject *nodes, int is_list) {
    const Py_ssize_t n = PyTuple_GET_SIZE(nodes);
    PyObject *made = is_list ? PyList_New(n) : PyTuple_New(n);
    for (Py_ssize_t i = 0; made && i < n; i++) {
        PyObject *o = PyTuple_GET_ITEM(nodes, i);
        o = PyTuple_Check(o) ? numbers_of(f, o, 1) : Py_NewRef(PyDict_GetItemWithError(f->numbers, o));
        if (!o) Py_CLEAR(made);
        else if (is_list) PyList_SET_ITEM(made, i, o);
        else PyTuple_SET_ITEM(made, i, o);
    }
    return made;
}

/* The number of a row on numbers; NULL without an exception if Python has to say it. */
static PyObject *computed(const Form *f, PyObject *row, PyObject *of, PyObject *with) {
    const int is_nary = PyTuple_GET_SIZE(of) && PyTuple_Check(PyTuple_GET_ITEM(of, 0));
    PyObject *given = numbers_of(f, of, 0), *more = given ? numbers_of(f, with, 0) : NULL;
    if (given && is_nary) Py_SETREF(given, PyObject_CallMethod(row, "grouped", "(O)", given));
    if (given) Py_SETREF(given, PySequence_Tuple(given));
    PyObject *all = given && more ? PySequence_Concat(given, more) : NULL;
    PyObject *formula = all ? PyDict_GetItemWithError(f->formulas, row) : NULL;
    PyObject *y = formula ? PyObject_CallObject(formula, all) : NULL;
    PyObject *x = y ? PyNumber_Float(y) : NULL, *node = x ? form_number(f, x) : NULL;
    Py_XDECREF(given), Py_XDECREF(more), Py_XDECREF(all), Py_XDECREF(y), Py_XDECREF(x);
    return node;
}

/* A sum, a product, or another row that is there as it is. 1 if Python has to take it in, or -1. */
static int take(const Form *f, long way, PyObject *row, PyObject *o, PyObject *before,
                PyObject *constants, int waits) {
    PyObject *terms = NULL, *of = NULL, *with = NULL, *node = NULL;
    int left = 1, is_known = way >= SUM;
    if (way >= SUM) {
        PyObject *added = PyTuple_GET_ITEM(before, 0);
        if (!PyTuple_Check(added)) added = before;
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(added) && is_known; i++) {
            PyObject *to = AT(f->nodes, PyTuple_GET_ITEM(added, i));
            is_known = PyLong_AsSsize_t(to) >= 0 && is_number(f, to);
        }
        if (!is_known && !(terms = terms_of_sum(f, added, way != SUM))) goto done;
    }
    if (!terms) {
        if (!(of = mapped(f, before)) || !(with = mapped(f, constants))) goto done;
        if (is_known || (all_are(is_number, f, of) && all_are(is_number, f, with))) {
            left = !(node = computed(f, row, of, with));
            goto done;
        }
        if (way == DIVISION && is_number(f, PyTuple_GET_ITEM(of, 1))) goto done;
        if (way == POWER) {
            PyObject *x = PyDict_GetItemWithError(f->numbers, PyTuple_GET_ITEM(with, 0));
            const double n = x ? PyFloat_AS_DOUBLE(x) : 0.0;
            if (n == 0.0 || n == 1.0) goto done;
            if (n == 2.0) way = SQUARE;
        }
        if (way > POWER && !(terms = terms_of_product(f, way, of))) goto done;
    }
    left = 0;
    if (terms && waits) {
        left = PyDict_SetItem(f->waiting, o, terms);
    } else {
        if (terms) node = form_sum(f, terms);
        else {
            const int narrow = all_are(is_narrow, f, of) && all_are(is_narrow, f, with);
            node = form_result(f, row, of, with, narrow ? Py_False : Py_True);
        }
    }
done:
    if (node) PyList_SetItem(f->nodes, PyLong_AsSsize_t(o), node);
    Py_XDECREF(terms), Py_XDECREF(of), Py_XDECREF(with);
    return PyErr_Occurred() ? -1 : left;
}

/* simplify(step, formulas, ways, used, nodes, waiting, graph, form, lists, inside): take in all nodes; graph
   is (rows, operands, constants, numbers), and form what Form begins with. */
static PyObject *simplify(PyObject *module, PyObject *args) {
    PyObject *step, *ways, *used, *rows, *operands, *constants, *numbers;
    Form f = {0};
    if (!PyArg_ParseTuple(args, "OO!O!YO!O!(O!O!O!O!)O(O!O!O!O!O!O!O!O!O!O!O)Onp",
            &step, &PyDict_Type, &f.formulas, &PyDict_Type, &ways, &used, &PyList_Type, &f.nodes, &PyDict_Type, &f.waiting,
            &PyList_Type, &rows, &PyList_Type, &operands, &PyList_Type, &constants,
            &PyDict_Type, &numbers, &f.form, &PyList_Type, &f.rows, &PyList_Type, &f.operands,
            &PyList_Type, &f.constants, &PyList_Type, &f.varies, &PyList_Type, &f.depth,
            &PyList_Type, &f.narrow, &PyList_Type, &f.wide, &PyDict_Type, &f.numbers,
            &PyDict_Type, &f.node_of, &PyDict_Type, &f.mixed, &f.outer, &f.dot, &f.one, &f.inside)) {
        return NULL;
    }
    if (f.outer == Py_None) f.outer = NULL;
    for (Py_ssize_t k = 0; k < PyList_GET_SIZE(rows); k++) {
        const char way_used = PyByteArray_AS_STRING(used)[k];
        if (!way_used || PyLong_AsSsize_t(PyList_GET_ITEM(f.nodes, k)) >= 0) continue;
        PyObject *o = PyLong_FromSsize_t(k), *row = PyList_GET_ITEM(rows, k), *done = NULL;
        if (!o) return NULL;
        int left = 1;
        if (row == Py_None) {
            PyObject *x = PyDict_GetItemWithError(numbers, o), *node = x ? form_number(&f, x) : NULL;
            left = node ? PyList_SetItem(f.nodes, k, node) : PyErr_Occurred() ? -1 : 1;
        } else {
            PyObject *way = PyDict_GetItemWithError(ways, row);
            if (way) left = take(&f, PyLong_AsLong(way), row, o, PyList_GET_ITEM(operands, k),
                                 PyList_GET_ITEM(constants, k), way_used == 1);
        }
        if (left == 1) done = PyObject_CallOneArg(step, o);
        Py_DECREF(o);
        if (left < 0 || (left && !done)) return NULL;
        Py_XDECREF(done);
    }
    Py_RETURN_NONE;
}
