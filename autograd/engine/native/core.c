/* The native engine, the part that is written by hand: nodes, bundles, the reverse pass.

   storage.py and reverse.py say what all this means; results are equal to theirs bit for bit. The
   rows of the table are in rows.h, which is printed. Whatever is not the plain case (an operand
   that is no Value and no number, a result or a partial that is not finite, a tracer) goes to a
   function in Python, its lane, which does all the talking: see lanes.py. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* ---- what a node is ---- */

typedef struct Node Node;

/* Numbers that were read once and are shared by the results that need them as partials. */
typedef struct {
    Py_ssize_t refs, n;
    double of[];
} Numbers;

/* A Bundle is a tuple of nodes; this lies behind its items. */
typedef struct {
    Numbers *numbers; /* its data, right as long as version == writes */
    uint64_t version;
    uint64_t uses; /* by results, during a pass */
} Extra;

/* The operands of an n-ary result, and its partials; dx is NULL where all are db. */
typedef struct {
    PyObject *xs, *ys;
    Numbers *dx, *dy;
} Many;

struct Node {
    PyObject_HEAD
    double data;
    union { double grad; Node *next; };    /* next: among the dead */
    union { Node *a; double a_number; };   /* a number stands for itself until operands are asked */
    union { Node *b; double b_number; };
    union { double da; Many *many; };
    double db;
    PyObject *op, *note, *weak; /* note: a label, or (label, constants) */
    uint32_t uses;              /* by results, during a pass; else 0 */
    uint32_t flags;
    uint32_t stamp; /* how many .data had been written when it was recorded, or written itself */
};

enum {
    REACHED = 1,    /* a pass, or an assignment, has set its grad */
    RECORDED = 2,   /* it has operands */
    MANY = 4,       /* n-ary */
    TRACKED = 8,    /* the cyclic collector knows it: see collected, below */
    A_NUMBER = 16,  /* a is a number */
    B_NUMBER = 32,  /* b is a number */
    ONE = 64,       /* its constant is in db */
    TWO = 128,      /* its constants are in db and b_number */
    WRITTEN = 256,  /* its .data was assigned after it was recorded */
};

static PyTypeObject *StorageType, *BundleType, *ValueType;
static uint32_t writes = 1; /* how many .data were written; it stops at its largest number */

#define NODE(o) ((Node *)(o))
#define DATA(o) (NODE(o)->data)
#define IS_NODE(o) (Py_TYPE(o) == ValueType || PyType_IsSubtype(Py_TYPE(o), StorageType))
#define IS_TRACKED(o) (NODE(o)->flags & TRACKED)
#define SECOND(v) ((v)->flags & (B_NUMBER | TWO) ? NULL : (v)->b)
#define OF(bundle) ((Node **)((PyTupleObject *)(bundle))->ob_item)
#define EXTRA(bundle) ((Extra *)(((PyTupleObject *)(bundle))->ob_item + Py_SIZE(bundle)))

#include "rows.h" /* COUNT, ROW_add, ROW_subtract ... */

/* What Python gave us: see adopt. */
static PyObject *row_of[COUNT], *lane_of[2 * COUNT]; /* of BINARY rows by name: NAMED + row */
enum { NAMED = COUNT };
static PyObject *CONSTANT, *POSITIVE, *UNREACHED, *paused, *guarded, *tracer, *no_grad, *watcher;
static PyObject *number_lane, *label_lane, *lifted_lane, *init_lane, *compare_lane, *power_lane;
static PyObject *backward_lane, *look_lane, *math_hypot, *GraphError;

/* ---- making and reading nodes ---- */

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

static int double_of(PyObject *o, double *x, const char *needed) {
    if (PyFloat_CheckExact(o)) {
        *x = PyFloat_AS_DOUBLE(o);
        return 0;
    }
    PyObject *f = PyObject_CallFunction(number_lane, "Os", o, needed);
    if (!f) return -1;
    *x = PyFloat_AsDouble(f);
    Py_DECREF(f);
    return *x == -1.0 && PyErr_Occurred() ? -1 : 0;
}

/* The number of an operand: 1 of a node, 2 a number itself, 0 in doubt. */
static inline int read_number(PyObject *o, double *x) {
    PyTypeObject *t = Py_TYPE(o);
    if (t == ValueType) {
        *x = DATA(o);
        return 1;
    }
    if (PyFloat_Check(o)) {
        *x = PyFloat_AS_DOUBLE(o);
        return 2;
    }
    if (PyLong_Check(o)) {
        int over;
        long long n = PyLong_AsLongLongAndOverflow(o, &over);
        *x = (double)n;
        return over || n <= -(1LL << 53) || n >= 1LL << 53 ? 0 : 2;
    }
    const int is_node = PyType_IsSubtype(t, StorageType);
    *x = is_node ? DATA(o) : 0.0;
    return is_node;
}

/* What a context asks for: 0 nothing is open, 1 numbers alone (no_grad), -1 Python decides. */
static int context(void) {
    PyObject *open = NULL, *cut = NULL;
    int how = -1;
    if (PyDict_GET_SIZE(guarded) || PyContextVar_Get(tracer, NULL, &open) < 0) return -1;
    if (open == Py_None && !PyContextVar_Get(no_grad, NULL, &cut)) how = PyObject_IsTrue(cut);
    Py_XDECREF(open);
    Py_XDECREF(cut);
    return how;
}
#define MODE (PyList_GET_SIZE(paused) ? context() : 0)

/* ---- what rows need: see rows.h ---- */

/* CPython's own algorithm, another one in each version: asked, not copied. */
static double hypot_(double a, double b) {
    PyObject *y = PyObject_CallFunction(math_hypot, "dd", a, b);
    if (!y) {
        PyErr_Clear(); /* nan: the lane says what happened */
        return NAN;
    }
    double d = PyFloat_AS_DOUBLE(y);
    Py_DECREF(y);
    return d;
}

static inline int whole(double x) { return isfinite(x) && floor(x) == x; }

/* The % and // of Python's floats. */
static inline double mod(double a, double b) {
    double m = fmod(a, b);
    if (!m) return copysign(0.0, b);
    return (b < 0) != (m < 0) ? m + b : m;
}
static inline double floor_divide(double a, double b) {
    if (b == 0.0) return NAN;
    double m = fmod(a, b), d = (a - m) / b;
    if (m && (b < 0) != (m < 0)) d -= 1.0;
    if (!d) return copysign(0.0, a / b);
    double f = floor(d);
    return d - f > 0.5 ? f + 1.0 : f;
}

static PyObject *lane(int k, PyObject *p, PyObject *q) {
    PyObject *args[2] = {p, q};
    return PyObject_Vectorcall(lane_of[k], args, q ? 2 : 1, NULL);
}

static PyObject *call_with(PyObject *function, PyObject *self, PyObject *const *args,
                           Py_ssize_t n, PyObject *names) {
    Py_ssize_t all = n + (names ? PyTuple_GET_SIZE(names) : 0);
    PyObject **given = PyMem_Malloc((all + 1) * sizeof *given);
    if (!given) return PyErr_NoMemory();
    given[0] = self;
    if (all) memcpy(given + 1, args, all * sizeof *given);
    PyObject *y = PyObject_Vectorcall(function, given, n + 1, names);
    PyMem_Free(given);
    return y;
}

/* A result without its operands yet; under no_grad it never gets any. */
static inline Node *result(int k, double y, int tracked) {
    Node *v = fresh(tracked);
    if (v) {
        v->data = y;
        v->op = Py_NewRef(row_of[k]);
    }
    return v;
}

static PyObject *made1(int k, int cut, double y, PyObject *x, double dx) {
    Node *v = result(k, y, !cut && IS_TRACKED(x));
    if (!v || cut) return (PyObject *)v;
    v->flags |= RECORDED;
    v->a = NODE(Py_NewRef(x));
    v->da = dx;
    return shown(v);
}

/* The same with constants: flag says how many. */
static PyObject *made1_with(int k, int cut, double y, PyObject *x, double dx, int flag, double c,
                            double d) {
    Node *v = NODE(made1(k, cut, y, x, dx));
    if (v) {
        v->flags |= flag;
        v->db = c;
        if (flag == TWO) v->b_number = d;
    }
    return (PyObject *)v;
}

static PyObject *made2(int k, int cut, double y, PyObject *p, int kp, double a, double da,
                       PyObject *q, int kq, double b, double db) {
    Node *v = result(k, y, !cut && ((kp == 1 && IS_TRACKED(p)) || (kq == 1 && IS_TRACKED(q))));
    if (!v || cut) return (PyObject *)v;
    v->flags |= RECORDED;
    v->da = da;
    v->db = db;
    if (kp == 1) v->a = NODE(Py_NewRef(p));
    else {
        v->a_number = a;
        v->flags |= A_NUMBER;
    }
    if (kq == 1) v->b = NODE(Py_NewRef(q));
    else {
        v->b_number = b;
        v->flags |= B_NUMBER;
    }
    return shown(v);
}

static PyObject *with_note(PyObject *v, double c) {
    if (v && !(NODE(v)->note = Py_BuildValue("(s(d))", "", c))) Py_CLEAR(v);
    return v;
}

/* The node of a number that an expression mentions, made when somebody asks for the operands. Its
   grad is that of the last pass. */
static int operand_of(Node *v, Node **place, double x, double partial, uint32_t flag) {
    Node *c = constant(x);
    if (!c) return -1;
    if (v->flags & REACHED) {
        c->grad = 0.0 + partial * v->grad;
        c->flags |= REACHED;
    }
    c->stamp = 0;
    *place = c;
    v->flags &= ~flag;
    return 0;
}
static int complete(Node *v) {
    if (v->flags & A_NUMBER && operand_of(v, &v->a, v->a_number, v->da, A_NUMBER)) return -1;
    if (v->flags & B_NUMBER && operand_of(v, &v->b, v->b_number, v->db, B_NUMBER)) return -1;
    return 0;
}

/* ---- the end of a node: a graph of any depth, without recursion ---- */

static inline void let_go(Numbers *numbers) {
    if (numbers && !--numbers->refs) PyMem_Free(numbers);
}

static inline void drop(Node **dead, Node *o) {
    if (!o) return;
    if (Py_TYPE(o) != ValueType || Py_REFCNT(o) != 1 || o->flags & TRACKED) {
        Py_DECREF(o);
        return;
    }
    Py_SET_REFCNT((PyObject *)o, 0);
    o->next = *dead;
    *dead = o;
}

static void drop_bundle(Node **dead, PyObject *many) {
    if (many && dead && Py_REFCNT(many) == 1 && !PyObject_GC_IsTracked(many)) {
        for (Py_ssize_t i = 0; i < Py_SIZE(many); i++) {
            Node *o = OF(many)[i];
            OF(many)[i] = NULL;
            drop(dead, o);
        }
    }
    Py_XDECREF(many);
}

static void unlink_operands(Node *v, Node **dead) {
    uint32_t flags = v->flags;
    Node *a = flags & (A_NUMBER | MANY) ? NULL : v->a, *b = SECOND(v);
    Many *many = flags & MANY ? v->many : NULL;
    v->flags &= TRACKED | REACHED | ONE | TWO;
    v->a = NULL;
    if (!(flags & TWO)) v->b = NULL;
    if (many) {
        let_go(many->dx);
        let_go(many->dy);
        drop_bundle(dead, many->xs);
        drop_bundle(dead, many->ys);
        PyMem_Free(many);
    }
    if (dead) {
        drop(dead, a);
        drop(dead, b);
    } else {
        Py_XDECREF(a);
        Py_XDECREF(b);
    }
}

static void node_dealloc(PyObject *self) {
    Node *v = NODE(self), *dead = NULL;
    if (v->flags & TRACKED) {
        PyTypeObject *type = Py_TYPE(self);
        PyObject_GC_UnTrack(self);
        Py_TRASHCAN_BEGIN(self, node_dealloc)
        if (v->weak) PyObject_ClearWeakRefs(self);
        if (v->flags & RECORDED) unlink_operands(v, &dead);
        Py_CLEAR(v->op);
        Py_CLEAR(v->note);
        while (dead) {
            Node *o = dead;
            dead = o->next;
            node_dealloc((PyObject *)o);
        }
        type->tp_free(self);
        Py_DECREF(type);
        Py_TRASHCAN_END
        return;
    }
    for (;;) {
        if (v->weak) PyObject_ClearWeakRefs((PyObject *)v);
        if (v->flags & RECORDED) unlink_operands(v, &dead);
        Py_XDECREF(v->op);
        Py_XDECREF(v->note);
        if (pooled < POOL) {
            v->next = pool;
            pool = v;
            pooled++;
        } else {
            PyObject_Free(v);
            Py_DECREF(ValueType);
        }
        if (!(v = dead)) return;
        dead = v->next;
    }
}

/* Collected: a cycle must pass through an instance of a user's subclass, which has a __dict__ and
   is an ordinary object to the collector, and all nodes of the cycle are made from it. So a result
   with a tracked operand is tracked, and no other node is ever visited. */
static int node_is_gc(PyObject *self) { return IS_TRACKED(self) != 0; }

static int node_traverse(PyObject *self, visitproc visit, void *arg) {
    Node *v = NODE(self), *b = SECOND(v);
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(v->op);
    Py_VISIT(v->note);
    if (v->flags & MANY) {
        Py_VISIT(v->many->xs);
        Py_VISIT(v->many->ys);
    } else if (!(v->flags & A_NUMBER)) Py_VISIT(v->a);
    Py_VISIT(b);
    return 0;
}
static int node_clear(PyObject *self) {
    if (NODE(self)->flags & RECORDED) unlink_operands(NODE(self), NULL);
    return 0;
}

/* ---- a node from Python ---- */

static PyObject *node_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    if (type == ValueType) {
        Node *v = fresh(0);
        if (v) v->data = 0.0;
        return (PyObject *)v;
    }
    PyObject *v = type->tp_alloc(type, 0); /* of a subclass: zeros, and the collector knows it */
    if (v) NODE(v)->flags = TRACKED;
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
        PyObject *none = given ? PyObject_Call(init_lane, given, kwargs) : NULL;
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

/* ---- attributes ---- */

static PyObject *get_data(PyObject *self, void *closure) { return PyFloat_FromDouble(DATA(self)); }
static int set_data(PyObject *self, PyObject *x, void *closure) {
    Node *v = NODE(self);
    if (!x) {
        PyErr_SetString(PyExc_AttributeError, "data cannot be deleted");
        return -1;
    }
    if (double_of(x, &v->data, "data needs a number")) return -1;
    if (writes < UINT32_MAX) writes++;
    v->stamp = writes;
    if (v->flags & RECORDED) v->flags |= WRITTEN;
    return 0;
}
static PyObject *get_grad(PyObject *self, void *closure) {
    Node *v = NODE(self);
    return v->flags & REACHED ? PyFloat_FromDouble(v->grad) : Py_NewRef(UNREACHED);
}
static int set_grad(PyObject *self, PyObject *x, void *closure) {
    Node *v = NODE(self);
    if (!x) {
        PyErr_SetString(PyExc_AttributeError, "grad cannot be deleted");
        return -1;
    }
    if (double_of(x, &v->grad, "a grad needs a number")) return -1;
    v->flags = x == UNREACHED ? v->flags & ~REACHED : v->flags | REACHED;
    return 0;
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
static PyObject *get_reached(PyObject *self, void *closure) {
    return PyBool_FromLong(NODE(self)->flags & REACHED);
}
static PyObject *get_recorded(PyObject *self, void *closure) {
    return PyBool_FromLong(NODE(self)->flags & RECORDED);
}

/* Its operands as the row groups them: a bundle for a starred one, else a tuple of one or none. */
static PyObject *get_bundles(PyObject *self, void *closure) {
    Node *v = NODE(self);
    if (!(v->flags & RECORDED)) return PyTuple_New(0);
    if (complete(v)) return NULL;
    Node *b = SECOND(v);
    if (!(v->flags & MANY)) return b ? Py_BuildValue("(O)(O)", v->a, b) : Py_BuildValue("((O))", v->a);
    if (!v->many->ys) return PyTuple_Pack(1, v->many->xs);
    if (b) return Py_BuildValue("OO(O)", v->many->xs, v->many->ys, b);
    return Py_BuildValue("OO()", v->many->xs, v->many->ys);
}

static PyObject *get_operands(PyObject *self, void *closure) {
    Node *v = NODE(self);
    if (!(v->flags & RECORDED)) return PyTuple_New(0);
    if (complete(v)) return NULL;
    Node *b = SECOND(v);
    PyObject *many[2] = {NULL, NULL};
    if (v->flags & MANY) {
        many[0] = v->many->xs;
        many[1] = v->many->ys;
    }
    Py_ssize_t n = !many[0] + (b != NULL), at = 0;
    for (int j = 0; j < 2 && many[j]; j++) n += Py_SIZE(many[j]);
    PyObject *all = PyTuple_New(n);
    if (!all) return NULL;
    for (int j = 0; j < 2 && many[j]; j++) {
        for (Py_ssize_t i = 0; i < Py_SIZE(many[j]); i++)
            PyTuple_SET_ITEM(all, at++, Py_NewRef((PyObject *)OF(many[j])[i]));
    }
    if (!many[0]) PyTuple_SET_ITEM(all, at++, Py_NewRef((PyObject *)v->a));
    if (b) PyTuple_SET_ITEM(all, at, Py_NewRef((PyObject *)b));
    return all;
}

static inline double partial_at(const Node *v, int j, Py_ssize_t i) {
    const Numbers *d = j ? v->many->dy : v->many->dx;
    return d ? d->of[i] : v->db;
}

static PyObject *get_partials(PyObject *self, void *closure) {
    Node *v = NODE(self);
    if (!(v->flags & RECORDED)) return PyTuple_New(0);
    int second = SECOND(v) || v->flags & B_NUMBER;
    if (!(v->flags & MANY))
        return second ? Py_BuildValue("(dd)", v->da, v->db) : Py_BuildValue("(d)", v->da);
    PyObject *many[2] = {v->many->xs, v->many->ys};
    Py_ssize_t n = second, at = 0;
    for (int j = 0; j < 2 && many[j]; j++) n += Py_SIZE(many[j]);
    PyObject *all = PyTuple_New(n);
    for (int j = 0; all && j < 2 && many[j]; j++) {
        for (Py_ssize_t i = 0; i < Py_SIZE(many[j]); i++) {
            PyObject *d = PyFloat_FromDouble(partial_at(v, j, i));
            if (!d) Py_CLEAR(all);
            if (!all) return NULL;
            PyTuple_SET_ITEM(all, at++, d);
        }
    }
    if (all && second) {
        PyObject *d = PyFloat_FromDouble(v->db);
        if (!d) Py_CLEAR(all);
        else PyTuple_SET_ITEM(all, at, d);
    }
    return all;
}

/* ---- bundles ---- */

static PyObject *empty_bundle(Py_ssize_t n) {
    PyObject *many = BundleType->tp_alloc(BundleType, n);
    if (many) *EXTRA(many) = (Extra){NULL, 0, 0};
    return many;
}

/* A list or tuple of nodes and numbers as a bundle; NULL without an error where in doubt, and also
   where it is for a function and there is no node in it. */
static PyObject *quick_bundle(PyObject *items, int for_function) {
    if (Py_TYPE(items) == BundleType) return Py_NewRef(items);
    if (!PyList_CheckExact(items) && !PyTuple_CheckExact(items)) return NULL;
    Py_ssize_t n = PySequence_Fast_GET_SIZE(items);
    PyObject *many = NULL;
    int tracked = 0, nodes = !for_function;
    for (Py_ssize_t i = 0; i < n && !nodes; i++) nodes = IS_NODE(PySequence_Fast_GET_ITEM(items, i));
    if (!nodes || !(many = empty_bundle(n))) return NULL;
    if (PySequence_Fast_GET_SIZE(items) != n) { /* the collector ran, and something with it */
        Py_DECREF(many);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *o = PySequence_Fast_GET_ITEM(items, i);
        double x;
        int kind = read_number(o, &x);
        OF(many)[i] = kind == 1 ? NODE(Py_NewRef(o)) : kind == 2 ? constant(x) : NULL;
        if (!OF(many)[i]) {
            Py_DECREF(many);
            return NULL;
        }
        tracked |= IS_TRACKED(OF(many)[i]);
    }
    if (!tracked) PyObject_GC_UnTrack(many);
    return many;
}

/* The same of any iterable; a stranger is Python's to lift, or to refuse. */
static PyObject *bundle_of(PyObject *items) {
    PyObject *many = quick_bundle(items, 0);
    if (many || PyErr_Occurred()) return many;
    PyObject *list = PySequence_List(items);
    if (!list) return NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        PyObject *v = PyObject_CallOneArg(lifted_lane, PyList_GET_ITEM(list, i));
        if (!v || PyList_SetItem(list, i, v)) {
            Py_DECREF(list);
            return NULL;
        }
    }
    many = quick_bundle(list, 0);
    Py_DECREF(list);
    if (!many && !PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "a bundle needs Values");
    return many;
}

static PyObject *bundle_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    PyObject *items = NULL;
    if (kwargs || !PyArg_ParseTuple(args, "|O:Bundle", &items)) {
        if (kwargs) PyErr_SetString(PyExc_TypeError, "Bundle takes no keyword arguments");
        return NULL;
    }
    return items ? bundle_of(items) : empty_bundle(0);
}

static void bundle_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    Node *dead = NULL;
    if (PyObject_GC_IsTracked(self)) PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, bundle_dealloc)
    let_go(EXTRA(self)->numbers);
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) drop(&dead, OF(self)[i]);
    while (dead) {
        Node *o = dead;
        dead = o->next;
        node_dealloc((PyObject *)o);
    }
    type->tp_free(self);
    Py_DECREF(type);
    Py_TRASHCAN_END
}

static int bundle_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    return PyTuple_Type.tp_traverse(self, visit, arg);
}

/* micrograd's n.w + [n.b] */
static PyObject *bundle_add(PyObject *self, PyObject *other) {
    if (!PyList_Check(other)) return PyTuple_Type.tp_as_sequence->sq_concat(self, other);
    PyObject *list = PySequence_List(self);
    PyObject *sum = list ? PySequence_InPlaceConcat(list, other) : NULL;
    Py_XDECREF(list);
    return sum;
}

static Numbers *new_numbers(Py_ssize_t n) {
    Numbers *numbers = PyMem_Malloc(sizeof(Numbers) + n * sizeof(double));
    if (!numbers) return (Numbers *)PyErr_NoMemory();
    numbers->refs = 1;
    numbers->n = n;
    return numbers;
}

/* The data of a bundle: it keeps them until some .data is written. Borrowed. */
static Numbers *numbers_of(PyObject *many) {
    Extra *extra = EXTRA(many);
    if (extra->numbers && extra->version == writes && writes < UINT32_MAX) return extra->numbers;
    Numbers *numbers = extra->numbers;
    if (!numbers || numbers->refs > 1) {
        if (!(numbers = new_numbers(Py_SIZE(many)))) return NULL;
        let_go(extra->numbers);
        extra->numbers = numbers;
    }
    for (Py_ssize_t i = 0; i < numbers->n; i++) numbers->of[i] = OF(many)[i]->data;
    extra->version = writes;
    return numbers;
}

/* ---- n-ary results ---- */

static PyObject *made_many(PyObject *op, int cut, double y, PyObject *xs, Numbers *dx, PyObject *ys,
                           Numbers *dy, PyObject *c, double db) {
    int tracked = PyObject_GC_IsTracked(xs) || (ys && PyObject_GC_IsTracked(ys));
    Node *v = fresh(!cut && (tracked || (c && IS_TRACKED(c))));
    if (!v) return NULL;
    v->data = y;
    v->op = Py_NewRef(op);
    if (cut) return (PyObject *)v;
    if (!(v->many = PyMem_Malloc(sizeof(Many)))) {
        Py_DECREF(shown(v));
        return PyErr_NoMemory();
    }
    if (dx) dx->refs++;
    if (dy) dy->refs++;
    *v->many = (Many){Py_NewRef(xs), Py_XNewRef(ys), dx, dy};
    v->b = NODE(Py_XNewRef(c));
    v->db = db;
    v->flags |= RECORDED | MANY;
    return shown(v);
}

/* Python's sum() of floats, which compensates from 3.12 on. */
typedef struct { double sum, lost; } Sum;
static inline void add_to(Sum *s, double x) {
#if PY_VERSION_HEX >= 0x030C0000
    double t = s->sum + x;
    s->lost += fabs(s->sum) >= fabs(x) ? (s->sum - t) + x : (x - t) + s->sum;
    s->sum = t;
#else
    s->sum += x;
#endif
}
static inline double sum_of(Sum *s) {
    return s->lost && isfinite(s->lost) ? s->sum + s->lost : s->sum;
}

/* dot(a, b, c): NULL without an error where in doubt. */
static PyObject *quick_dot(PyObject *const *args, Py_ssize_t n, int for_function) {
    int cut = MODE;
    if (n < 2 || n > 3 || cut < 0) return NULL;
    PyObject *c = n == 3 && args[2] != Py_None ? args[2] : NULL, *y = NULL;
    double bias = 0.0;
    int kind = c ? read_number(c, &bias) : 0;
    if (c && !kind) return NULL;
    PyObject *xs = quick_bundle(args[0], for_function && kind != 1), *ys = NULL;
    if (!xs && for_function && kind != 1 && !PyErr_Occurred()) { /* the nodes may be in b */
        if ((ys = quick_bundle(args[1], 1))) xs = quick_bundle(args[0], 0);
    } else if (xs) ys = quick_bundle(args[1], 0);
    if (xs && ys && Py_SIZE(xs) == Py_SIZE(ys)) {
        Numbers *a = numbers_of(xs), *b = a ? numbers_of(ys) : NULL;
        Sum sum = {0.0, 0.0};
        for (Py_ssize_t i = 0; b && i < a->n; i++) add_to(&sum, a->of[i] * b->of[i]);
        double total = sum_of(&sum) + bias;
        PyObject *lifted = b && kind == 2 ? (PyObject *)constant(bias) : Py_XNewRef(c);
        if (b && !PyErr_Occurred() && total - total == 0.0)
            y = made_many(row_of[ROW_dot], cut, total, xs, b, ys, a, lifted, 1.0);
        Py_XDECREF(lifted);
    }
    Py_XDECREF(xs);
    Py_XDECREF(ys);
    return y;
}

/* total, mean and logsumexp of a sequence, likewise. */
static PyObject *quick_whole(int k, PyObject *items, int for_function) {
    int cut = MODE;
    PyObject *xs = cut < 0 ? NULL : quick_bundle(items, for_function), *result = NULL;
    Numbers *x = xs && Py_SIZE(xs) ? numbers_of(xs) : NULL, *dx = NULL;
    if (x) {
        Sum sum = {0.0, 0.0}, peaks = {0.0, 0.0}, weights = {0.0, 0.0};
        double y, d = 1.0;
        Py_ssize_t n = x->n;
        if (k == ROW_logsumexp) {
            double peak = x->of[0];
            for (Py_ssize_t i = 1; i < n; i++) peak = x->of[i] > peak ? x->of[i] : peak;
            if (!isfinite(peak)) peak = 0.0;
            for (Py_ssize_t i = 0; i < n; i++) {
                add_to(&sum, x->of[i] == peak ? 0.0 : exp(x->of[i] - peak));
                add_to(&peaks, x->of[i] == peak ? 1.0 : 0.0);
            }
            y = peak + log1p(sum_of(&sum) + (sum_of(&peaks) - 1.0));
            if (y - y == 0.0 && (dx = new_numbers(n))) {
                for (Py_ssize_t i = 0; i < n; i++) add_to(&weights, dx->of[i] = exp(x->of[i] - y));
                for (Py_ssize_t i = 0; i < n; i++) dx->of[i] /= sum_of(&weights);
            }
        } else {
            for (Py_ssize_t i = 0; i < n; i++) add_to(&sum, x->of[i]);
            y = k == ROW_mean ? sum_of(&sum) / (double)n : sum_of(&sum);
            if (k == ROW_mean) d = 1.0 / (double)n;
        }
        if (y - y == 0.0 && !PyErr_Occurred())
            result = made_many(row_of[k], cut, y, xs, dx, NULL, NULL, NULL, d);
        let_go(dx);
    }
    Py_XDECREF(xs);
    return result;
}

/* The recorders of n-ary rows, which take bundles. */
#define NARY(name, QUICK)                                                                          \
    static PyObject *name##_row(PyObject *module, PyObject *const *args, Py_ssize_t n) {           \
        PyObject *y = QUICK;                                                                       \
        if (y || PyErr_Occurred()) return y;                                                       \
        return PyObject_Vectorcall(lane_of[ROW_##name], args, n, NULL);                            \
    }
NARY(dot, quick_dot(args, n, 0))
NARY(total, n == 1 ? quick_whole(ROW_total, args[0], 0) : NULL)
NARY(mean, n == 1 ? quick_whole(ROW_mean, args[0], 0) : NULL)
NARY(logsumexp, n == 1 ? quick_whole(ROW_logsumexp, args[0], 0) : NULL)

/* ---- the reverse pass, in the order of reverse.py ---- */

typedef struct { Node **of; size_t n, room; } List;
static int push(List *list, Node *v) {
    if (list->n == list->room) {
        size_t room = list->room ? 2 * list->room : 256;
        Node **of = PyMem_Realloc(list->of, room * sizeof *of);
        if (!of) return -1;
        list->of = of;
        list->room = room;
    }
    list->of[list->n++] = v;
    return 0;
}

static inline int meet(List *met, Node *v) {
    if (!(v->flags & RECORDED)) return 0;
    if (!v->uses) {
        if (push(met, v)) return -1;
        v->grad = 0.0;
    }
    v->uses++;
    return 0;
}

/* All results that output is made from, output first, how often each is used, and which leaves lie
   in bundles. leaf is called for each leaf, if it is not NULL. */
static int meet_all(List *met, Node *output, void (*leaf)(Node *)) {
    if (push(met, output)) return -1;
    for (size_t k = 0; k < met->n; k++) {
        Node *v = met->of[k], *ab[2] = {v->flags & (A_NUMBER | MANY) ? NULL : v->a, SECOND(v)};
        if (v->flags & MANY) {
            PyObject *many[2] = {v->many->xs, v->many->ys};
            for (int j = 0; j < 2 && many[j]; j++) {
                if (EXTRA(many[j])->uses++) continue;
                for (Py_ssize_t i = 0, n = Py_SIZE(many[j]); i < n; i++) {
                    Node *o = OF(many[j])[i];
                    if (!(o->flags & RECORDED)) {
                        o->grad += 0.0; /* reached, even if only zeros come */
                        o->flags |= REACHED;
                        if (leaf) leaf(o);
                    } else if (meet(met, o)) return -1;
                }
            }
        }
        for (int j = 0; j < 2; j++) {
            if (!ab[j]) continue;
            if (leaf && !(ab[j]->flags & RECORDED)) leaf(ab[j]);
            if (meet(met, ab[j])) return -1;
        }
    }
    return 0;
}
static void forget_all(List *met) {
    for (size_t k = 0; k < met->n; k++) {
        Node *v = met->of[k];
        v->uses = 0;
        if (v->flags & MANY) {
            EXTRA(v->many->xs)->uses = 0;
            if (v->many->ys) EXTRA(v->many->ys)->uses = 0;
        }
    }
    PyMem_Free(met->of);
}

/* Whether an operand's data were written after v was recorded, or its own. */
static int is_stale(const Node *v) {
    if (v->flags & WRITTEN) return 1;
    const Node *b = SECOND(v);
    if (v->flags & MANY) {
        PyObject *many[2] = {v->many->xs, v->many->ys};
        for (int j = 0; j < 2 && many[j]; j++)
            for (Py_ssize_t i = 0; i < Py_SIZE(many[j]); i++)
                if (OF(many[j])[i]->stamp > v->stamp) return 1;
    } else if (!(v->flags & A_NUMBER) && v->a->stamp > v->stamp) return 1;
    return b && b->stamp > v->stamp;
}

static inline void leave(List *ready, Node *v) {
    if (v->uses && !--v->uses) ready->of[ready->n++] = v;
}

/* The chain rule. Gives the results, output first, if some of their data may have changed since they
   were recorded, else None. */
static PyObject *reverse_pass(Node *output, double seed) {
    List met = {NULL, 0, 0}, ready = {NULL, 0, 0};
    PyObject *changed = Py_None;
    int stale = 0;
    if (meet_all(&met, output, NULL) || !(ready.of = PyMem_Malloc(met.n * sizeof *ready.of))) {
        forget_all(&met);
        return PyErr_NoMemory();
    }
    output->grad = seed;
    ready.of[ready.n++] = output;
    for (size_t k = 0; k < ready.n; k++) {
        Node *v = ready.of[k], *b = SECOND(v);
        const double grad = v->grad;
        v->flags |= REACHED;
        if (v->stamp != writes || v->flags & WRITTEN) stale = stale || is_stale(v);
        if (v->flags & MANY) {
            PyObject *many[2] = {v->many->xs, v->many->ys};
            /* It is finite only if its operands and partials are; then a grad of 0 adds zeros. */
            for (int j = 0; j < 2 && many[j] && (grad != 0.0 || !isfinite(v->data)); j++) {
                const Numbers *d = j ? v->many->dy : v->many->dx;
                Node **of = OF(many[j]);
                Py_ssize_t n = Py_SIZE(many[j]);
                if (d) for (Py_ssize_t i = 0; i < n; i++) of[i]->grad += d->of[i] * grad;
                else for (Py_ssize_t i = 0; i < n; i++) of[i]->grad += v->db * grad;
            }
            for (int j = 0; j < 2 && many[j]; j++) {
                if (--EXTRA(many[j])->uses) continue;
                for (Py_ssize_t i = 0, n = Py_SIZE(many[j]); i < n; i++) leave(&ready, OF(many[j])[i]);
            }
        } else if (!(v->flags & A_NUMBER)) {
            v->a->grad += v->da * grad;
            v->a->flags |= REACHED;
            leave(&ready, v->a);
        }
        if (b) {
            b->grad += v->db * grad;
            b->flags |= REACHED;
            leave(&ready, b);
        }
    }
    if (ready.n != met.n) {
        PyMem_Free(ready.of);
        forget_all(&met);
        PyErr_SetString(GraphError, "a value is made from itself: compute it anew");
        return NULL;
    }
    if (stale && (changed = PyList_New(met.n)))
        for (size_t k = 0; k < met.n; k++)
            PyList_SET_ITEM(changed, k, Py_NewRef((PyObject *)ready.of[k]));
    PyMem_Free(met.of);
    PyMem_Free(ready.of);
    return stale ? changed : Py_NewRef(Py_None);
}

static PyObject *pass_from(PyObject *self, double seed) {
    Py_INCREF(self);
    PyObject *changed = reverse_pass(NODE(self), seed);
    Py_DECREF(self);
    return changed;
}
static PyObject *node_pass(PyObject *self, PyObject *seed) {
    double x;
    return double_of(seed, &x, "a seed needs a number") ? NULL : pass_from(self, x);
}

/* backward(seed), where nothing is guarded or watched. */
static PyObject *node_backward(PyObject *self, PyObject *const *args, Py_ssize_t n,
                               PyObject *names) {
    int plain = n == 0 || (n == 1 && PyFloat_CheckExact(args[0]));
    PyObject *who = NULL;
    if (names || !(NODE(self)->flags & RECORDED) || PyDict_GET_SIZE(guarded)) plain = 0;
    if (plain && PyContextVar_Get(watcher, NULL, &who) < 0) return NULL;
    Py_XDECREF(who);
    if (!plain || who != Py_None) return call_with(backward_lane, self, args, n, names);
    PyObject *changed = pass_from(self, n ? PyFloat_AS_DOUBLE(args[0]) : 1.0);
    if (!changed || changed == Py_None) return changed;
    PyObject *none = PyObject_CallOneArg(look_lane, changed);
    Py_DECREF(changed);
    return none;
}

static void unreach(Node *v) {
    v->grad = 0.0;
    v->flags &= ~REACHED;
}
static PyObject *node_zero_grad(PyObject *self, PyObject *none) {
    List met = {NULL, 0, 0};
    if (!(NODE(self)->flags & RECORDED)) {
        unreach(NODE(self));
        Py_RETURN_NONE;
    }
    int failed = meet_all(&met, NODE(self), unreach);
    for (size_t k = 0; k < met.n; k++) unreach(met.of[k]);
    forget_all(&met);
    if (failed) return PyErr_NoMemory();
    Py_RETURN_NONE;
}

/* ---- what is left of a number ---- */

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

/* become(origin): a leaf turns into a result that equals it. */
static PyObject *node_become(PyObject *self, PyObject *origin) {
    Node *v = NODE(self);
    if (!IS_NODE(origin) || v->flags & RECORDED) {
        PyErr_SetString(PyExc_TypeError, "become needs a leaf, and a Value that it shall equal");
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
    if (MODE < 0 || !read_number(p, &a) || !read_number(q, &b))
        return PyErr_Occurred() ? NULL : PyObject_CallFunction(compare_lane, "iOO", sign, p, q);
    Py_RETURN_RICHCOMPARE(a, b, sign);
}

/* ---- the rows: a line each in rows.h ---- */

#define NOT_FINITE(y, d) ((y - y) + (d - d) != 0.0)

#define UNARY(name, Y, DX)                                                                         \
    static PyObject *op_##name(PyObject *self, PyObject *none) {                                   \
        const double x = DATA(self), y = Y, dx = DX;                                               \
        const int cut = MODE;                                                                      \
        if (cut < 0 || NOT_FINITE(y, dx)) return lane(ROW_##name, self, NULL);                     \
        return made1(ROW_##name, cut, y, self, dx);                                                \
    }
#define UNARY_ONE(name, c, C, Y, DX)                                                               \
    static PyObject *with_##name(PyObject *self, double c, int cut) {                              \
        const double x = DATA(self), y = Y, dx = DX;                                               \
        if (cut < 0 || NOT_FINITE(y, dx)) return NULL;                                             \
        return made1_with(ROW_##name, cut, y, self, dx, ONE, c, 0.0);                              \
    }                                                                                              \
    static PyObject *op_##name(PyObject *self, PyObject *const *args, Py_ssize_t nargs,            \
                               PyObject *names) {                                                  \
        double c = C;                                                                              \
        PyObject *v = NULL;                                                                        \
        if (!names && nargs < 2 && (!nargs || read_number(args[0], &c) == 2))                              \
            v = with_##name(self, c, MODE);                                                        \
        if (v || PyErr_Occurred()) return v;                                                       \
        return call_with(lane_of[ROW_##name], self, args, nargs, names);                           \
    }
#define UNARY_TWO(name, c, C, d, D, Y, DX)                                                         \
    static PyObject *op_##name(PyObject *self, PyObject *const *args, Py_ssize_t nargs,            \
                               PyObject *names) {                                                  \
        double c = C, d = D;                                                                       \
        if (!names && nargs < 3 && (nargs < 1 || read_number(args[0], &c) == 2) &&                         \
            (nargs < 2 || read_number(args[1], &d) == 2)) {                                        \
            const double x = DATA(self), y = Y, dx = DX;                                           \
            const int cut = MODE;                                                                  \
            if (cut >= 0 && !NOT_FINITE(y, dx))                                                    \
                return made1_with(ROW_##name, cut, y, self, dx, TWO, c, d);                        \
        }                                                                                          \
        return call_with(lane_of[ROW_##name], self, args, nargs, names);                           \
    }
#define BINARY(name, Y, DA, DB)                                                                    \
    static PyObject *op_##name(PyObject *p, PyObject *q) {                                         \
        double a, b;                                                                               \
        const int kp = read_number(p, &a), kq = read_number(q, &b), cut = MODE;                    \
        if (!kp || !kq || cut < 0) return lane(ROW_##name, p, q);                                  \
        const double y = Y, da = DA, db = DB;                                                      \
        if (NOT_FINITE(y, da) || db - db != 0.0) return lane(ROW_##name, p, q);                    \
        return made2(ROW_##name, cut, y, p, kp, a, da, q, kq, b, db);                              \
    }                                                                                              \
    static PyObject *named_##name(PyObject *p, PyObject *q) {                                      \
        double b;                                                                                  \
        return read_number(q, &b) ? op_##name(p, q) : lane(NAMED + ROW_##name, p, q);              \
    }
#define BINARY_ONE(name, c, C, Y, DA, DB)                                                          \
    static PyObject *op_##name(PyObject *p, PyObject *const *args, Py_ssize_t nargs,               \
                               PyObject *names) {                                                  \
        double a = DATA(p), b, c = C;                                                              \
        if (!names && nargs > 0 && nargs < 3 && (nargs < 2 || read_number(args[1], &c) == 2)) {                \
            const int kq = read_number(args[0], &b), cut = kq ? MODE : -1;                         \
            const double y = Y, da = DA, db = DB;                                                  \
            if (cut >= 0 && !NOT_FINITE(y, da) && db - db == 0.0)                                  \
                return with_note(                                                                  \
                    made2(ROW_##name, cut, y, p, 1, a, da, args[0], kq, b, db), c);                \
        }                                                                                          \
        return call_with(lane_of[ROW_##name], p, args, nargs, names);                                  \
    }

#include "rows.c"

static PyObject *node_power(PyObject *p, PyObject *q, PyObject *modulus) {
    double a, b;
    const int kp = read_number(p, &a), kq = read_number(q, &b);
    if (modulus != Py_None) Py_RETURN_NOTIMPLEMENTED;
    if (kp && kq == 1) return op_pow(p, q);
    PyObject *v = kp == 1 && kq == 2 ? with_power(p, b, MODE) : NULL;
    if (v || PyErr_Occurred()) return v;
    return PyObject_CallFunctionObjArgs(power_lane, p, q, NULL);
}

/* ---- functions: quick on Values, and else the function in Python that they wrap ---- */

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    PyObject *wrapped, *weak;
    int k;
} Function;

static PyObject *function_call(PyObject *self, PyObject *const *args, size_t nargsf,
                               PyObject *names) {
    Function *f = (Function *)self;
    Py_ssize_t n = PyVectorcall_NARGS(nargsf);
    PyObject *y = NULL;
    double x;
    if (!names && n) {
        if (f->k == ROW_dot) y = quick_dot(args, n, 1);
        else if (!call_of[f->k]) y = n == 1 ? quick_whole(f->k, args[0], 1) : NULL;
        else if (n == operands_of[f->k] && n == 1 && IS_NODE(args[0]))
            return call_of[f->k](args[0], NULL);
        else if (n == operands_of[f->k] && n == 2 && (IS_NODE(args[0]) || IS_NODE(args[1])) &&
                 read_number(args[0], &x) && read_number(args[1], &x))
            return call_of[f->k](args[0], args[1]);
        if (y || PyErr_Occurred()) return y;
    }
    return PyObject_Vectorcall(f->wrapped, args, nargsf, names);
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
static PyObject *function_repr(PyObject *self) { return PyObject_Repr(((Function *)self)->wrapped); }
static PyObject *function_reduce(PyObject *self, PyObject *protocol) {
    return PyObject_GetAttrString(self, "__qualname__");
}
static PyMemberDef FUNCTION_MEMBERS[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(Function, call), READONLY},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(Function, weak), READONLY},
    {NULL},
};
static PyMethodDef FUNCTION_METHODS[] = {{"__reduce_ex__", function_reduce, METH_O}, {NULL}};
static PyType_Slot FUNCTION_SLOTS[] = {
    {Py_tp_dealloc, function_dealloc}, {Py_tp_traverse, function_traverse},
    {Py_tp_getattro, function_attribute}, {Py_tp_repr, function_repr}, {Py_tp_call, PyVectorcall_Call},
    {Py_tp_members, FUNCTION_MEMBERS}, {Py_tp_methods, FUNCTION_METHODS}, {0, NULL},
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
    if (k < 0 || !operands_of[k]) return Py_NewRef(wrapped);
    Function *f = PyObject_GC_New(Function, FunctionType);
    if (!f) return NULL;
    f->call = function_call;
    f->wrapped = Py_NewRef(wrapped);
    f->weak = NULL;
    f->k = k;
    PyObject_GC_Track(f);
    return (PyObject *)f;
}

/* ---- the module ---- */

static Numbers *numbers_from(PyObject *items) {
    PyObject *all = PySequence_Tuple(items);
    Numbers *numbers = all ? new_numbers(PyTuple_GET_SIZE(all)) : NULL;
    for (Py_ssize_t i = 0; numbers && i < numbers->n; i++)
        numbers->of[i] = PyFloat_AsDouble(PyTuple_GET_ITEM(all, i));
    Py_XDECREF(all);
    if (numbers && PyErr_Occurred()) {
        let_go(numbers);
        return NULL;
    }
    return numbers;
}

/* record(op, y, bundles, partials, constants, tracked): see storage.py. A Value, two, a bundle, or
   two bundles and a Value or None. */
static PyObject *record(PyObject *module, PyObject *args) {
    PyObject *op, *of, *by, *constants, *v = NULL;
    double y, d[3] = {0.0, 0.0, 0.0};
    int tracked = 0, bundles = 0, nodes = 0;
    if (!PyArg_ParseTuple(args, "OdO!O!O!|p", &op, &y, &PyTuple_Type, &of, &PyTuple_Type, &by,
                          &PyTuple_Type, &constants, &tracked))
        return NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(of);
    PyObject **given = ((PyTupleObject *)of)->ob_item;
    if (n == 3 && given[2] == Py_None) n = 2;
    for (Py_ssize_t i = 0; i < n && i < 3 && i < PyTuple_GET_SIZE(by); i++) {
        if (Py_TYPE(given[i]) == BundleType && !nodes) bundles++;
        else if (IS_NODE(given[i])) {
            nodes++;
            tracked |= IS_TRACKED(given[i]);
            d[i] = PyFloat_AsDouble(PyTuple_GET_ITEM(by, i));
            if (PyErr_Occurred()) return NULL;
        }
    }
    int fits = bundles == 0 ? n == 1 || n == 2 : bundles == 1 ? n == 1 : bundles == 2 && nodes < 2;
    if (!fits || n != bundles + nodes)
        return PyErr_Format(PyExc_TypeError, "record needs operands and a partial by each, got %R", of);
    if (!bundles) {
        Node *new = fresh(tracked);
        if (!new) return NULL;
        new->data = y;
        new->op = Py_NewRef(op);
        new->a = NODE(Py_NewRef(given[0]));
        new->b = n == 2 ? NODE(Py_NewRef(given[1])) : NULL;
        new->da = d[0];
        new->db = d[1];
        new->flags |= RECORDED;
        v = shown(new);
    } else {
        PyObject *ys = bundles == 2 ? given[1] : NULL;
        Numbers *dx = numbers_from(PyTuple_GET_ITEM(by, 0));
        Numbers *dy = dx && ys ? numbers_from(PyTuple_GET_ITEM(by, 1)) : NULL;
        if (dx && (dy || !ys) && (dx->n != Py_SIZE(given[0]) || (ys && dy->n != Py_SIZE(ys))))
            PyErr_SetString(PyExc_ValueError, "record needs a partial for each value of a bundle");
        else if (dx && (dy || !ys))
            v = made_many(op, 0, y, given[0], dx, ys, dy, nodes ? given[2] : NULL, d[2]);
        let_go(dx);
        let_go(dy);
    }
    if (v && PyTuple_GET_SIZE(constants) && !(NODE(v)->note = Py_BuildValue("(sO)", "", constants)))
        Py_CLEAR(v);
    return v;
}

static PyObject *constant_function(PyObject *module, PyObject *x) {
    double d;
    if (double_of(x, &d, "arithmetic with a Value needs numbers")) return NULL;
    return (PyObject *)constant(d);
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
        {"power", &power_lane}, {"backward", &backward_lane}, {"look", &look_lane}, {"GraphError", &GraphError},
    };
    PyObject *lanes, *rows;
    if (!PyArg_ParseTuple(args, "OO!O!", &ValueType, &PyDict_Type, &lanes, &PyDict_Type, &rows))
        return NULL;
    Py_INCREF(ValueType);
    for (size_t i = 0; i < sizeof GIVEN / sizeof *GIVEN; i++) {
        PyObject *o = PyDict_GetItemString(lanes, GIVEN[i].name);
        if (!o) return PyErr_Format(PyExc_KeyError, "%s", GIVEN[i].name);
        *GIVEN[i].place = Py_NewRef(o);
    }
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
    {"data", get_data, set_data, "The number; assigning it changes what operations read from now on."},
    {"grad", get_grad, set_grad, "The derivative of a pass's output by this value; 0.0 until a pass "
     "reaches it."},
    {"label", get_label, set_label, "The name that errors, drawings and explanations use."},
    {"op", get_op, set_op, "The row of the table that made it; None of a leaf."},
    {"reached", get_reached, NULL, "Whether a reverse pass (or an assignment) has set its grad."},
    {"recorded", get_recorded, NULL, "Whether it has operands to pass its grad on to."},
    {"constants", get_constants, NULL, "The constants of its operation: the exponent of a power, the "
     "bounds of a clip."},
    {"bundles", get_bundles, NULL, "Its operands, grouped as its row names them."},
    {"operands", get_operands, NULL, "The values that it was made from; none for a leaf."},
    {"_data", get_data, set_data}, {"_grad", get_grad, set_grad}, {"_partials", get_partials},
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
    {"become", node_become, METH_O, "Turn this leaf into a result that equals origin: from now on "
     "it passes its grad on."},
    {"_pass", node_pass, METH_O}, {"_cut", node_cut, METH_NOARGS}, {NULL},
};
static PyMemberDef MEMBERS[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(Node, weak), READONLY}, {NULL},
};
static PyType_Slot SLOTS[] = {
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
    {"quick", quick, METH_O},
    {"bundle", QUICKLY(bundle_function), METH_FASTCALL | METH_KEYWORDS,
     "bundle($module, /, values, *, read=False)\n--\n\nGather Values and numbers into operands for "
     "total, mean, dot and logsumexp."},
    {"total", QUICKLY(total_row), METH_FASTCALL}, {"mean", QUICKLY(mean_row), METH_FASTCALL},
    {"dot", QUICKLY(dot_row), METH_FASTCALL}, {"logsumexp", QUICKLY(logsumexp_row), METH_FASTCALL},
    {NULL},
};
static struct PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, "library", NULL, -1, FUNCTIONS};

PyMODINIT_FUNC PyInit_library(void) {
    PyObject *module = PyModule_Create(&MODULE), *math = PyImport_ImportModule("math");
    BUNDLE_SPEC.basicsize = (int)(PyTuple_Type.tp_basicsize + sizeof(Extra));
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
        PyModule_AddIntConstant(module, "SIZE", sizeof(Node)))
        return NULL;
    return module;
}
