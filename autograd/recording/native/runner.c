/* Runner: a plan that Python calls, with memory that it keeps from call to call. */

/* Samples that are computed together: whole vectors, and no more than stay in the cache with what
   they need; a block's numbers stay below so many. A SHORT run keeps the interpreter's lock. */
enum { SAMPLES = 120, BLOCK = 1 << 20, SHORT = 1 << 14 };

typedef struct {
    PyObject_HEAD
    Py_buffer plan, start; /* the instructions, and the numbers that are there before them */
    size_t scalars, inputs, height, first; /* first: where the parameters are in s */
    char *memory;          /* of the call before */
    size_t size;
    int busy;
} Runner;

/* A call: what it computes in, and where its values go, if the caller has no place for them. */
typedef struct { Block b; Back back; char *memory; double *values; } Call;

static void end(Runner *r, Call *c) {
    if (c->memory == r->memory) r->busy = 0;
    else PyMem_RawFree(c->memory);
}

/* Memory for a call: that of the call before, unless that is not over, in another thread or below a
   handler of signals. */
static int begin(Runner *r, Call *c, size_t samples, const I *back) {
    size_t width = 1;
    if (samples > 1) { /* blocks of one size: a small last one would cost as much */
        size_t most = BLOCK / r->height;
        most = most < LANES ? LANES : most < SAMPLES ? most : SAMPLES;
        const size_t blocks = (samples + most - 1) / most;
        width = (samples + blocks - 1) / blocks;
        /* An odd number of cache lines, so that rows do not push one another out. */
        width = width <= LANES ? LANES : (width + LANES - 1) / (2 * LANES) * 2 * LANES + LANES;
    }
    const size_t outputs = ((const I *)r->plan.buf)[OUTPUTS];
    const size_t count = 2 * (r->scalars + LANES + r->height * width) + width + outputs + 2 * LANES;
    const size_t size = count * sizeof(double);
    const int is_kept = !r->busy && r->size >= size;
    c->memory = is_kept ? r->memory : PyMem_RawMalloc(size);
    if (!c->memory) return PyErr_NoMemory(), -1;
    double *s = (double *)(((uintptr_t)c->memory + 63) & ~(uintptr_t)63);
    if (!is_kept) memcpy(s, r->start.buf, r->start.len);
    if (!r->busy && !is_kept) {
        PyMem_RawFree(r->memory);
        r->memory = c->memory, r->size = size;
    }
    if (c->memory == r->memory) r->busy = 1;
    c->b = (Block){.s = s, .stride = width};
    c->b.v = s + (r->scalars + LANES) / LANES * LANES;
    c->b.g = c->b.v + r->height * width;
    c->b.gs = c->b.g + r->height * width + width;
    c->values = c->b.gs + r->scalars;
    c->back = back_of(back);
    if (c->back.sizes[NARROW]) memset(c->b.gs, 0, r->start.len);
    return 0;
}

/* Run, and let other threads run meanwhile if it takes its time. */
static int go(Runner *r, Call *c, Data d) {
    const Plan plan = plan_of(r->plan.buf);
    const size_t instructions = r->plan.len / sizeof(I) * (d.samples / c->b.stride + 1);
    int finite;
    if (instructions + r->height * d.samples < SHORT) {
        return run(plan, c->back, c->b, d, r->scalars, r->height);
    }
    Py_BEGIN_ALLOW_THREADS
    finite = run(plan, c->back, c->b, d, r->scalars, r->height);
    Py_END_ALLOW_THREADS
    return finite;
}

/* Where Values have their numbers: so many bytes from their beginning, where C made them. */
static PyTypeObject *value_type;
static Py_ssize_t offset;

static PyObject *values_are(PyObject *module, PyObject *args) {
    if (!PyArg_ParseTuple(args, "O!n", &PyType_Type, &value_type, &offset)) return NULL;
    Py_INCREF(value_type);
    Py_RETURN_NONE;
}

/* The numbers of leaves: of Values, or those of an array. How many they are, no more than most; or -1. */
static Py_ssize_t read_leaves(PyObject *p, double *to, size_t most) {
    Py_buffer a;
    if (!PyTuple_CheckExact(p)) {
        if (PyObject_GetBuffer(p, &a, PyBUF_STRIDES)) return -1;
        const Py_ssize_t count = a.len / (Py_ssize_t)sizeof *to;
        int failed = (size_t)count > most;
        if (failed) PyErr_SetString(PyExc_ValueError, "a run got too many numbers of leaves");
        else failed = PyBuffer_ToContiguous(to, &a, a.len, 'C');
        PyBuffer_Release(&a);
        return failed ? -1 : count;
    }
    const size_t count = PyTuple_GET_SIZE(p);
    for (size_t k = 0; k < count && k < most; k++) {
        PyObject *value = PyTuple_GET_ITEM(p, k);
        if (offset && PyObject_TypeCheck(value, value_type)) {
            memcpy(to + k, (char *)value + offset, sizeof *to);
            continue;
        }
        PyObject *number = PyObject_GetAttrString(value, "_data");
        to[k] = number ? PyFloat_AsDouble(number) : 0.0;
        Py_XDECREF(number);
        if (PyErr_Occurred()) return -1;
    }
    return count;
}

/* The axes of an array as samples and numbers; 0 if these have not one stride each. */
static int lies(const Py_buffer *a, size_t numbers, Piece *p) {
    size_t left = numbers; /* of the axes to come */
    *p = (Piece){a->buf, 0, 0, numbers};
    Py_ssize_t *stride = &p->by_number, next = 0;
    int is_first = 1;
    for (int k = numbers ? a->ndim - 1 : -1; k >= 0; k--) {
        if (left == 1) stride = &p->by_sample, is_first = 1, left = 0;
        if (a->shape[k] == 1) continue;
        if (is_first) *stride = a->strides[k];
        else if (a->strides[k] != next) return 0;
        next = a->strides[k] * a->shape[k];
        is_first = 0, left /= (size_t)a->shape[k];
    }
    return 1;
}

/* What was given for an argument, or what takes its grads. */
typedef struct { Py_buffer array; double number; void *copy; } Given;

/* x is a float or an array of float64, of a row of numbers or of one for each sample. */
static int given_as(PyObject *x, size_t numbers, int out, Given *g, Piece *p) {
    if (PyFloat_CheckExact(x) && !out) {
        g->number = PyFloat_AS_DOUBLE(x);
        *p = (Piece){(char *)&g->number, 0, sizeof g->number, 1};
        return 0;
    }
    if (PyObject_GetBuffer(x, &g->array, PyBUF_STRIDES | (out ? PyBUF_WRITABLE : 0))) return -1;
    if (lies(&g->array, numbers, p)) return 0;
    if (out) return PyErr_SetString(PyExc_ValueError, "grads need a stride for samples"), -1;
    if (!(g->copy = PyMem_Malloc(g->array.len))) return PyErr_NoMemory(), -1;
    const Py_ssize_t one = sizeof(double);
    *p = (Piece){g->copy, numbers * one, one, numbers};
    return PyBuffer_ToContiguous(g->copy, &g->array, g->array.len, 'C');
}

PyDoc_STRVAR(run_doc,
"run(pieces, p, back, values, dx, dp, samples, seed, /)\n--\n\n\
Run on samples; tell whether all numbers are finite. pieces are tuples that have an array or a float\n\
second, and fourth how many numbers of a sample it has; p of parameters or arrays of numbers for leaves; dx an\n\
array for the grads of each piece, or None.");
static PyObject *runner_run(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    enum { PIECES, P, BACK, VALUES, DX, DP, SAMPLE_COUNT, SEED, ALL };
    Runner *r = (Runner *)self;
    if (count != ALL || !PyList_Check(args[PIECES]) || !PyTuple_Check(args[P]) || !PyList_Check(args[DX])) {
        return PyErr_Format(PyExc_TypeError, "run needs 8 arguments, pieces and dx as lists, p as a tuple");
    }
    const size_t n = PyList_GET_SIZE(args[PIECES]);
    Data d = {.inputs = r->inputs, .pieces = n, .samples = PyLong_AsSize_t(args[SAMPLE_COUNT])};
    d.seed = PyFloat_AsDouble(args[SEED]);
    if (PyErr_Occurred()) return NULL;
    PyObject *result = NULL;
    Py_buffer of[ALL] = {{0}};
    Given *given = PyMem_Calloc(2 * n + 1, sizeof *given + sizeof(Piece));
    if (!given) return PyErr_NoMemory();
    Piece *pieces = (Piece *)(given + 2 * n + 1);
    d.from = pieces, d.to = pieces + n;
    for (size_t k = 0; k < n; k++) {
        PyObject *piece = PyList_GET_ITEM(args[PIECES], k), *grads = PyList_GET_ITEM(args[DX], k);
        const size_t numbers = PyLong_AsSize_t(PyTuple_GET_ITEM(piece, 3));
        if (given_as(PyTuple_GET_ITEM(piece, 1), numbers, 0, given + k, pieces + k)) goto done;
        pieces[n + k].numbers = numbers;
        if (grads != Py_None && given_as(grads, numbers, 1, given + n + k, pieces + n + k)) goto done;
    }
    for (int k = BACK; k < SAMPLE_COUNT; k++) if (k != DX) {
        const int written = k == BACK ? 0 : PyBUF_WRITABLE;
        if (PyObject_GetBuffer(args[k], of + k, PyBUF_ND | written)) goto done;
    }
    d.values = of[VALUES].buf, d.dp = of[DP].buf;
    Call c;
    if (begin(r, &c, d.samples, of[BACK].buf)) goto done;
    Py_ssize_t read = 0, at = r->first;
    for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(args[P]) && read >= 0; k++, at += read) {
        read = read_leaves(PyTuple_GET_ITEM(args[P], k), c.b.s + at, r->scalars - at);
    }
    const int finite = read < 0 ? -1 : go(r, &c, d);
    end(r, &c);
    if (finite >= 0) result = PyBool_FromLong(finite);
done:
    for (size_t k = 0; k < 2 * n; k++) {
        if (given[k].array.obj) PyBuffer_Release(&given[k].array);
        PyMem_Free(given[k].copy);
    }
    for (int k = BACK; k < SAMPLE_COUNT; k++) if (of[k].obj) PyBuffer_Release(of + k);
    PyMem_Free(given);
    return result;
}

/* Plain numbers of an argument: a float or an int, or a list or tuple of length of them. Whether
   they are that. */
static int plain(PyObject *x, Py_ssize_t length, double *to) {
    if (length < 0) {
        if (PyFloat_CheckExact(x)) return *to = PyFloat_AS_DOUBLE(x), 1;
        if (!PyLong_CheckExact(x)) return 0;
        *to = PyLong_AsDouble(x);
        if (!PyErr_Occurred()) return 1;
        PyErr_Clear();
        return 0;
    }
    if (!(PyList_CheckExact(x) || PyTuple_CheckExact(x)) || Py_SIZE(x) != length) return 0;
    for (Py_ssize_t k = 0; k < length; k++) {
        if (!plain(PySequence_Fast_GET_ITEM(x, k), -1, to + k)) return 0;
    }
    return 1;
}

static PyObject *floats(const double *x, size_t n) {
    PyObject *all = PyTuple_New(n);
    for (size_t k = 0; all && k < n; k++) {
        PyObject *one = PyFloat_FromDouble(x[k]);
        if (!one) Py_CLEAR(all);
        else PyTuple_SET_ITEM(all, k, one);
    }
    return all;
}

PyDoc_STRVAR(numbers_doc,
"numbers(args, lengths, parameters, back, /)\n--\n\n\
The values of one sample of plain numbers; with the grads by all arguments, if back leads there. None\n\
where something is not plain or not finite. lengths: of each argument that is a list, else -1.");
static PyObject *runner_numbers(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    enum { ARGS, LENGTHS, P, BACK, ALL };
    Runner *r = (Runner *)self;
    for (int k = 0; k < BACK; k++) if (count != ALL || !PyTuple_CheckExact(args[k])) {
        return PyErr_Format(PyExc_TypeError, "numbers needs three tuples, and the way back");
    }
    const Py_ssize_t n = PyTuple_GET_SIZE(args[LENGTHS]);
    if (PyTuple_GET_SIZE(args[ARGS]) != n) Py_RETURN_NONE;
    PyObject *result = NULL;
    Py_buffer back;
    Call c;
    if (PyObject_GetBuffer(args[BACK], &back, PyBUF_ND)) return NULL;
    if (begin(r, &c, 1, back.buf)) goto done;
    double *to = c.b.v;
    const int by_arguments = c.back.sizes[INPUTS] > 0;
    int is_plain = 1, finite = 0;
    for (Py_ssize_t k = 0; k < n && is_plain; k++) {
        const Py_ssize_t length = PyLong_AsSsize_t(PyTuple_GET_ITEM(args[LENGTHS], k));
        is_plain = !(by_arguments && length >= 0) && plain(PyTuple_GET_ITEM(args[ARGS], k), length, to);
        to += length < 0 ? 1 : length;
    }
    if (is_plain) {
        const Data d = {.samples = 1, .values = c.values, .seed = 1.0};
        const Py_ssize_t read = read_leaves(args[P], c.b.s + r->first, r->scalars - r->first);
        finite = read < 0 ? -1 : go(r, &c, d);
    }
    const size_t outputs = ((const I *)r->plan.buf)[OUTPUTS];
    if (finite > 0) {
        result = outputs == 1 ? PyFloat_FromDouble(*c.values) : floats(c.values, outputs);
        if (by_arguments && result) result = Py_BuildValue("NN", result, floats(c.b.g, r->inputs));
    } else if (!finite) result = Py_NewRef(Py_None);
    end(r, &c);
done:
    PyBuffer_Release(&back);
    return result;
}

static PyObject *runner_new(PyTypeObject *type, PyObject *args, PyObject *named) {
    PyObject *plan, *start;
    Py_ssize_t inputs, height, first;
    if (!PyArg_ParseTuple(args, "OOnnn", &plan, &start, &inputs, &height, &first)) return NULL;
    Runner *r = (Runner *)type->tp_alloc(type, 0);
    if (!r) return NULL;
    if (PyObject_GetBuffer(plan, &r->plan, PyBUF_ND) || PyObject_GetBuffer(start, &r->start, PyBUF_ND)) {
        Py_DECREF(r);
        return NULL;
    }
    r->scalars = r->start.len / sizeof(double), r->inputs = inputs, r->height = height;
    r->first = first;
    return (PyObject *)r;
}

static void runner_dealloc(PyObject *self) {
    Runner *r = (Runner *)self;
    if (r->plan.obj) PyBuffer_Release(&r->plan);
    if (r->start.obj) PyBuffer_Release(&r->start);
    PyMem_RawFree(r->memory);
    Py_TYPE(self)->tp_free(self);
}

static PyMethodDef runner_methods[] = {
    {"run", (PyCFunction)(void (*)(void))runner_run, METH_FASTCALL, run_doc},
    {"numbers", (PyCFunction)(void (*)(void))runner_numbers, METH_FASTCALL, numbers_doc},
    {NULL, NULL, 0, NULL},
};
static PyTypeObject RunnerType = {
    PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "autograd.recording.native.library.Runner",
    .tp_basicsize = sizeof(Runner), .tp_flags = Py_TPFLAGS_DEFAULT, .tp_methods = runner_methods,
    .tp_new = runner_new, .tp_dealloc = runner_dealloc,
    .tp_doc = "Runner(plan, start, inputs, height, first)\n--\n\n"
              "A plan (uint32) that begins with the numbers of start; first: where leaves are there.",
};
