/* A Value from Python: how it is made, its attributes, and what is left of a number. */

static PyObject *node_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    if (type == ValueType) {
        Node *v = fresh(0);
        if (v) v->data = 0.0;
        return (PyObject *)v;
    }
    PyObject *v = type->tp_alloc(type, 0); /* of a subclass: zeros, and the collector knows it */
    if (v) NODE(v)->flags = TRACKED | UNMADE;
    return v;
}

static int set_label(PyObject *self, PyObject *label, void *closure) {
    Node *v = NODE(self);
    if (!label || !PyUnicode_Check(label)) {
        Py_XDECREF(PyObject_CallFunctionObjArgs(label_lane, label ? label : Py_None, NULL));
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "a label needs text");
        return -1;
    }
    if (v->note && PyTuple_Check(v->note)) {
        PyObject *note = PyTuple_Pack(2, label, PyTuple_GET_ITEM(v->note, 1));
        if (!note) return -1;
        Py_SETREF(v->note, note);
    } else Py_XSETREF(v->note, PyUnicode_GET_LENGTH(label) ? Py_NewRef(label) : NULL);
    return 0;
}

static int node_init(PyObject *self, PyObject *args, PyObject *kwargs) {
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n < 1 || n > 2 || kwargs || !PyFloat_CheckExact(PyTuple_GET_ITEM(args, 0))) {
        PyObject *head = PyTuple_Pack(1, self);
        PyObject *given = head ? PySequence_Concat(head, args) : NULL;
        PyObject *none = given ? from_lane(PyObject_Call(init_lane, given, kwargs)) : NULL;
        Py_XDECREF(head);
        Py_XDECREF(given);
        Py_XDECREF(none);
        return none ? 0 : -1;
    }
    Node *v = NODE(self);
    v->data = PyFloat_AS_DOUBLE(PyTuple_GET_ITEM(args, 0));
    if (v->flags & RECORDED) unlink_operands(v, NULL);
    Py_CLEAR(v->op);
    v->grad = 0.0;
    v->flags &= TRACKED;
    v->b = NULL;
    if (writes < UINT32_MAX) v->stamp = ++writes;
    return n == 2 ? set_label(self, PyTuple_GET_ITEM(args, 1), NULL) : 0;
}

/* Value(data, label), the quick way. */
static PyObject *value_call(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *names) {
    Py_ssize_t n = PyVectorcall_NARGS(nargsf);
    if (n < 1 || n > 2 || names || !PyFloat_CheckExact(args[0])) {
        PyObject *v = node_new((PyTypeObject *)type, NULL, NULL);
        PyObject *none = v ? call_with(init_lane, v, args, n, names) : NULL;
        if (!none) Py_CLEAR(v);
        Py_XDECREF(none);
        return v;
    }
    Node *v = fresh(0);
    if (!v) return NULL;
    v->data = PyFloat_AS_DOUBLE(args[0]);
    if (n == 2 && set_label((PyObject *)v, args[1], NULL)) Py_CLEAR(v);
    return (PyObject *)v;
}

static int assigned(PyObject *x, double *number, const char *no_deletion, const char *needed) {
    if (!x) PyErr_SetString(PyExc_AttributeError, no_deletion);
    return x ? double_of(x, number, needed) : -1;
}
/* Whether a guard refuses to have an attribute read or assigned; _data and _grad have no name here. */
static int refused(PyObject *self, const char *how, const char *name) {
    if (!name || !PyDict_GET_SIZE(guarded)) return 0;
    PyObject *what = PyUnicode_FromFormat("%s%s", how, name);
    PyObject *none = what ? PyObject_CallFunctionObjArgs(ask_lane, self, what, NULL) : NULL;
    Py_XDECREF(what), Py_XDECREF(none);
    return !none;
}
static PyObject *get_data(PyObject *self, void *name) {
    if (refused(self, "", name)) return NULL;
    if (!(NODE(self)->flags & UNMADE)) return PyFloat_FromDouble(DATA(self));
    const char *need = "a %s has no number yet: call super().__init__(data) in its __init__";
    return PyErr_Format(PyExc_AttributeError, need, Py_TYPE(self)->tp_name);
}
static int set_data(PyObject *self, PyObject *x, void *name) {
    Node *v = NODE(self);
    if (refused(self, "assigning ", name) || assigned(x, &v->data, "data cannot be deleted", "data needs a number")) return -1;
    if (writes < UINT32_MAX) writes++;
    v->stamp = writes;
    v->flags &= ~UNMADE;
    if (v->flags & RECORDED) v->flags |= WRITTEN;
    return 0;
}
static PyObject *get_grad(PyObject *self, void *name) {
    Node *v = NODE(self);
    if (refused(self, "", name)) return NULL;
    return v->flags & REACHED ? PyFloat_FromDouble(v->grad) : Py_NewRef(UNREACHED);
}
static int set_grad(PyObject *self, PyObject *x, void *name) {
    Node *v = NODE(self);
    if (refused(self, "assigning ", name) || assigned(x, &v->grad, "grad cannot be deleted", "a grad needs a number")) return -1;
    v->flags = x == UNREACHED ? v->flags & ~REACHED : v->flags | REACHED;
    return 0;
}
/* Give Values their numbers, if there are some, and grads, if any; without numbers, grads are added. */
static int store_all(PyObject *values, const double *numbers, const double *grads) {
    const Py_ssize_t n = PyTuple_GET_SIZE(values);
    Node **of = OF(values);
    for (Py_ssize_t k = 0; numbers && k < n; k++)
        if (!IS_NODE(of[k])) return PyErr_Format(PyExc_TypeError, "assign needs Values, got %R", of[k]), -1;
    if (numbers && writes < UINT32_MAX) writes++;
    for (Py_ssize_t k = 0; k < n; k++) {
        Node *v = of[k];
        if (numbers) {
            v->data = numbers[k];
            v->stamp = writes;
            v->flags = v->flags & RECORDED ? v->flags | WRITTEN : v->flags & ~UNMADE;
        } else if (v->flags & RECORDED) { /* from others before the recording: they get their share */
            PyObject *none = PyObject_CallMethod((PyObject *)v, "backward", "d", grads[k]);
            if (!none) return -1;
            Py_DECREF(none);
            continue;
        }
        if (grads) v->grad = numbers ? grads[k] : (v->flags & REACHED ? v->grad : 0.0) + grads[k];
        if (grads) v->flags |= REACHED;
    }
    return 0;
}
/* store(values, numbers, grads): a number and a grad for each, or "" for none. */
static PyObject *store(PyObject *module, PyObject *args) {
    PyObject *values;
    Py_buffer x, g;
    if (!PyArg_ParseTuple(args, "O!y*y*", &PyTuple_Type, &values, &x, &g)) return NULL;
    const int wrong = store_all(values, x.len ? x.buf : NULL, g.len ? g.buf : NULL);
    PyBuffer_Release(&x);
    PyBuffer_Release(&g);
    return wrong ? NULL : Py_NewRef(Py_None);
}
static PyObject *get_label(PyObject *self, void *closure) {
    PyObject *note = NODE(self)->note;
    if (!note) return PyUnicode_FromString("");
    return Py_NewRef(PyTuple_Check(note) ? PyTuple_GET_ITEM(note, 0) : note);
}
static PyObject *get_constants(PyObject *self, void *closure) {
    Node *v = NODE(self);
    if (v->flags & TWO) return Py_BuildValue("(dd)", v->db, v->b_number);
    if (v->flags & ONE) return Py_BuildValue("(d)", v->db);
    if (v->note && PyTuple_Check(v->note)) return Py_NewRef(PyTuple_GET_ITEM(v->note, 1));
    return PyTuple_New(0);
}
static PyObject *get_op(PyObject *self, void *closure) {
    return Py_NewRef(NODE(self)->op ? NODE(self)->op : Py_None);
}
static int set_op(PyObject *self, PyObject *op, void *closure) {
    Py_XSETREF(NODE(self)->op, op && op != Py_None ? Py_NewRef(op) : NULL);
    return 0;
}
/* With another class it would have another header in memory, or none. */
static PyObject *get_class(PyObject *self, void *closure) { return Py_NewRef(Py_TYPE(self)); }
static int set_class(PyObject *self, PyObject *type, void *closure) {
    PyErr_SetString(PyExc_TypeError, "a Value keeps its class: make another one");
    return -1;
}
/* Whether it has a flag, which is the closure. */
static PyObject *get_flag(PyObject *self, void *flag) {
    return PyBool_FromLong(NODE(self)->flags & (uintptr_t)flag);
}
static int set_flag(PyObject *self, PyObject *truth, void *flag) {
    if (truth == Py_True) NODE(self)->flags |= (uintptr_t)flag;
    return 0;
}

static PyObject *node_cut(PyObject *self, PyObject *none) {
    if (NODE(self)->flags & RECORDED) unlink_operands(NODE(self), NULL);
    Py_RETURN_NONE;
}

/* stand_in(origin): a leaf with its number that may become it, and that is tracked if it is. */
static PyObject *stand_in(PyObject *module, PyObject *origin) {
    if (!IS_NODE(origin)) return PyErr_Format(PyExc_TypeError, "stand_in needs a Value");
    Node *v = fresh(IS_TRACKED(origin));
    if (!v) return NULL;
    v->data = DATA(origin);
    return shown(v);
}

/* _become(origin): a leaf turns into a result that equals it. */
static PyObject *node_become(PyObject *self, PyObject *origin) {
    Node *v = NODE(self);
    if (!IS_NODE(origin) || v->flags & RECORDED) {
        PyErr_SetString(PyExc_TypeError, "_become needs a leaf, and a Value that it shall equal");
        return NULL;
    }
    Py_XSETREF(v->op, Py_NewRef(POSITIVE));
    v->a = NODE(Py_NewRef(origin));
    v->da = 1.0;
    v->flags |= RECORDED;
    v->stamp = writes;
    Py_RETURN_NONE;
}

static Py_hash_t node_hash(PyObject *self) { return PyBaseObject_Type.tp_hash(self); }

static PyObject *node_compare(PyObject *p, PyObject *q, int sign) {
    double a, b;
    const int mode = MODE, kp = read_number(p, &a), kq = read_number(q, &b);
    if (mode < 0 || !kp || !kq)
        return PyErr_Occurred() ? NULL
                                : from_lane(PyObject_CallFunction(compare_lane, "iOO", sign, p, q));
    if (mode != TRACED) Py_RETURN_RICHCOMPARE(a, b, sign);
    const int holds[] = {a < b, a <= b, a == b, a != b, a > b, a >= b};
    return made2(COMPARED + sign, mode, holds[sign], p, kp, a, 0.0, q, kq, b, 0.0);
}
