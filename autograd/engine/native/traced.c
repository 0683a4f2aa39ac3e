/* Tracings: a result is shown to the tracer that is open, as Tracer.take would (trace.py). */

static PyObject *name_of_modules, *name_of_notes;

/* Where the user is, as code and its instruction: as a place that was noted before, at best. The tracer
   finds out for code that it does not know as his. */
static PyObject *user_place(PyObject *by, PyObject *users, PyObject *latest, PyObject *places) {
    PyFrameObject *frame = PyEval_GetFrame();
    if (!frame) Py_RETURN_NONE;
    PyObject *code = (PyObject *)PyFrame_GetCode(frame), *place;
    const long at = PyFrame_GetLasti(frame);
    const Py_ssize_t k = (((Py_ssize_t)code >> 5) + at / 2) & (PyList_GET_SIZE(latest) - 1);
    PyObject *last = PyList_GET_SIZE(places) ? PyList_GET_ITEM(places, PyList_GET_SIZE(places) - 1) : Py_None;
    int known = last != Py_None && PyTuple_GET_ITEM(last, 0) == code;
    place = PyList_GET_ITEM(latest, k);
    if (place != Py_None && PyTuple_GET_ITEM(place, 0) == code && PyLong_AsLong(PyTuple_GET_ITEM(place, 1)) == at) {
        Py_DECREF(code);
        return Py_NewRef(place);
    }
    if (!known) {
        PyObject *scope = PyFrame_GetGlobals(frame), *module = PyDict_GetItemWithError(scope, name_of_modules);
        known = module ? PySet_Contains(users, module) : 0;
        Py_DECREF(scope);
    }
    if (PyErr_Occurred()) place = NULL;
    else if (known != 1) place = PyObject_CallMethod(by, "place", "O", frame);
    else {
        PyObject *instruction = PyLong_FromLong(at);
        place = instruction ? PyTuple_Pack(2, code, instruction) : NULL;
        Py_XDECREF(instruction);
    }
    if (place && known == 1) {
        PyObject_GC_UnTrack(place); /* as the collector would, when it comes */
        PyList_SetItem(latest, k, Py_NewRef(place));
    }
    Py_DECREF(code);
    return place;
}

/* What the tracer notes: results, places, users, the latest places, conditions, and what these decide. */
static PyObject *noting, *latest_notes; /* the tracer that was asked last, until it lets its results out */
static PyObject *notes_now(PyObject **by) {
    if (PyContextVar_Get(tracer, NULL, by)) return NULL;
    if (*by != noting) {
        Py_XSETREF(latest_notes, PyObject_GetAttr(*by, name_of_notes));
        Py_XSETREF(noting, latest_notes ? Py_NewRef(*by) : NULL);
    }
    return Py_XNewRef(latest_notes);
}

static int taken(Node *v) {
    PyObject *by = NULL, *notes = notes_now(&by), *place = NULL;
    PyObject *const *of = notes ? &PyTuple_GET_ITEM(notes, 0) : NULL;
    v->flags |= TAKEN; /* as one that is guarded: its tracer is found among those that are open */
    int failed = !of || PyList_Append(of[0], (PyObject *)v);
    if (!failed && of[1] != Py_None)
        failed = !(place = user_place(by, of[2], of[3], of[1])) || PyList_Append(of[1], place);
    Py_XDECREF(by);
    Py_XDECREF(notes);
    Py_XDECREF(place);
    return -failed;
}

/* let_out(results): these are guarded no more. */
static PyObject *let_out(PyObject *module, PyObject *results) {
    Py_CLEAR(noting);
    Py_CLEAR(latest_notes);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(results); i++) NODE(PyList_GET_ITEM(results, i))->flags &= ~TAKEN;
    Py_RETURN_NONE;
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
