/* Nodes: how they are read and made, and what stands in for a number. */

/* The dead, kept for the next graph: a training step frees as many nodes as the next one makes, and
   the system would take the memory away in between. A sanitizer must see them go: -DPOOL=0. */
#ifndef POOL
#define POOL 65536
#endif
static Node *pool;
static int pooled;

static Node *fresh(int tracked) {
    Node *v;
    if (tracked) {
        if (!(v = PyObject_GC_New(Node, ValueType))) return NULL;
    } else if (pooled) {
        v = pool;
        pool = v->next;
        pooled--;
        SOON(pool);
        Py_SET_REFCNT((PyObject *)v, 1);
    } else {
        if (!(v = PyObject_Malloc(sizeof(Node)))) return (Node *)PyErr_NoMemory();
        PyObject_Init((PyObject *)v, ValueType);
    }
    v->grad = 0.0;
    v->a = v->b = NULL;
    v->op = v->note = v->weak = NULL;
    v->uses = 0;
    v->flags = tracked ? TRACKED : 0;
    v->stamp = writes;
    return v;
}

/* Complete now: the collector may look at it. */
static inline PyObject *shown(Node *v) {
    if (v->flags & TRACKED) PyObject_GC_Track(v);
    return (PyObject *)v;
}

static Node *constant(double x) {
    Node *v = fresh(0);
    if (v) {
        v->data = x;
        v->op = Py_NewRef(CONSTANT);
    }
    return v;
}

/* Whether o is a number that C reads as Python would: a float, an int, NumPy's float64 or a bool;
   a class of a user's may have a __float__ of its own. */
static inline int quick_number(PyObject *o, double *x) {
    *x = 0.0;
    if (PyFloat_CheckExact(o) || (PyFloat_Check(o) && !(Py_TYPE(o)->tp_flags & Py_TPFLAGS_HEAPTYPE))) {
        *x = PyFloat_AS_DOUBLE(o);
        return 1;
    }
    if (!PyLong_Check(o) || Py_TYPE(o)->tp_flags & Py_TPFLAGS_HEAPTYPE) return 0;
    int over;
    long long n = PyLong_AsLongLongAndOverflow(o, &over);
    *x = (double)n;
    return !over && n > -(1LL << 53) && n < 1LL << 53;
}

/* What a lane gives; where it refuses, the traceback ends at the user's line: the rest is ours. */
static PyObject *from_lane(PyObject *y) {
    PyObject *type, *error, *frames;
    if (y || !(PyErr_ExceptionMatches(PyExc_TypeError) || PyErr_ExceptionMatches(PyExc_ValueError)))
        return y;
    PyErr_Fetch(&type, &error, &frames);
    PyErr_NormalizeException(&type, &error, &frames);
    PyException_SetTraceback(error, Py_None);
    Py_XDECREF(frames);
    PyErr_Restore(type, error, NULL);
    return NULL;
}

static int double_of(PyObject *o, double *x, const char *needed) {
    double found = 0.0; /* x stays as it is where o is none */
    if (!quick_number(o, &found)) {
        PyObject *f = from_lane(PyObject_CallFunction(number_lane, "Os", o, needed));
        if (!f) return -1;
        found = PyFloat_AsDouble(f);
        Py_DECREF(f);
        if (found == -1.0 && PyErr_Occurred()) return -1;
    }
    *x = found;
    return 0;
}

/* The number of an operand: 1 of a node, 2 a number itself, 0 in doubt. */
static inline int read_number(PyObject *o, double *x) {
    PyTypeObject *t = Py_TYPE(o);
    if (t == ValueType) {
        *x = DATA(o);
        return 1;
    }
    if (quick_number(o, x)) return 2;
    if (!PyType_IsSubtype(t, StorageType) || NODE(o)->flags & UNMADE) return 0;
    *x = DATA(o);
    return 1;
}

/* What a context asks for: nothing is open, numbers alone (no_grad), results to be shown to a tracer,
   or, where it is negative, Python decides. */
enum { CUT = 1, TRACED = 2 };
static int context(void) {
    PyObject *open = NULL, *cut = NULL;
    int how = -1;
    if (PyContextVar_Get(tracer, NULL, &open)) goto done;
    if (open != Py_None && PyList_GET_SIZE(paused) == 1) how = TRACED; /* all that is open */
    else if (PyContextVar_Get(no_grad, NULL, &cut)) goto done;
    else if (open == Py_None) how = PyDict_GET_SIZE(guarded) ? -1 : PyObject_IsTrue(cut);
    else how = PyObject_IsTrue(cut) ? -1 : TRACED;
done:
    Py_XDECREF(open);
    Py_XDECREF(cut);
    return how;
}
#define MODE (PyList_GET_SIZE(paused) ? context() : 0)
