/* Calls of programs. What does not change between them is read once, and where all is plain C answers. */

/* A prepared call is a function of a tuple: of the runner, facts, the way back, the arguments with None for a part, makers (see
   grads_of) and the parameters. facts: how many parts there are, that is arguments or entries of them; what
   comes, see answered, and whether Python adds nothing to it; whether it is a row a sample; the most samples; how
   many arguments have grads that are wanted, these (see places); and then of each part whether it is shared, its
   container, how many axes it has and its shape. */
enum { RUNNER, FACTS_OF, WAY_BACK, LIKE, MAKERS, LEAVES };
enum { PARTS, WHAT, IS_WHOLE, IN_ROWS, MOST, WANTED, FACTS };
enum { VALUES, GRADS, ONE_GRAD, BY_PARAMETERS, EVERYTHING };
#define VIEWED(view) PyMemoryView_GET_BUFFER(view)->buf
#define FACTS_OF_CALL(call) ((const Py_ssize_t *)VIEWED(PyTuple_GET_ITEM(call, FACTS_OF)))

/* The parts of an argument, as pieces and numbers. Whether they are plain. */
typedef struct { const Py_ssize_t *facts; Given *g; Data *d; Batch b; } Parts; /* of the next one */
static int look_at(PyObject *x, PyObject *like, Parts *p) {
    PyObject *key, *inside;
    if (like != Py_None) {
        const Py_ssize_t size = PyObject_Size(like), is_dict = PyDict_Check(like);
        int fits = (is_dict ? PyDict_CheckExact(x) : PyList_Check(x) || PyTuple_Check(x)) && PyObject_Size(x) == size;
        for (Py_ssize_t i = 0, k = 0; fits && (is_dict ? PyDict_Next(like, &k, &key, &inside) : i < size); i++) {
            if (!is_dict) inside = PySequence_Fast_GET_ITEM(like, i);
            PyObject *const part = Py_XNewRef(is_dict ? PyDict_GetItem(x, key) : PySequence_Fast_GET_ITEM(x, i));
            fits = part && look_at(part, inside, p) && PyObject_Size(x) == size, Py_XDECREF(part); /* others may change x */
        }
        return fits;
    }
    const Py_ssize_t *const facts = p->facts;
    Given *const g = p->g++;
    Batch none = {0};
    g->is_shared = facts[0], g->container = facts[1], p->facts += 3 + facts[2];
    if (!look(x, facts[2], facts + 3, g, g->is_shared ? &none : &p->b) || none.samples) return 0;
    if (g->is_shared) return 1;
    p->d->to[p->d->pieces] = (Piece){.numbers = g->piece.numbers};
    p->d->from[g->place = p->d->pieces++] = g->piece;
    return 1;
}

/* The numbers of the parameters, then those of shared arguments. */
static int read_all_leaves(const Runner *r, PyObject *p, const Given *g, size_t parts, double *to) {
    const Py_ssize_t read = read_leaves(p, to, r->scalars - r->first), one = sizeof *to;
    to += read;
    for (size_t k = 0; k < parts && read >= 0; k++) if (g[k].is_shared) {
        const Piece *const x = &g[k].piece;
        if (x->by_number == one) memcpy(to, x->at, x->numbers * one);
        else for (size_t i = 0; i < x->numbers; i++) memcpy(to + i, x->at + (Py_ssize_t)i * x->by_number, one);
        to += x->numbers;
    }
    return read < 0;
}

/* The sum or the mean of the values. */
static PyObject *total_of(PyObject *values, double share) {
    if (PyFloat_CheckExact(values)) return PyFloat_FromDouble(PyFloat_AS_DOUBLE(values) + 0.0); /* no -0.0, as of other sums */
    PyObject *const sum = PyObject_CallFunctionObjArgs(add_up, values, Py_None, NULL); /* along all axes */
    const double total = sum ? PyFloat_AsDouble(sum) * share : 0.0;
    Py_XDECREF(sum);
    return sum ? PyFloat_FromDouble(total) : NULL;
}

/* VALUES: the value, or a tuple of them, or an array of a row a sample; GRADS, ONE_GRAD: with a tuple of the grads
   by arguments, or the one that is wanted. BY_PARAMETERS: the sum of the first value, the array of its grads by
   parameters, and if there are more values, all of them. NULL without an exception where something is not plain
   or not finite. EVERYTHING: whether all is finite, an array of the values, the grads by arguments, and those by
   shared ones and parameters. seed: the grad of each value; 0 for that of the mean. adds: to the grads of p, and
   gives the sum alone. */
static PyObject *answered(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *p, double seed, int adds) {
    Runner *const r = (Runner *)PyTuple_GET_ITEM(self, RUNNER);
    const Py_ssize_t *const facts = FACTS_OF_CALL(self), what = facts[WHAT], in_rows = facts[IN_ROWS];
    const Py_ssize_t *const wanted = facts + FACTS, *const parts = wanted + 2 * facts[WANTED], one = sizeof(double);
    const Py_ssize_t outputs = r->plan.sizes[OUTPUTS], is_one = outputs == 1 && !in_rows && what != EVERYTHING;
    const size_t n = facts[PARTS], size = (n + 1) * (sizeof(Given) + 2 * sizeof(Piece));
    Given few[8], *const g = size <= sizeof few ? few : PyMem_Malloc(size);
    if (!g) return PyErr_NoMemory();
    for (size_t k = 0; k < n; k++) g[k] = (Given){0};
    Data d = {.from = (Piece *)(g + n + 1), .to = (Piece *)(g + n + 1) + n, .inputs = r->inputs};
    PyObject *result = NULL, *grads = NULL;
    Array *values = NULL, *dp = NULL;
    size_t narrow = 0;
    PyObject *const like = PyTuple_GET_ITEM(self, LIKE);
    Parts all = {parts, g, &d, {0}};
    int fits = count == PyTuple_GET_SIZE(like);
    for (Py_ssize_t i = 0; fits && i < count; i++) fits = look_at(args[i], PyTuple_GET_ITEM(like, i), &all);
    d.samples = all.b.samples;
    if (!fits || d.samples > (size_t)facts[MOST] || places(wanted, parts, g, &d, &narrow) < 1) goto done;
    Call c;
    const Py_ssize_t samples = d.samples, rows = samples ? samples : 1;
    d.samples = rows, d.seed = seed ? seed : 1.0 / (double)rows;
    if (begin(r, &c, rows, VIEWED(PyTuple_GET_ITEM(self, WAY_BACK)))) goto done;
    d.values = (Piece){(char *)c.values, 0, one, outputs};
    if (samples || what == EVERYTHING) {
        Py_ssize_t shape[MOST_AXES] = {outputs}, row = (in_rows ? outputs : rows) * one;
        const int first = !is_one && !in_rows, axes = samples ? all.b.axes : 1;
        memcpy(shape + first, samples ? all.b.shape : &rows, axes * one);
        if (in_rows) shape[axes] = outputs;
        if (!(values = array_of(first + axes + in_rows, shape))) goto end;
        d.values = (Piece){values->data, in_rows ? row : one, in_rows ? one : row, outputs};
    }
    if (adds) d.dp = c.values + outputs;
    else if (narrow || what >= BY_PARAMETERS) { /* an array also if it is only memory */
        if (!(dp = array_of(1, (Py_ssize_t[]){c.back.sizes[NARROW]}))) goto end;
        d.dp = DATA_OF(dp);
    }
    const int finite = read_all_leaves(r, p, g, n, c.b.s + r->first) ? -1 : go(r, &c, &d);
    if (finite < 0 || (!finite && what != EVERYTHING)) goto end;
    PyObject *found, *total = NULL;
    if (!samples && what != EVERYTHING) found = outputs == 1 ? PyFloat_FromDouble(*c.values) : floats(c.values, outputs);
    else found = is_one || in_rows || what == EVERYTHING ? Py_NewRef(values) : PySequence_Tuple((PyObject *)values);
    if (found && what == BY_PARAMETERS) total = total_of(outputs == 1 ? found : PyTuple_GET_ITEM(found, 0), d.seed);
    else if (found && what) grads = grads_of(wanted, facts[WANTED], PyTuple_GET_ITEM(self, MAKERS), g, d.dp);
    if (what == VALUES) result = Py_XNewRef(found);
    else if (total && adds) result = store_all(p, NULL, d.dp) ? NULL : Py_NewRef(total);
    else if (total) result = PyTuple_Pack(outputs == 1 ? 2 : 3, total, dp, found);
    else if (grads && what == EVERYTHING) result = PyTuple_Pack(4, finite ? Py_True : Py_False, found, grads, dp);
    else if (grads) result = PyTuple_Pack(2, found, what == GRADS ? grads : PyTuple_GET_ITEM(grads, 0));
    Py_XDECREF(found), Py_XDECREF(total);
end:
    end(r, &c);
done:
    Py_XDECREF(values), Py_XDECREF(dp), Py_XDECREF(grads);
    for (size_t k = 0; k < n; k++) {
        PyMem_Free(g[k].copy);
        Py_XDECREF(g[k].array), Py_XDECREF(g[k].indices), Py_XDECREF(g[k].made);
    }
    if (g != few) PyMem_Free(g);
    return result;
}
/* args, p, seed: the arguments, the numbers of parameters or None for theirs, and as above. */
static PyObject *prepared_call(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    if (count != 3 || !PyTuple_Check(args[0])) return PyErr_Format(PyExc_TypeError, "call needs a tuple, p, seed");
    PyObject *const *const given = ((PyTupleObject *)args[0])->ob_item, *const own = PyTuple_GET_ITEM(self, LEAVES);
    const double seed = PyFloat_AsDouble(args[2]);
    PyObject *const found = answered(self, given, PyTuple_GET_SIZE(args[0]), args[1] == Py_None ? own : args[1], seed, 0);
    return found || PyErr_Occurred() ? found : Py_NewRef(Py_None);
}
/* prepared(runner, facts, back, keys, makers, parameters): a function that calls a plan. */
static PyObject *prepared(PyObject *module, PyObject *args) {
    static PyMethodDef call = {"call", (PyCFunction)(void (*)(void))prepared_call, METH_FASTCALL, "call(args, p, seed)"};
    PyTypeObject *const view = &PyMemoryView_Type, *const tuple = &PyTuple_Type;
    PyObject *o;
    const int fits = PyArg_ParseTuple(args, "O!O!O!O!O!O!", &RunnerType, &o, view, &o, view, &o, tuple, &o, tuple, &o, tuple, &o);
    return fits ? PyCFunction_New(&call, args) : NULL;
}

/* A method of programs, to which C answers where they have a prepared call for it: under its key, or if this is
   None under argnums, if given. Of all else a function takes care. */
typedef struct { PyObject_HEAD PyObject *facts, *function, *key; vectorcallfunc call; int adds; } Method;

static PyObject *method_call(PyObject *self, PyObject *const *args, size_t flags, PyObject *names) {
    const Method *const m = (Method *)self;
    const Py_ssize_t count = PyVectorcall_NARGS(flags), options = names ? PyTuple_GET_SIZE(names) : 0;
    const int by_one = options == 1 && m->key == Py_None && PyTuple_GET_ITEM(names, 0) == argnums && PyLong_CheckExact(args[count]);
    const int is_free = count && options == by_one && !PyDict_GET_SIZE(guarded) && !PySet_GET_SIZE(differentiated);
    PyObject *const calls = is_free ? PyObject_GetAttr(args[0], calls_name) : NULL, *found = NULL;
    PyObject *call = calls ? PyDict_GetItem(calls, by_one ? args[count] : m->key) : NULL;
    call = call && PyCFunction_CheckExact(call) ? Py_NewRef(PyCFunction_GET_SELF(call)) : NULL;
    Py_XDECREF(calls);
    if (call && FACTS_OF_CALL(call)[IS_WHOLE]) {
        const double seed = m->key == Py_None ? 1.0 : 0.0;
        found = answered(call, args + 1, count - 1, PyTuple_GET_ITEM(call, LEAVES), seed, m->adds);
    }
    Py_XDECREF(call);
    return found || PyErr_Occurred() ? found : PyObject_Vectorcall(m->function, args, flags, names);
}
static PyObject *method_get(PyObject *self, PyObject *owner, PyObject *kind) {
    return owner ? PyMethod_New(self, owner) : Py_NewRef(self);
}
static PyObject *method_new(PyTypeObject *type, PyObject *args, PyObject *named) {
    Method *const m = (Method *)type->tp_alloc(type, 0);
    if (!m || !PyArg_ParseTuple(args, "OOp", &m->function, &m->key, &m->adds)) return NULL;
    Py_INCREF(m->function), Py_INCREF(m->key), m->call = method_call;
    return (PyObject *)m;
}
static PyTypeObject MethodType = { /* of which there are a few, as long as Python runs */
    PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "autograd.recording.native.library.Method", .tp_basicsize = sizeof(Method),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_METHOD_DESCRIPTOR | Py_TPFLAGS_HAVE_VECTORCALL, .tp_new = method_new,
    .tp_call = PyVectorcall_Call, .tp_vectorcall_offset = offsetof(Method, call), .tp_descr_get = method_get,
    .tp_dictoffset = offsetof(Method, facts),
};
