/* Tracings: a result is shown to the tracer that is open, as Tracer.take would (trace.py). */

static PyObject *name_of_modules, *name_of_notes;

/* Where the user is; the tracer finds out for code that it does not know as his. */
static PyObject *user_place(PyObject *by, PyObject *users, PyObject *places) {
    PyFrameObject *frame = PyEval_GetFrame();
    if (!frame) Py_RETURN_NONE;
    PyObject *scope = PyFrame_GetGlobals(frame), *place = NULL;
    PyObject *module = PyDict_GetItemWithError(scope, name_of_modules);
    const int known = module ? PySet_Contains(users, module) : 0;
    Py_DECREF(scope);
    if (known == 1) {
        PyCodeObject *code = PyFrame_GetCode(frame);
        const int instruction = PyFrame_GetLasti(frame);
        PyObject *at = PyLong_FromSize_t((size_t)code + instruction);
        place = at ? Py_XNewRef(PyDict_GetItemWithError(places, at)) : NULL;
        if (at && !place && !PyErr_Occurred()) {
            place = Py_BuildValue("(Oi)", code, instruction);
            if (place && PyDict_SetItem(places, at, place)) Py_CLEAR(place);
        }
        Py_DECREF(code);
        Py_XDECREF(at);
    }
    if (place || PyErr_Occurred()) return place;
    return PyObject_CallMethod(by, "place", "O", frame);
}

/* What the tracer notes: results, places, users, places by instruction, conditions, and what these
   decide. */
static PyObject *notes_now(PyObject **by) {
    return PyContextVar_Get(tracer, NULL, by) ? NULL : PyObject_GetAttr(*by, name_of_notes);
}

static int taken(Node *v) {
    PyObject *by = NULL, *notes = notes_now(&by), *place = NULL;
    int failed = -1;
    if (!notes || PyDict_SetItem(guarded, (PyObject *)v, by)) goto done;
    PyObject **of = ((PyTupleObject *)notes)->ob_item;
    if (PyList_Append(of[0], (PyObject *)v)) goto done;
    if (of[1] != Py_None && (!(place = user_place(by, of[2], of[3])) || PyList_Append(of[1], place)))
        goto done;
    failed = 0;
done:
    Py_XDECREF(by);
    Py_XDECREF(notes);
    Py_XDECREF(place);
    return failed;
}

/* A where, of which the condition is followed. */
static PyObject *decided_by(PyObject *v, PyObject *condition) {
    PyObject *by = NULL, *notes = v ? notes_now(&by) : NULL;
    if (v && (!notes || PyDict_SetItem(PyTuple_GET_ITEM(notes, 4), v, condition) ||
              PySet_Add(PyTuple_GET_ITEM(notes, 5), v))) Py_CLEAR(v);
    Py_XDECREF(by);
    Py_XDECREF(notes);
    return v;
}

/* A result that is complete, in this mode. */
static PyObject *kept(Node *v, int mode) {
    if (mode == TRACED && taken(v)) {
        Py_DECREF(shown(v));
        return NULL;
    }
    return shown(v);
}
