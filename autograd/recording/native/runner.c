/* Runner: a plan that Python calls, with memory that it keeps from call to call. */

/* Samples that are computed together: whole vectors, and no more than stay in the cache with what
   they need; a block's numbers stay below so many. A SHORT run keeps the interpreter's lock. */
enum { SAMPLES = 120, BLOCK = 1 << 20, SHORT = 1 << 14 };

typedef struct {
    PyObject_HEAD
    Py_buffer plan, start; /* the instructions, and the numbers that are there before them */
    size_t scalars, inputs, height, first; /* first: where the parameters are in s */
    int alone, loops;      /* whether samples go one at a time; whether there are loops */
    char *memory;          /* of the call before */
    Chunk *chunks;
    size_t size;
    int busy;
    Machine *ahead;
    struct { const I *back; Machine *machine; } *ways; /* of each way back */
    size_t ways_known, calls;
} Runner;

/* A call: what it computes in, and where its values go, if the caller has no place for them. */
typedef struct { Block b; Back back; char *memory; double *values; Tape tape; } Call;

static void end(Runner *r, Call *c) {
    release(&c->tape, (Mark){NULL, 0});
    Chunk **chunks = c->memory == r->memory ? &r->chunks : &c->tape.spare;
    r->chunks = c->memory == r->memory ? c->tape.spare : r->chunks;
    drop(chunks, c->memory == r->memory ? MOST_SPARE : 0);
    if (c->memory == r->memory) r->busy = 0;
    else PyMem_RawFree(c->memory);
}

/* Machine code for one sample, made at the second call, or at once where there are loops. */
static void compile(Runner *r, Call *c, const I *back) {
    const Plan plan = plan_of(r->plan.buf);
    const size_t words = r->plan.len / sizeof(I);
    if (!is_machine_wanted || !level.has_machine || (!r->loops && ++r->calls < 2)) return;
    size_t k = 0;
    while (k < r->ways_known && r->ways[k].back != back) k++;
    if (k == r->ways_known) { /* once, also where there is no memory for it */
        void *more = realloc(r->ways, (k + 1) * sizeof *r->ways);
        if (!more) return;
        r->ways = more, r->ways[k].back = back;
        r->ways[k].machine = machine_new(&plan, words, back, r->height, r->start.buf, r->first);
        if (!r->ways_known++) r->ahead = machine_new(&plan, words, NULL, r->height, r->start.buf, r->first);
    }
    c->b.ahead = r->ahead, c->b.behind = r->ways[k].machine;
}

/* Memory for a call: that of the call before, unless that is not over, in another thread or below a
   handler of signals. */
static int begin(Runner *r, Call *c, size_t samples, const I *back) {
    size_t width = 1;
    if (samples > 1 && !r->alone) { /* blocks of one size: a small last one would cost as much */
        size_t most = BLOCK / r->height;
        most = most < LANES ? LANES : most < SAMPLES ? most : SAMPLES;
        const size_t blocks = (samples + most - 1) / most;
        width = (samples + blocks - 1) / blocks;
        /* An odd number of cache lines, so that rows do not push one another out. */
        width = width <= LANES ? LANES : (width + LANES - 1) / (2 * LANES) * 2 * LANES + LANES;
    }
    const I *const sizes = r->plan.buf;
    const size_t outputs = sizes[OUTPUTS], blocks = sizes[CUTS] ? (samples + width - 1) / width : 1;
    const size_t rows = r->height * width * blocks; /* of all blocks that are kept */
    const size_t count = 2 * (r->scalars + LANES + rows) + width + outputs + 2 * LANES;
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
    c->tape = (Tape){0};
    if (c->memory == r->memory) c->tape.spare = r->chunks, r->chunks = NULL;
    c->b = (Block){.s = s, .stride = width, .back = back, .tape = &c->tape};
    c->b.v = s + (r->scalars + LANES) / LANES * LANES;
    c->b.g = c->b.v + rows;
    c->b.gs = c->b.g + rows + width;
    double *ones = c->b.g + rows; /* a row of them, for sums */
    for (size_t j = 0; j < width; j++) ones[j] = 1.0;
    c->b.ones = ones;
    c->values = c->b.gs + r->scalars;
    c->back = back_of(back);
    if (width == 1) compile(r, c, back);
    if (c->back.sizes[NARROW] || sizes[CUTS]) memset(c->b.gs, 0, r->start.len);
    return 0;
}

/* Run, and let other threads run meanwhile if it takes its time. */
static int go(Runner *r, Call *c, Data d) {
    const Plan plan = plan_of(r->plan.buf);
    const size_t instructions = r->plan.len / sizeof(I) * (d.samples / c->b.stride + 1);
    int finite;
    if (!r->loops && instructions + r->height * d.samples < SHORT) {
        return run(plan, c->back, c->b, d, r->scalars, r->height);
    }
    Py_BEGIN_ALLOW_THREADS
    finite = run(plan, c->back, c->b, d, r->scalars, r->height);
    Py_END_ALLOW_THREADS
    if (finite < 0 && !PyErr_Occurred()) PyErr_NoMemory();
    return finite;
}

PyDoc_STRVAR(run_doc,
"run(pieces, p, back, values, dx, dp, samples, seed, /)\n--\n\n\
Run on samples; tell whether all numbers are finite. pieces are tuples that have an array or a float\n\
second, and fourth how many numbers of a sample it has; p is of tuples of parameters, and arrays of\n\
numbers for leaves; values has a row a sample; dx an array for the grads of each piece, or None.");
static PyObject *runner_run(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    enum { PIECES, P, BACK, VALUES, DX, DP, SAMPLE_COUNT, SEED, ALL };
    Runner *r = (Runner *)self;
    if (count != ALL || !PyList_Check(args[PIECES]) || !PyTuple_Check(args[P]) ||
        !PyList_Check(args[DX]) || Py_SIZE(args[DX]) != Py_SIZE(args[PIECES])) {
        return PyErr_Format(PyExc_TypeError, "run needs 8 arguments: pieces, p ...");
    }
    const size_t n = PyList_GET_SIZE(args[PIECES]);
    Data d = {.inputs = r->inputs, .samples = PyLong_AsSize_t(args[SAMPLE_COUNT])};
    d.seed = PyFloat_AsDouble(args[SEED]);
    if (PyErr_Occurred()) return NULL;
    PyObject *result = NULL;
    Py_buffer of[ALL] = {{0}};
    Given *given = given_new(n, &d);
    if (!given) return NULL;
    for (size_t k = 0; k < n; k++) {
        PyObject *piece = PyList_GET_ITEM(args[PIECES], k), *grads = PyList_GET_ITEM(args[DX], k);
        const size_t numbers = PyLong_AsSize_t(PyTuple_GET_ITEM(piece, 3));
        if (given_as(PyTuple_GET_ITEM(piece, 1), numbers, 0, given + k, d.from + k)) goto done;
        d.to[k].numbers = numbers;
        if (grads != Py_None && given_as(grads, numbers, 1, given + n + k, d.to + k)) goto done;
    }
    for (int k = BACK; k < SAMPLE_COUNT; k++) if (k != DX) {
        const int how = k == VALUES ? PyBUF_STRIDED : k == DP ? PyBUF_ND | PyBUF_WRITABLE : PyBUF_ND;
        if (PyObject_GetBuffer(args[k], of + k, how)) goto done;
    }
    lies(of + VALUES, ((const I *)r->plan.buf)[OUTPUTS], &d.values);
    d.dp = of[DP].buf;
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
    for (int k = BACK; k < SAMPLE_COUNT; k++) if (of[k].obj) PyBuffer_Release(of + k);
    given_free(given, n);
    return result;
}

PyDoc_STRVAR(call_doc,
"call(args, p, facts, by, mean, /)\n--\n\n\
What a call gives: the value, or a tuple of them, or an array of a row a sample; if by is a tuple with\n\
a tuple of the grads by these arguments, if it is True with an array of those by parameters, of the\n\
mean if so. None where something is not plain or not finite. facts: of each argument the shape of a\n\
sample, and whether it is shared; whether there are rows; the way back; the most samples.");
static PyObject *runner_call(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    enum { ARGS, P, FACTS, BY, MEAN, ALL };
    Runner *r = (Runner *)self;
    PyObject *shapes, *shared, *way, *result = NULL, *values = NULL, *grads = NULL;
    int in_rows;
    Py_ssize_t most;
    if (count != ALL || !PyTuple_Check(args[ARGS]) || !PyTuple_Check(args[FACTS])) {
        return PyErr_Format(PyExc_TypeError, "call needs 5 arguments, the first and third as tuples");
    }
    if (!PyArg_ParseTuple(args[FACTS], "OOpOn", &shapes, &shared, &in_rows, &way, &most)) return NULL;
    PyObject *const wanted = PyTuple_Check(args[BY]) ? args[BY] : NULL;
    const size_t n = PyTuple_GET_SIZE(shapes), outputs = ((const I *)r->plan.buf)[OUTPUTS];
    if ((size_t)PyTuple_GET_SIZE(args[ARGS]) != n) Py_RETURN_NONE;
    Data d = {.inputs = r->inputs, .seed = 1.0};
    Given *g = given_new(n, &d);
    if (!g) return NULL;
    Py_buffer back = {0}, taken = {0}, dp = {0};
    int is_plain = 1;
    size_t samples = 0, narrow = 0;
    d.pieces = 0;
    for (size_t k = 0; k < n && is_plain; k++) {
        size_t none = 0;
        g[k].is_shared = PyTuple_GET_ITEM(shared, k) == Py_True;
        is_plain = look(PyTuple_GET_ITEM(args[ARGS], k), PyTuple_GET_ITEM(shapes, k), g + k,
                        g[k].is_shared ? &none : &samples);
        if (g[k].is_shared) is_plain = is_plain && !g[k].by_sample;
        else {
            d.to[d.pieces].numbers = g[k].piece.numbers;
            d.from[g[k].place = d.pieces++] = g[k].piece;
        }
    }
    is_plain = is_plain && samples <= (size_t)most;
    if (is_plain && wanted) is_plain = places(wanted, g, g + n, &d, samples, &narrow);
    if (!is_plain) result = Py_NewRef(Py_None);
    if (is_plain < 1) goto done;
    if (PyObject_GetBuffer(way, &back, PyBUF_ND)) goto done;
    Call c;
    d.samples = samples ? samples : 1;
    if (begin(r, &c, d.samples, back.buf)) goto done;
    if (args[MEAN] == Py_True) d.seed = 1.0 / (double)d.samples;
    const Py_ssize_t one = sizeof(double), is_one = outputs == 1 && !in_rows;
    d.values = (Piece){(char *)c.values, 0, one, outputs};
    if (samples) {
        const size_t axes[] = {in_rows ? samples : outputs, in_rows ? outputs : samples};
        PyObject *shape = is_one ? PyLong_FromSize_t(samples) : Py_BuildValue("nn", axes[0], axes[1]);
        if (!(values = array_of(shape, &taken))) goto end;
        const Py_ssize_t row = axes[1] * one;
        d.values = (Piece){taken.buf, in_rows ? row : one, in_rows ? one : row, outputs};
    }
    if (narrow || args[BY] == Py_True) { /* an array also if it is only memory */
        if (!(grads = array_of(PyLong_FromSize_t(c.back.sizes[NARROW]), &dp))) goto end;
        d.dp = dp.buf;
    }
    double *leaf = c.b.s + r->first;
    const Py_ssize_t read = read_leaves(args[P], leaf, r->scalars - r->first);
    leaf += read;
    for (size_t k = 0; k < n && read >= 0; k++) if (g[k].is_shared) {
        const Piece *p = &g[k].piece;
        if (p->by_number == one) memcpy(leaf, p->at, p->numbers * one);
        else for (size_t i = 0; i < p->numbers; i++) memcpy(leaf + i, p->at + i * p->by_number, one);
        leaf += p->numbers;
    }
    const int finite = read < 0 ? -1 : go(r, &c, d);
    if (finite < 0) goto end;
    if (!finite) result = Py_NewRef(Py_None);
    else if (!samples) result = outputs == 1 ? PyFloat_FromDouble(*c.values) : floats(c.values, outputs);
    else result = is_one || in_rows ? Py_NewRef(values) : PySequence_Tuple(values);
    if (finite && wanted) Py_XSETREF(grads, grads_of(wanted, g, g + n, d.dp));
    if (finite && args[BY] != Py_None && result) result = Py_BuildValue("NO", result, grads);
end:
    end(r, &c);
done:
    PyBuffer_Release(&back), PyBuffer_Release(&taken), PyBuffer_Release(&dp);
    Py_XDECREF(values), Py_XDECREF(grads);
    given_free(g, n);
    return result;
}

static PyObject *runner_new(PyTypeObject *type, PyObject *args, PyObject *named) {
    PyObject *plan, *start;
    Py_ssize_t inputs, height, first;
    int alone, loops;
    if (!PyArg_ParseTuple(args, "OOnnnpp", &plan, &start, &inputs, &height, &first, &alone, &loops)) {
        return NULL;
    }
    Runner *r = (Runner *)type->tp_alloc(type, 0);
    if (!r) return NULL;
    if (PyObject_GetBuffer(plan, &r->plan, PyBUF_ND) || PyObject_GetBuffer(start, &r->start, PyBUF_ND)) {
        Py_DECREF(r);
        return NULL;
    }
    r->scalars = r->start.len / sizeof(double), r->inputs = inputs, r->height = height;
    r->first = first, r->alone = alone, r->loops = loops;
    return (PyObject *)r;
}

static void runner_dealloc(PyObject *self) {
    Runner *r = (Runner *)self;
    if (r->plan.obj) PyBuffer_Release(&r->plan);
    if (r->start.obj) PyBuffer_Release(&r->start);
    PyMem_RawFree(r->memory);
    drop(&r->chunks, 0);
    machine_free(r->ahead);
    for (size_t k = 0; k < r->ways_known; k++) machine_free(r->ways[k].machine);
    free(r->ways);
    Py_TYPE(self)->tp_free(self);
}

static PyMethodDef runner_methods[] = {
    {"run", (PyCFunction)(void (*)(void))runner_run, METH_FASTCALL, run_doc},
    {"call", (PyCFunction)(void (*)(void))runner_call, METH_FASTCALL, call_doc},
    {NULL, NULL, 0, NULL},
};
static PyTypeObject RunnerType = {
    PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "autograd.recording.native.library.Runner",
    .tp_basicsize = sizeof(Runner), .tp_flags = Py_TPFLAGS_DEFAULT, .tp_methods = runner_methods,
    .tp_new = runner_new, .tp_dealloc = runner_dealloc,
    .tp_doc = "Runner(plan, start, inputs, height, first, alone, loops)\n--\n\n"
              "A plan (uint32) that begins with the numbers of start; first: where leaves are there;\n"
              "alone: whether samples go one at a time; loops: whether there are any.",
};
