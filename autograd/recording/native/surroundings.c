/* surroundings.py's question in C: whether what was found in things is there. */

typedef struct { PyObject *known; Py_ssize_t met; } Met;
static int is_another(PyObject *found, void *state) {
    Met *m = state;
    return m->met >= PyList_GET_SIZE(m->known) || found != PyList_GET_ITEM(m->known, m->met++);
}

static int holds(PyObject *held, PyObject *keys, PyObject *known) {
    Met met = {known, 0};
    int differs = 0;
    if (keys == Py_None || PyCell_Check(held)) {
        traverseproc all = Py_TYPE(held)->tp_traverse; /* none of what holds nothing */
        return (!all || !all(held, is_another, &met)) && met.met == PyList_GET_SIZE(known);
    }
    PyObject *const space = PyType_Check(held) ? ((PyTypeObject *)held)->tp_dict : held;
    for (Py_ssize_t i = 0; !differs && i < PyTuple_GET_SIZE(keys); i++) {
        PyObject *const key = PyTuple_GET_ITEM(keys, i);
        PyObject *found = PyDict_Check(space) ? Py_XNewRef(PyDict_GetItemWithError(space, key))
                                              : PyObject_GenericGetAttr(held, key);
        if (!found) PyErr_Clear();
        differs = is_another(found ? found : Py_Ellipsis, &met);
        Py_XDECREF(found);
    }
    return !differs;
}

/* Whether an array, or what else lies in one piece, is as a copy of it. */
static int is_as(PyObject *held, PyObject *copy) {
    Py_buffer now, before;
    if (PyObject_GetBuffer(held, &now, PyBUF_ANY_CONTIGUOUS)) return PyErr_Clear(), 0;
    int is_same = !PyObject_GetBuffer(copy, &before, PyBUF_ANY_CONTIGUOUS);
    if (is_same) is_same = now.len == before.len && !memcmp(now.buf, before.buf, now.len), PyBuffer_Release(&before);
    PyBuffer_Release(&now), PyErr_Clear();
    return is_same;
}

static PyObject *same(PyObject *module, PyObject *watched) {
    if (!PyList_Check(watched)) return PyErr_Format(PyExc_TypeError, "same needs a list");
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(watched); i++) {
        PyObject *const one = PyList_GET_ITEM(watched, i);
        PyObject *const held = PyTuple_GET_ITEM(one, 0), *const known = PyTuple_GET_ITEM(one, 2);
        if (!(PyList_Check(known) ? holds(held, PyTuple_GET_ITEM(one, 1), known) : is_as(held, known))) Py_RETURN_FALSE;
    }
    Py_RETURN_TRUE;
}
