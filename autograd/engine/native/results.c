/* Results: what the rows need, a line each in rows.c. */

/* CPython's own algorithm, another one in each version: asked, not copied; once for a row's formulas. */
static double hypot_(double a, double b) {
    static double last_a = NAN, last_b = NAN, last;
    if (a == last_a && b == last_b) return last;
    PyObject *y = PyObject_CallFunction(math_hypot, "dd", a, b);
    if (!y) {
        PyErr_Clear(); /* nan: the lane says what happened */
        return NAN;
    }
    last_a = a, last_b = b, last = PyFloat_AS_DOUBLE(y);
    Py_DECREF(y);
    return last;
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
    return from_lane(PyObject_Vectorcall(lane_of[k], args, q ? 2 : 1, NULL));
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
    return from_lane(y);
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

static PyObject *made1(int k, int mode, double y, PyObject *x, double dx) {
    Node *v = result(k, y, mode != CUT && IS_TRACKED(x));
    if (!v || mode == CUT) return (PyObject *)v;
    v->flags |= RECORDED;
    v->a = NODE(Py_NewRef(x));
    v->da = dx;
    return kept(v, mode);
}

/* The same with constants: flag says how many. */
static PyObject *made1_with(int k, int mode, double y, PyObject *x, double dx, int flag, double c,
                            double d) {
    Node *v = NODE(made1(k, mode, y, x, dx));
    if (v) {
        v->flags |= flag;
        v->db = c;
        if (flag == TWO) v->b_number = d;
    }
    return (PyObject *)v;
}

static PyObject *made2(int k, int mode, double y, PyObject *p, int kp, double a, double da,
                       PyObject *q, int kq, double b, double db) {
    Node *v = result(k, y, mode != CUT && ((kp == 1 && IS_TRACKED(p)) || (kq == 1 && IS_TRACKED(q))));
    if (!v || mode == CUT) return (PyObject *)v;
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
    return kept(v, mode);
}

static PyObject *with_note(PyObject *v, double c) {
    static PyObject *holds; /* of most conditions */
    if (!holds) holds = Py_BuildValue("(s(d))", "", 1.0);
    if (v && !(NODE(v)->note = c == 1.0 ? Py_XNewRef(holds) : Py_BuildValue("(s(d))", "", c))) Py_CLEAR(v);
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
