/* Functions: quick on Values, and else the function in Python that they wrap. */

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    PyObject *wrapped, *weak;
    int k;
} Function;

/* where(condition, a, b) of a truth value, or of one that a recording follows; NULL without an error
   where in doubt. */
static PyObject *quick_where(PyObject *const *args) {
    double a, b, c = args[0] == Py_True;
    const int mode = MODE, p = read_number(args[1], &a), q = read_number(args[2], &b);
    const int followed = mode == TRACED && IS_NODE(args[0]);
    if (mode < 0 || !p || !q || !(followed || PyBool_Check(args[0]))) return NULL;
    if (followed) c = DATA(args[0]);
    const double y = c ? a : b;
    if (y - y != 0.0) return NULL;
    if (!followed && p == 2 && q == 2) return PyFloat_FromDouble(y);
    PyObject *v = with_note(made2(ROW_where, mode, y, args[1], p, a, c ? 1.0 : 0.0, args[2], q, b, c ? 0.0 : 1.0), c);
    return followed ? decided_by(v, args[0]) : v;
}

/* A row of a Value or a number and constants: all of them where the function has its own defaults. */
static PyObject *quick_with(int k, PyObject *const *args, Py_ssize_t n) {
    double x[3] = {0.0, NAN};
    if (k == ROW_where) return n == 3 ? quick_where(args) : NULL;
    const int kind = read_number(args[0], x);
    if (k == ROW_power && n == 2 && IS_NODE(args[1]) && kind) return op_pow(args[0], args[1]);
    if (!kind || n > 2 + (k == ROW_clip) || (k == ROW_clip && n < 3) || (k == ROW_power && n < 2)) return NULL;
    for (Py_ssize_t i = 1; i < n; i++) if (read_number(args[i], x + i) != 2 || x[i] != x[i]) return NULL;
    if (kind == 1) return with_constants[k](args[0], args + 1, n - 1, NULL);
    const double y = result_of[k](x[0], x[1], x[2]);
    return y - y == 0.0 ? PyFloat_FromDouble(y) : NULL;
}

/* The largest or smallest of one sequence, or of several numbers. */
static PyObject *quick_chosen(int k, PyObject *const *args, Py_ssize_t n) {
    if (n == 1) return quick_whole(k, args[0], 1);
    PyObject *all = PyTuple_New(n), *y;
    for (Py_ssize_t i = 0; all && i < n; i++) PyTuple_SET_ITEM(all, i, Py_NewRef(args[i]));
    y = all ? quick_whole(k, all, 1) : NULL;
    Py_XDECREF(all);
    return y;
}

static PyObject *function_call(PyObject *self, PyObject *const *args, size_t nargsf,
                               PyObject *names) {
    Function *f = (Function *)self;
    Py_ssize_t n = PyVectorcall_NARGS(nargsf);
    PyObject *y = NULL;
    double a, b = 0.0;
    if (!names && n) {
        if (f->k == ROW_dot) y = quick_dot(args, n, 1);
        else if (n != 2 && (f->k == ROW_maximum || f->k == ROW_minimum))
            y = quick_chosen(f->k == ROW_maximum ? ROW_largest : ROW_smallest, args, n);
        else if (with_constants[f->k]) y = quick_with(f->k, args, n);
        else if (!call_of[f->k]) y = n == 1 ? quick_whole(f->k, args[0], 1) : NULL;
        else if (n == operands_of[f->k] && n == 1 && IS_NODE(args[0]))
            return call_of[f->k](args[0], NULL);
        else if (n == operands_of[f->k] && read_number(args[0], &a) && (n == 1 || read_number(args[1], &b))) {
            if (IS_NODE(args[0]) || (n == 2 && IS_NODE(args[1]))) return call_of[f->k](args[0], args[1]);
            const double number = result_of[f->k](a, b, 0.0);
            if (number - number == 0.0) return PyFloat_FromDouble(number);
        }
        if (y || PyErr_Occurred()) return y;
    }
    return from_lane(PyObject_Vectorcall(f->wrapped, args, nargsf, names));
}
static void function_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (((Function *)self)->weak) PyObject_ClearWeakRefs(self);
    Py_XDECREF(((Function *)self)->wrapped);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}
static int function_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((Function *)self)->wrapped);
    return 0;
}
/* Its name, its doc and the rest are those of the function in Python. */
static PyObject *function_attribute(PyObject *self, PyObject *name) {
    const char *text = PyUnicode_AsUTF8(name);
    PyObject *wrapped = ((Function *)self)->wrapped;
    if (!text) return NULL;
    if (!strcmp(text, "__wrapped__")) return Py_NewRef(wrapped);
    if (!strncmp(text, "__reduce", 8) || !strcmp(text, "__class__") || !strcmp(text, "__call__"))
        return PyObject_GenericGetAttr(self, name);
    return PyObject_GetAttr(wrapped, name);
}
/* As functions in Python do in a class; help() asks for it. */
static PyObject *function_get(PyObject *self, PyObject *instance, PyObject *type) {
    return instance && instance != Py_None ? PyMethod_New(self, instance) : Py_NewRef(self);
}
static PyObject *function_repr(PyObject *self) { return PyObject_Repr(((Function *)self)->wrapped); }
static PyObject *function_reduce(PyObject *self, PyObject *protocol) {
    return PyObject_GetAttrString(self, "__qualname__");
}
static PyObject *function_doc(PyObject *self, void *closure) {
    return PyObject_GetAttrString(((Function *)self)->wrapped, "__doc__");
}
static PyGetSetDef FUNCTION_GETSET[] = {{"__doc__", function_doc}, {NULL}};
static PyMemberDef FUNCTION_MEMBERS[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(Function, call), READONLY},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(Function, weak), READONLY},
    {NULL},
};
static PyMethodDef FUNCTION_METHODS[] = {{"__reduce_ex__", function_reduce, METH_O}, {NULL}};
static PyType_Slot FUNCTION_SLOTS[] = {
    {Py_tp_dealloc, function_dealloc}, {Py_tp_traverse, function_traverse},
    {Py_tp_getattro, function_attribute}, {Py_tp_descr_get, function_get},
    {Py_tp_repr, function_repr}, {Py_tp_call, PyVectorcall_Call},
    {Py_tp_getset, FUNCTION_GETSET}, {Py_tp_members, FUNCTION_MEMBERS}, {Py_tp_methods, FUNCTION_METHODS}, {0, NULL},
};
static PyType_Spec FUNCTION_SPEC = {
    "autograd.engine.native.library.Function", sizeof(Function), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
        Py_TPFLAGS_DISALLOW_INSTANTIATION,
    FUNCTION_SLOTS,
};
static PyTypeObject *FunctionType;

static int row_named(PyObject *name) {
    for (int k = 0; k < COUNT; k++)
        if (PyUnicode_CompareWithASCIIString(name, ROW_NAMES[k]) == 0) return k;
    return -1;
}

/* quick(function): the function of a row, quick on Values; others as they are. */
static PyObject *quick(PyObject *module, PyObject *wrapped) {
    PyObject *name = PyObject_GetAttrString(wrapped, "__name__");
    int k = name ? row_named(name) : -1;
    Py_XDECREF(name);
    if (PyErr_Occurred()) return NULL;
    if (k < 0) return Py_NewRef(wrapped);
    Function *f = PyObject_GC_New(Function, FunctionType);
    if (!f) return NULL;
    f->call = function_call;
    f->wrapped = Py_NewRef(wrapped);
    f->weak = NULL;
    f->k = k;
    PyObject_GC_Track(f);
    return (PyObject *)f;
}
