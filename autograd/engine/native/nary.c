/* The rows of many operands: total, mean, dot, logsumexp, largest, smallest. */

static PyObject *made_many(PyObject *op, int mode, double y, PyObject *xs, Numbers *dx,
                           PyObject *ys, Numbers *dy, PyObject *c, double db) {
    int tracked = PyObject_GC_IsTracked(xs) || (ys && PyObject_GC_IsTracked(ys));
    Node *v = fresh(mode != CUT && (tracked || (c && IS_TRACKED(c))));
    if (!v) return NULL;
    v->data = y;
    v->op = Py_NewRef(op);
    if (mode == CUT) return (PyObject *)v;
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
    return kept(v, mode);
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

/* A list or tuple of plain numbers; NULL without an error where it is something else. */
static Numbers *plain_numbers(PyObject *items) {
    if (!PyList_CheckExact(items) && !PyTuple_CheckExact(items)) return NULL;
    Numbers *x = new_numbers(PySequence_Fast_GET_SIZE(items));
    for (Py_ssize_t i = 0; x && i < x->n; i++) {
        if (read_number(PySequence_Fast_GET_ITEM(items, i), x->of + i) == 2) continue;
        let_go(x);
        return NULL;
    }
    return x;
}

/* dot(a, b, c): NULL without an error where in doubt. */
static PyObject *quick_dot(PyObject *const *args, Py_ssize_t n, int for_function) {
    const int mode = MODE;
    if (n < 2 || n > 3 || mode < 0) return NULL;
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
            y = made_many(row_of[ROW_dot], mode, total, xs, b, ys, a, lifted, 1.0);
        Py_XDECREF(lifted);
    }
    Py_XDECREF(xs);
    Py_XDECREF(ys);
    Numbers *p = !xs && !ys && for_function && kind != 1 && !PyErr_Occurred() ? plain_numbers(args[0]) : NULL;
    Numbers *q = p ? plain_numbers(args[1]) : NULL;
    if (q && p->n == q->n) {
        Sum sum = {0.0, 0.0};
        for (Py_ssize_t i = 0; i < p->n; i++) add_to(&sum, p->of[i] * q->of[i]);
        const double total = sum_of(&sum) + bias;
        if (total - total == 0.0) y = PyFloat_FromDouble(total);
    }
    let_go(p);
    let_go(q);
    return y;
}

/* The number of an n-ary row. */
static double of_many(int k, const double *x, Py_ssize_t n) {
    Sum sum = {0.0, 0.0}, peaks = {0.0, 0.0};
    double y = x[0];
    if (k == ROW_total || k == ROW_mean) {
        for (Py_ssize_t i = 0; i < n; i++) add_to(&sum, x[i]);
        return k == ROW_mean ? sum_of(&sum) / (double)n : sum_of(&sum);
    }
    const int nan_stays = k != ROW_logsumexp;
    for (Py_ssize_t i = 1; i < n; i++) {
        if ((k == ROW_smallest ? x[i] < y : x[i] > y) || (nan_stays && x[i] != x[i])) y = x[i];
        if (nan_stays && y != y) break;
    }
    if (nan_stays) return y;
    if (!isfinite(y)) y = 0.0;
    for (Py_ssize_t i = 0; i < n; i++) {
        add_to(&sum, x[i] == y ? 0.0 : exp(x[i] - y));
        add_to(&peaks, x[i] == y ? 1.0 : 0.0);
    }
    return y + log1p(sum_of(&sum) + (sum_of(&peaks) - 1.0));
}

/* The others, of a sequence, likewise; a function of plain numbers gives one. */
static PyObject *quick_whole(int k, PyObject *items, int for_function) {
    const int mode = MODE;
    PyObject *xs = mode < 0 ? NULL : quick_bundle(items, for_function), *result = NULL;
    Numbers *x = xs && Py_SIZE(xs) ? numbers_of(xs) : NULL, *dx = NULL;
    if (x) {
        const double y = of_many(k, x->of, x->n);
        const Py_ssize_t n = x->n;
        if (y - y == 0.0 && k != ROW_total && k != ROW_mean && (dx = new_numbers(n))) {
            Sum weights = {0.0, 0.0};
            const int is_soft = k == ROW_logsumexp;
            for (Py_ssize_t i = 0; i < n; i++)
                add_to(&weights, dx->of[i] = is_soft ? exp(x->of[i] - y) : (double)(x->of[i] == y));
            for (Py_ssize_t i = 0; i < n; i++) dx->of[i] /= sum_of(&weights);
        }
        if (y - y == 0.0 && !PyErr_Occurred())
            result = made_many(row_of[k], mode, y, xs, dx, NULL, NULL, NULL, k == ROW_mean ? 1.0 / (double)n : 1.0);
        let_go(dx);
    } else if (!xs && for_function && !PyErr_Occurred() && (x = plain_numbers(items))) {
        const double y = x->n ? of_many(k, x->of, x->n) : NAN;
        if (y - y == 0.0) result = PyFloat_FromDouble(y);
        let_go(x);
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
NARY(largest, n == 1 ? quick_whole(ROW_largest, args[0], 0) : NULL)
NARY(smallest, n == 1 ? quick_whole(ROW_smallest, args[0], 0) : NULL)
