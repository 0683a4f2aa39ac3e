/* The reverse pass, in the order of reverse.py. */

enum { AHEAD = 6 };
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
        if (k + AHEAD < met->n) SOON(met->of[k + AHEAD]);
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

/* The chain rule. Gives None, or the results, output first, whose operands' data (or own) were
   written after they were recorded. */
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
        if (k + AHEAD < ready.n) SOON(ready.of[k + AHEAD]);
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
    if (stale) changed = PyList_New(0);
    for (size_t k = 0; stale && changed && k < ready.n; k++)
        if (is_stale(ready.of[k]) && PyList_Append(changed, (PyObject *)ready.of[k]))
            Py_CLEAR(changed);
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
    if (!(NODE(self)->flags & RECORDED))
        return PyErr_Format(PyExc_TypeError, "a pass needs a result, not a leaf");
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
