/* reach.py's two walks in C: what results need, and what follows from inputs. */

/* Whether a node is marked that is among others, or in tuples of them; or if mark is not 0, mark them:
   those that were, with 2. */
static int marks(char *of, PyObject *nodes, int mark, int again) {
    int found = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(nodes); i++) {
        PyObject *o = PyTuple_GET_ITEM(nodes, i);
        char *const at = PyTuple_Check(o) ? NULL : of + index_of(o);
        found |= at ? *at : marks(of, o, mark, again);
        if (at && mark) *at = again && *at ? 2 : mark;
    }
    return found;
}

static int is_truth(const PyObject *row) { return kind_of(row) >= ROW_less; } /* a comparison, which has no slope */

static PyObject *back(PyObject *module, PyObject *args) {
    PyObject *rows, *operands, *constants, *of;
    if (!PyArg_ParseTuple(args, "O!O!OY", &PyList_Type, &rows, &PyList_Type, &operands, &constants, &of)) return NULL;
    char *const marked = PyByteArray_AS_STRING(of);
    const int counts = constants != Py_None;
    for (Py_ssize_t k = PyList_GET_SIZE(rows); k-- > 0;) {
        PyObject *row = PyList_GET_ITEM(rows, k);
        if (row == Py_None || !marked[k] || (!counts && is_truth(row))) continue;
        marks(marked, PyList_GET_ITEM(operands, k), counts && way_of(row) < SUM ? 2 : 1, counts);
        if (counts) marks(marked, PyList_GET_ITEM(constants, k), 2, 1);
    }
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

static PyObject *forth(PyObject *module, PyObject *args) {
    PyObject *rows, *operands, *of;
    if (!PyArg_ParseTuple(args, "O!O!Y", &PyList_Type, &rows, &PyList_Type, &operands, &of)) return NULL;
    char *const marked = PyByteArray_AS_STRING(of);
    for (Py_ssize_t k = 0; k < PyList_GET_SIZE(rows); k++) {
        PyObject *row = PyList_GET_ITEM(rows, k);
        if (row == Py_None || !marks(marked, PyList_GET_ITEM(operands, k), 0, 0)) continue;
        if (!is_truth(row)) marked[k] = 1;
    }
    Py_RETURN_NONE;
}
