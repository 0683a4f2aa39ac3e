/* What a node is, and what Python gave us. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

#include <math.h>
#include <stddef.h>
#include <stdint.h>

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
    uint32_t uses;              /* by results, during a pass; else 0 */
    uint32_t flags;
    uint32_t stamp; /* how many .data had been written when it was recorded, or written itself */
    uint32_t index; /* where it is among a recording's results, if it is there */
    union { Node *a; double a_number; };   /* a number stands for itself until operands are asked */
    union { Node *b; double b_number; };
    union { double da; Many *many; };
    double db;
    PyObject *op, *note, *weak; /* note: a label, or (label, constants) */
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
    UNMADE = 512,   /* of a subclass, whose __init__ has not called ours yet */
    WRITTEN = 256,  /* its .data was assigned after it was recorded */
    INPUT = 1024,   /* of a recording */
    TAKEN = 2048,   /* a result of a function that is being recorded */
};

static PyTypeObject *StorageType, *BundleType, *ValueType;
static uint32_t writes = 1; /* how many .data were written; it stops at its largest number */

/* A node that is looked at soon: a graph is larger than the nearest cache, and lies scattered. */
#define SOON(v) (__builtin_prefetch(v), __builtin_prefetch((char *)(v) + 64))
#define NODE(o) ((Node *)(o))
#define DATA(o) (NODE(o)->data)
#define IS_NODE(o) (Py_TYPE(o) == ValueType || PyType_IsSubtype(Py_TYPE(o), StorageType))
#define IS_TRACKED(o) (NODE(o)->flags & TRACKED)
#define SECOND(v) ((v)->flags & (B_NUMBER | TWO) ? NULL : (v)->b)
#define OF(bundle) ((Node **)((PyTupleObject *)(bundle))->ob_item)
#define EXTRA(bundle) ((Extra *)(((PyTupleObject *)(bundle))->ob_item + Py_SIZE(bundle)))

#include "rows.h" /* COUNT, ROW_add, ROW_subtract ... */

/* What Python gave us: see adopt. */
static PyObject *row_of[COUNT + 6], *lane_of[2 * COUNT]; /* of BINARY rows by name: NAMED + row */
enum { NAMED = COUNT, COMPARED = COUNT }; /* rows of comparisons, in the order of Py_LT and so on */
static PyObject *CONSTANT, *POSITIVE, *UNREACHED, *paused, *guarded, *tracer, *no_grad, *watcher;
static PyObject *number_lane, *label_lane, *lifted_lane, *init_lane, *compare_lane, *power_lane;
static PyObject *backward_lane, *look_lane, *ask_lane, *math_hypot, *GraphError;
