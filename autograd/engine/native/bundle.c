/* Bundles: tuples of nodes that know their numbers. */

static PyObject *empty_bundle(Py_ssize_t n) {
    PyObject *many = BundleType->tp_alloc(BundleType, n);
    if (many) *EXTRA(many) = (Extra){NULL, 0, 0};
    return many;
}

/* A list or tuple of nodes and numbers as a bundle; NULL without an error where in doubt, and also
   where it is for a function and there is no node in it. */
static PyObject *quick_bundle(PyObject *items, int for_function) {
    if (Py_TYPE(items) == BundleType) return Py_NewRef(items);
    if (!PyList_CheckExact(items) && !PyTuple_CheckExact(items)) return NULL;
    Py_ssize_t n = PySequence_Fast_GET_SIZE(items);
    PyObject *many = NULL;
    int tracked = 0, nodes = !for_function;
    for (Py_ssize_t i = 0; i < n && !nodes; i++) nodes = IS_NODE(PySequence_Fast_GET_ITEM(items, i));
    if (!nodes || !(many = empty_bundle(n))) return NULL;
    if (PySequence_Fast_GET_SIZE(items) != n) { /* the collector ran, and something with it */
        Py_DECREF(many);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *o = PySequence_Fast_GET_ITEM(items, i);
        double x;
        int kind = read_number(o, &x);
        OF(many)[i] = kind == 1 ? NODE(Py_NewRef(o)) : kind == 2 ? constant(x) : NULL;
        if (!OF(many)[i]) {
            Py_DECREF(many);
            return NULL;
        }
        tracked |= IS_TRACKED(OF(many)[i]);
    }
    if (!tracked) PyObject_GC_UnTrack(many);
    return many;
}

/* The same of any iterable; a stranger is Python's to lift, or to refuse. */
static PyObject *bundle_of(PyObject *items) {
    PyObject *many = quick_bundle(items, 0);
    if (many || PyErr_Occurred()) return many;
    PyObject *list = PySequence_List(items);
    if (!list) return NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        PyObject *v = PyObject_CallOneArg(lifted_lane, PyList_GET_ITEM(list, i));
        if (!v || PyList_SetItem(list, i, v)) {
            Py_DECREF(list);
            return NULL;
        }
    }
    many = quick_bundle(list, 0);
    Py_DECREF(list);
    if (!many && !PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "a bundle needs Values");
    return many;
}

static PyObject *bundle_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    PyObject *items = NULL;
    if (kwargs || !PyArg_ParseTuple(args, "|O:Bundle", &items)) {
        if (kwargs) PyErr_SetString(PyExc_TypeError, "Bundle takes no keyword arguments");
        return NULL;
    }
    return items ? bundle_of(items) : empty_bundle(0);
}

static void bundle_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    Node *dead = NULL;
    if (PyObject_GC_IsTracked(self)) PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, bundle_dealloc)
    let_go(EXTRA(self)->numbers);
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) drop(&dead, OF(self)[i]);
    bury(dead);
    type->tp_free(self);
    Py_DECREF(type);
    Py_TRASHCAN_END
}

static int bundle_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    return PyTuple_Type.tp_traverse(self, visit, arg);
}

/* micrograd's n.w + [n.b] */
static PyObject *bundle_add(PyObject *self, PyObject *other) {
    if (!PyList_Check(other)) return PyTuple_Type.tp_as_sequence->sq_concat(self, other);
    PyObject *list = PySequence_List(self);
    PyObject *sum = list ? PySequence_InPlaceConcat(list, other) : NULL;
    Py_XDECREF(list);
    return sum;
}

static Numbers *new_numbers(Py_ssize_t n) {
    Numbers *numbers = PyMem_Malloc(sizeof(Numbers) + n * sizeof(double));
    if (!numbers) return (Numbers *)PyErr_NoMemory();
    numbers->refs = 1;
    numbers->n = n;
    return numbers;
}

/* The data of a bundle: it keeps them until some .data is written. Borrowed. */
static Numbers *numbers_of(PyObject *many) {
    Extra *extra = EXTRA(many);
    if (extra->numbers && extra->version == writes && writes < UINT32_MAX) return extra->numbers;
    Numbers *numbers = extra->numbers;
    if (!numbers || numbers->refs > 1) {
        if (!(numbers = new_numbers(Py_SIZE(many)))) return NULL;
        let_go(extra->numbers);
        extra->numbers = numbers;
    }
    for (Py_ssize_t i = 0; i < numbers->n; i++) numbers->of[i] = OF(many)[i]->data;
    extra->version = writes;
    return numbers;
}
