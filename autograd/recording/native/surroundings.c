/* surroundings.py's question in C: whether what was found in lists, dicts, classes and cells is there. */

static int holds(PyObject *held, PyObject *keys, PyObject *known) {
    const Py_ssize_t count = PyList_GET_SIZE(known);
    Py_ssize_t at = 0, i = 0;
    PyObject *found;
    if (PyList_Check(held)) {
        for (i = PyList_GET_SIZE(held) == count ? 0 : count + 1; i < count; i++)
            if (PyList_GET_ITEM(held, i) != PyList_GET_ITEM(known, i)) break;
    } else if (PyCell_Check(held)) {
        i = PyCell_GET(held) == PyList_GET_ITEM(known, 0);
    } else if (keys == Py_None) {
        while (PyDict_Next(held, &at, NULL, &found))
            if (i >= count || found != PyList_GET_ITEM(known, i++)) return 0;
    } else {
        PyObject *space = PyType_Check(held) ? PyObject_GetAttrString(held, "__dict__") : Py_NewRef(held);
        for (; space && i < count; i++) {
            found = PyObject_GetItem(space, PyTuple_GET_ITEM(keys, i));
            Py_XDECREF(found);  /* it is only compared */
            if (found != PyList_GET_ITEM(known, i)) break;
        }
        Py_XDECREF(space);
        PyErr_Clear();
    }
    return i == count;
}

static PyObject *same(PyObject *module, PyObject *watched) {
    if (!PyList_Check(watched)) return PyErr_Format(PyExc_TypeError, "same needs a list");
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(watched); i++) {
        PyObject *const one = PyList_GET_ITEM(watched, i);
        if (!holds(PyTuple_GET_ITEM(one, 0), PyTuple_GET_ITEM(one, 1), PyTuple_GET_ITEM(one, 2))) Py_RETURN_FALSE;
    }
    Py_RETURN_TRUE;
}
