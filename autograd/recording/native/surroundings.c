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

static PyObject *same(PyObject *module, PyObject *watched) {
    if (!PyList_Check(watched)) return PyErr_Format(PyExc_TypeError, "same needs a list");
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(watched); i++) {
        PyObject *const one = PyList_GET_ITEM(watched, i);
        if (!holds(PyTuple_GET_ITEM(one, 0), PyTuple_GET_ITEM(one, 1), PyTuple_GET_ITEM(one, 2))) Py_RETURN_FALSE;
    }
    Py_RETURN_TRUE;
}
