/* The native engine: nodes, bundles, the reverse pass, and a line a row.

   storage.py and reverse.py say what all this means; results are equal to theirs bit for bit. The
   rows of the table are in rows.c, which is printed. Whatever is not the plain case (an operand
   that is no Value and no number, a result or a partial that is not finite) goes to a
   function in Python, its lane, which does all the talking: see lanes.py. */

#include "node.h"

#include "node.c"
#include "release.c"
#include "traced.c"
#include "numbered.c"
#include "results.c"
#include "attributes.c"
#include "bundle.c"
#include "nary.c"
#include "operands.c"
#include "reverse.c"
#include "row_macros.h"

#include "rows.c"

static PyObject *node_power(PyObject *p, PyObject *q, PyObject *modulus) {
    double a, b;
    const int kp = read_number(p, &a), kq = read_number(q, &b);
    if (modulus != Py_None) Py_RETURN_NOTIMPLEMENTED;
    if (kp && kq == 1) return op_pow(p, q);
    PyObject *v = kp == 1 && kq == 2 ? with_power(p, b, MODE) : NULL;
    if (v || PyErr_Occurred()) return v;
    return from_lane(PyObject_CallFunctionObjArgs(power_lane, p, q, NULL));
}

#include "function.c"

static PyObject *constant_function(PyObject *module, PyObject *x) {
    double d;
    if (double_of(x, &d, "arithmetic with a Value needs numbers")) return NULL;
    return (PyObject *)constant(d);
}
/* How many dead nodes are kept for the next graph; and whether this is the interpreter that the
   library was first imported in, as only one can have it. */
static PyObject *pooled_nodes(PyObject *module, PyObject *none) { return PyLong_FromLong(pooled); }
static PyInterpreterState *home;
static PyObject *is_at_home(PyObject *module, PyObject *none) {
    return PyBool_FromLong(PyInterpreterState_Get() == home);
}
/* bundle(values, read): their numbers are read once anyway, when they are needed. */
static PyObject *bundle_function(PyObject *module, PyObject *const *args, Py_ssize_t n,
                                 PyObject *names) {
    PyObject *values = n == 1 ? args[0] : NULL;
    for (Py_ssize_t i = 0; names && i < PyTuple_GET_SIZE(names); i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i);
        if (!values && n == 0 && !PyUnicode_CompareWithASCIIString(name, "values")) values = args[i];
        else if (PyUnicode_CompareWithASCIIString(name, "read"))
            return PyErr_Format(PyExc_TypeError, "bundle has no option %U", name);
    }
    if (values) return bundle_of(values);
    PyErr_SetString(PyExc_TypeError, "bundle needs a sequence of Values and numbers");
    return NULL;
}

/* adopt(Value, lanes, rows): results are Values; lanes are what the names below stand for, rows the
   Ops of the table with their lanes, and those by name. */
static PyObject *adopt(PyObject *module, PyObject *args) {
    static const struct { const char *name; PyObject **place; } GIVEN[] = {
        {"CONSTANT", &CONSTANT}, {"POSITIVE", &POSITIVE}, {"UNREACHED", &UNREACHED},
        {"paused", &paused}, {"guarded", &guarded}, {"tracer", &tracer}, {"no_grad", &no_grad},
        {"watcher", &watcher}, {"number", &number_lane}, {"label", &label_lane},
        {"lifted", &lifted_lane}, {"init", &init_lane}, {"compare", &compare_lane},
        {"power", &power_lane}, {"backward", &backward_lane}, {"look", &look_lane}, {"ask", &ask_lane}, {"GraphError", &GraphError},
    };
    PyObject *lanes, *rows;
    if (!PyArg_ParseTuple(args, "OO!O!", &ValueType, &PyDict_Type, &lanes, &PyDict_Type, &rows))
        return NULL;
    Py_INCREF(ValueType);
    while (pool) { /* of a class Value before this one */
        Node *v = pool;
        pool = v->next;
        pooled--;
        Py_DECREF(Py_TYPE(v));
        PyObject_Free(v);
    }
    for (size_t i = 0; i < sizeof GIVEN / sizeof *GIVEN; i++) {
        PyObject *o = PyDict_GetItemString(lanes, GIVEN[i].name);
        if (!o) return PyErr_Format(PyExc_KeyError, "%s", GIVEN[i].name);
        *GIVEN[i].place = Py_NewRef(o);
    }
    PyObject *compared = PyDict_GetItemString(lanes, "compared");
    for (int k = 0; compared && k < 6; k++) row_of[COMPARED + k] = Py_NewRef(PyTuple_GET_ITEM(compared, k));
    for (int k = 0; k < COUNT; k++) {
        PyObject *row = PyDict_GetItemString(rows, ROW_NAMES[k]);
        if (!row) return PyErr_Format(PyExc_KeyError, "%s", ROW_NAMES[k]);
        row_of[k] = Py_NewRef(PyTuple_GET_ITEM(row, 0));
        lane_of[k] = Py_NewRef(PyTuple_GET_ITEM(row, 1));
        lane_of[NAMED + k] = Py_NewRef(PyTuple_GET_ITEM(row, 2));
    }
    if (ValueType->tp_basicsize != sizeof(Node))
        return PyErr_Format(PyExc_TypeError, "Value needs __slots__ = ()");
    /* Its instances have no header for the collector, unless they are tracked, which no class that
       Python makes would allow: so the two functions that would look for it are ours. */
    ValueType->tp_dealloc = node_dealloc;
    ValueType->tp_traverse = node_traverse;
    ValueType->tp_clear = node_clear;
    ValueType->tp_is_gc = node_is_gc;
    ValueType->tp_vectorcall = value_call;
    Py_RETURN_NONE;
}

#define QUICKLY(f) (PyCFunction)(void *)f
static PyGetSetDef GETSET[] = {
    {"data", get_data, set_data, "The number; assigning it changes what operations read from now on.",
     ".data"},
    {"grad", get_grad, set_grad, "The derivative of a pass's output by this value; 0.0 until a pass "
     "reaches it.", ".grad"},
    {"label", get_label, set_label, "The name that errors, drawings and explanations use."},
    {"op", get_op, set_op, "The row of the table that made it; None of a leaf."},
    {"reached", get_flag, NULL, "Whether a reverse pass (or an assignment) has set its grad.",
     (void *)REACHED},
    {"recorded", get_flag, NULL, "Whether it has operands to pass its grad on to.", (void *)RECORDED},
    {"constants", get_constants, NULL, "The constants of its operation: the exponent of a power, the "
     "bounds of a clip."},
    {"bundles", get_bundles, NULL, "Its operands, grouped as its row names them."},
    {"operands", get_operands, NULL, "The values that it was made from; none for a leaf."},
    {"_data", get_data, set_data}, {"_grad", get_grad, set_grad}, {"_partials", get_partials},
    {"_is_input", get_flag, set_flag, NULL, (void *)INPUT}, {"_is_taken", get_flag, set_flag, NULL, (void *)TAKEN},
    {"__class__", get_class, set_class}, {NULL},
};
static PyMethodDef METHODS[] = {
    ROW_METHODS
    {"backward", QUICKLY(node_backward), METH_FASTCALL | METH_KEYWORDS,
     "backward($self, seed=1.0)\n--\n\nDifferentiate this value by every value it was made from: "
     "afterwards each .grad holds the derivative.\n\nLeaves accumulate over passes until zero_grad; "
     "gradients in between are fresh in each. seed is the grad of this value itself."},
    {"zero_grad", node_zero_grad, METH_NOARGS, "Forget the grad of this value and of every value "
     "it was made from."},
    {"_become", node_become, METH_O, "Turn this leaf into a result that equals origin: from now on "
     "it passes its grad on."},
    {"_pass", node_pass, METH_O}, {"_cut", node_cut, METH_NOARGS}, {NULL},
};
static PyMemberDef MEMBERS[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(Node, weak), READONLY}, {NULL},
};
static PyType_Slot SLOTS[] = {
    {Py_tp_doc, "Storage(data, label='')\n--\n\nData, grad, the operation and its operands."},
    {Py_tp_new, node_new}, {Py_tp_init, node_init}, {Py_tp_dealloc, node_dealloc},
    {Py_tp_traverse, node_traverse}, {Py_tp_clear, node_clear}, {Py_tp_is_gc, node_is_gc},
    {Py_tp_getset, GETSET}, {Py_tp_members, MEMBERS}, {Py_tp_methods, METHODS},
    {Py_tp_hash, node_hash}, {Py_tp_richcompare, node_compare}, {Py_nb_power, node_power},
    ROW_SLOTS {0, NULL},
};
static PyType_Spec SPEC = {
    "autograd.engine.native.library.Storage", sizeof(Node), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, SLOTS,
};
static PyType_Slot BUNDLE_SLOTS[] = {
    {Py_tp_new, bundle_new}, {Py_tp_dealloc, bundle_dealloc}, {Py_tp_traverse, bundle_traverse},
    {Py_sq_concat, bundle_add}, {0, NULL},
};
static PyType_Spec BUNDLE_SPEC = {
    "autograd.engine.native.library.Bundle", 0, sizeof(PyObject *),
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, BUNDLE_SLOTS,
};
static PyMethodDef FUNCTIONS[] = {
    {"adopt", adopt, METH_VARARGS}, {"record", record, METH_VARARGS},
    {"constant", constant_function, METH_O}, {"stand_in", stand_in, METH_O},
    {"store", store, METH_VARARGS},
    {"quick", quick, METH_O}, {"pooled", pooled_nodes, METH_NOARGS},
    {"is_at_home", is_at_home, METH_NOARGS},
    {"numbered", numbered, METH_VARARGS}, {"repeated", repeated, METH_VARARGS}, {"let_out", let_out, METH_O},
    {"bundle", QUICKLY(bundle_function), METH_FASTCALL | METH_KEYWORDS,
     "bundle($module, /, values, *, read=False)\n--\n\nGather Values and numbers into operands for "
     "total, mean, dot and the like."},
    {"total", QUICKLY(total_row), METH_FASTCALL}, {"mean", QUICKLY(mean_row), METH_FASTCALL},
    {"dot", QUICKLY(dot_row), METH_FASTCALL}, {"logsumexp", QUICKLY(logsumexp_row), METH_FASTCALL},
    {"largest", QUICKLY(largest_row), METH_FASTCALL}, {"smallest", QUICKLY(smallest_row), METH_FASTCALL},
    {NULL},
};
static struct PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, "library", NULL, -1, FUNCTIONS};

PyMODINIT_FUNC PyInit_library(void) {
    PyObject *module = PyModule_Create(&MODULE), *math = PyImport_ImportModule("math");
    if (!home) home = PyInterpreterState_Get();
    BUNDLE_SPEC.basicsize = (int)(PyTuple_Type.tp_basicsize + sizeof(Extra));
    name_of_modules = PyUnicode_InternFromString("__name__");
    name_of_notes = PyUnicode_InternFromString("notes");
    if (!name_of_modules || !name_of_notes) return NULL;
    if (!module || !math || !(math_hypot = PyObject_GetAttrString(math, "hypot"))) return NULL;
    Py_DECREF(math);
    StorageType = (PyTypeObject *)PyType_FromSpec(&SPEC);
    FunctionType = (PyTypeObject *)PyType_FromSpec(&FUNCTION_SPEC);
    PyObject *bases = PyTuple_Pack(1, &PyTuple_Type);
    BundleType = bases ? (PyTypeObject *)PyType_FromSpecWithBases(&BUNDLE_SPEC, bases) : NULL;
    Py_XDECREF(bases);
    if (!StorageType || !FunctionType || !BundleType) return NULL;
    if (PyObject_SetAttrString((PyObject *)BundleType, "numbers", Py_None)) return NULL;
    PyObject *names = PyTuple_New(COUNT);
    for (int k = 0; names && k < COUNT; k++)
        PyTuple_SET_ITEM(names, k, PyUnicode_FromString(ROW_NAMES[k]));
    if (!names || PyErr_Occurred() || PyModule_AddObject(module, "ROWS", names)) return NULL;
    if (PyModule_AddObjectRef(module, "Storage", (PyObject *)StorageType) ||
        PyModule_AddObjectRef(module, "Bundle", (PyObject *)BundleType) ||
        PyModule_AddStringConstant(module, "DIGEST", DIGEST) ||
        PyModule_AddIntConstant(module, "DATA", offsetof(Node, data)) ||
        PyModule_AddObject(module, "STORE", PyCapsule_New((void *)store_all, NULL, NULL)) ||
        PyModule_AddIntConstant(module, "SIZE", sizeof(Node)))
        return NULL;
    return module;
}
