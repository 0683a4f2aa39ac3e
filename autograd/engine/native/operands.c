/* The operands of a result and the partials by them, for Python; and a result made of all that. */

/* Its operands as the row groups them: a bundle for a starred one, else a tuple of one or none. */
static PyObject *get_bundles(PyObject *self, void *closure) {
    Node *v = NODE(self);
    if (!(v->flags & RECORDED)) return PyTuple_New(0);
    if (complete(v)) return NULL;
    Node *b = SECOND(v);
    if (!(v->flags & MANY)) return b ? Py_BuildValue("(O)(O)", v->a, b) : Py_BuildValue("((O))", v->a);
    if (!v->many->ys) return PyTuple_Pack(1, v->many->xs);
    if (b) return Py_BuildValue("OO(O)", v->many->xs, v->many->ys, b);
    return Py_BuildValue("OO()", v->many->xs, v->many->ys);
}

static PyObject *get_operands(PyObject *self, void *closure) {
    Node *v = NODE(self);
    if (v->flags & RECORDED && !(v->flags & MANY)) {
        if (complete(v)) return NULL;
        return SECOND(v) ? PyTuple_Pack(2, v->a, v->b) : PyTuple_Pack(1, v->a);
    }
    PyObject *many = get_bundles(self, closure), *all = many ? PyTuple_New(0) : NULL;
    for (Py_ssize_t i = 0; all && i < PyTuple_GET_SIZE(many); i++)
        Py_SETREF(all, PySequence_Concat(all, PyTuple_GET_ITEM(many, i)));
    Py_XDECREF(many);
    return all;
}

static inline double partial_at(const Node *v, int j, Py_ssize_t i) {
    const Numbers *d = j ? v->many->dy : v->many->dx;
    return d ? d->of[i] : v->db;
}

static PyObject *get_partials(PyObject *self, void *closure) {
    Node *v = NODE(self);
    if (!(v->flags & RECORDED)) return PyTuple_New(0);
    int second = SECOND(v) || v->flags & B_NUMBER;
    if (!(v->flags & MANY))
        return second ? Py_BuildValue("(dd)", v->da, v->db) : Py_BuildValue("(d)", v->da);
    PyObject *many[2] = {v->many->xs, v->many->ys}, *all = PyList_New(0);
    for (int j = 0; all && j < 2 && many[j]; j++) {
        for (Py_ssize_t i = 0; all && i < Py_SIZE(many[j]); i++)
            if (appended(all, PyFloat_FromDouble(partial_at(v, j, i)))) Py_CLEAR(all);
    }
    if (all && second && appended(all, PyFloat_FromDouble(v->db))) Py_CLEAR(all);
    if (all) Py_SETREF(all, PyList_AsTuple(all));
    return all;
}

static Numbers *numbers_from(PyObject *items) {
    PyObject *all = PySequence_Tuple(items);
    Numbers *numbers = all ? new_numbers(PyTuple_GET_SIZE(all)) : NULL;
    for (Py_ssize_t i = 0; numbers && i < numbers->n; i++)
        numbers->of[i] = PyFloat_AsDouble(PyTuple_GET_ITEM(all, i));
    Py_XDECREF(all);
    if (numbers && PyErr_Occurred()) {
        let_go(numbers);
        return NULL;
    }
    return numbers;
}

/* record(op, y, bundles, partials, constants, tracked): see storage.py. A Value, two, a bundle, or
   two bundles and a Value or None. */
static PyObject *record(PyObject *module, PyObject *args) {
    PyObject *op, *of, *by, *constants, *v = NULL;
    double y, d[3] = {0.0, 0.0, 0.0};
    int tracked = 0, bundles = 0, nodes = 0;
    if (!PyArg_ParseTuple(args, "OdO!O!O!|p", &op, &y, &PyTuple_Type, &of, &PyTuple_Type, &by,
                          &PyTuple_Type, &constants, &tracked))
        return NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(of);
    PyObject **given = ((PyTupleObject *)of)->ob_item;
    if (n == 3 && given[2] == Py_None) n = 2;
    for (Py_ssize_t i = 0; i < n && i < 3 && i < PyTuple_GET_SIZE(by); i++) {
        if (Py_TYPE(given[i]) == BundleType && !nodes) bundles++;
        else if (IS_NODE(given[i])) {
            nodes++;
            tracked |= IS_TRACKED(given[i]);
            d[i] = PyFloat_AsDouble(PyTuple_GET_ITEM(by, i));
            if (PyErr_Occurred()) return NULL;
        }
    }
    int fits = bundles == 0 ? n == 1 || n == 2 : bundles == 1 ? n == 1 : bundles == 2 && nodes < 2;
    if (!fits || n != bundles + nodes)
        return PyErr_Format(PyExc_TypeError, "record needs operands and a partial by each, got %R", of);
    if (!bundles) {
        Node *new = fresh(tracked);
        if (!new) return NULL;
        new->data = y;
        new->op = Py_NewRef(op);
        new->a = NODE(Py_NewRef(given[0]));
        new->b = n == 2 ? NODE(Py_NewRef(given[1])) : NULL;
        new->da = d[0];
        new->db = d[1];
        new->flags |= RECORDED;
        v = shown(new);
    } else {
        PyObject *ys = bundles == 2 ? given[1] : NULL;
        PyObject *first = PyTuple_GET_ITEM(by, 0);
        if (PyFloat_CheckExact(first) && !ys) { /* one partial by all of a bundle */
            v = made_many(op, 0, y, given[0], NULL, NULL, NULL, NULL, PyFloat_AS_DOUBLE(first));
            goto made;
        }
        Numbers *dx = numbers_from(first);
        Numbers *dy = dx && ys ? numbers_from(PyTuple_GET_ITEM(by, 1)) : NULL;
        if (dx && (dy || !ys) && (dx->n != Py_SIZE(given[0]) || (ys && dy->n != Py_SIZE(ys))))
            PyErr_SetString(PyExc_ValueError, "record needs a partial for each value of a bundle");
        else if (dx && (dy || !ys))
            v = made_many(op, 0, y, given[0], dx, ys, dy, nodes ? given[2] : NULL, d[2]);
        let_go(dx);
        let_go(dy);
    }
made:
    if (v && PyTuple_GET_SIZE(constants) && !(NODE(v)->note = Py_BuildValue("(sO)", "", constants)))
        Py_CLEAR(v);
    return v;
}
