/* Runner: a plan that Python calls, with memory that it keeps from call to call. */

/* Samples that are computed together: whole vectors, and no more than stay in the cache with what
   they need; a block's numbers stay below so many. A SHORT run keeps the interpreter's lock. */
enum { SAMPLES = 120, BLOCK = 1 << 20, SHORT = 1 << 14 };

typedef struct {
    PyObject_HEAD
    Py_buffer words, start; /* the instructions, and the numbers that are there before them */
    Plan plan;
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
    const size_t words = r->words.len / sizeof(I);
    if (!is_machine_wanted || !level.has_machine || (!r->loops && ++r->calls < 2)) return;
    size_t k = 0;
    while (k < r->ways_known && r->ways[k].back != back) k++;
    if (k == r->ways_known) { /* once, also where there is no memory for it */
        void *more = realloc(r->ways, (k + 1) * sizeof *r->ways);
        if (!more) return;
        r->ways = more, r->ways[k].back = back;
        r->ways[k].machine = machine_new(&r->plan, words, back, r->height, r->start.buf, r->first);
        if (!r->ways_known++) r->ahead = machine_new(&r->plan, words, NULL, r->height, r->start.buf, r->first);
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
    const I *const sizes = r->plan.sizes;
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
    const size_t instructions = r->words.len / sizeof(I) * (d.samples / c->b.stride + 1);
    int finite;
    if (!r->loops && instructions + r->height * d.samples < SHORT) {
        return run(r->plan, c->back, c->b, d, r->scalars, r->height);
    }
    Py_BEGIN_ALLOW_THREADS
    finite = run(r->plan, c->back, c->b, d, r->scalars, r->height);
    Py_END_ALLOW_THREADS
    if (finite < 0 && !PyErr_Occurred()) PyErr_NoMemory();
    return finite;
}

/* Run on samples; tell whether all numbers are finite. pieces are tuples that have an array or a float second,
   and fourth how many numbers of a sample it has; p is of tuples of parameters, and arrays of numbers for
   leaves; values has a row a sample; dx an array for the grads of each piece, or None. */
#define VIEWED(view) PyMemoryView_GET_BUFFER(view)->buf
static PyObject *runner_run(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    enum { PIECES, P, BACK, VALUES, DX, DP, SAMPLE_COUNT, SEED, ALL };
    Runner *r = (Runner *)self;
    if (count != ALL || !PyList_Check(args[PIECES]) || !PyTuple_Check(args[P]) ||
        !PyList_Check(args[DX]) || Py_SIZE(args[DX]) != Py_SIZE(args[PIECES]) ||
        !PyMemoryView_Check(args[BACK]) || !IS_ARRAY(args[VALUES]) || !IS_ARRAY(args[DP])) {
        return PyErr_Format(PyExc_TypeError, "run needs 8 arguments: pieces, p ...");
    }
    const size_t n = PyList_GET_SIZE(args[PIECES]);
    Data d = {.inputs = r->inputs, .samples = PyLong_AsSize_t(args[SAMPLE_COUNT])};
    d.seed = PyFloat_AsDouble(args[SEED]);
    if (PyErr_Occurred()) return NULL;
    PyObject *result = NULL;
    Given *given = given_new(n, &d);
    if (!given) return NULL;
    for (size_t k = 0; k < n; k++) {
        PyObject *piece = PyList_GET_ITEM(args[PIECES], k), *grads = PyList_GET_ITEM(args[DX], k);
        const size_t numbers = PyLong_AsSize_t(PyTuple_GET_ITEM(piece, 3));
        if (given_as(PyTuple_GET_ITEM(piece, 1), numbers, 0, given + k, d.from + k)) goto done;
        d.to[k].numbers = numbers;
        if (grads != Py_None && given_as(grads, numbers, 1, given + k, d.to + k)) goto done;
    }
    lies((Array *)args[VALUES], r->plan.sizes[OUTPUTS], &d.values);
    d.dp = DATA_OF(args[DP]);
    Call c;
    if (begin(r, &c, d.samples, VIEWED(args[BACK]))) goto done;
    Py_ssize_t read = 0, at = r->first;
    for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(args[P]) && read >= 0; k++, at += read) {
        read = read_leaves(PyTuple_GET_ITEM(args[P], k), c.b.s + at, r->scalars - at);
    }
    const int finite = read < 0 ? -1 : go(r, &c, d);
    end(r, &c);
    if (finite >= 0) result = PyBool_FromLong(finite);
done:
    given_free(given, n);
    return result;
}

/* A call of which all that does not change is read once: a tuple of the runner, facts, the way back, the
   keys of dicts, and makers, see grads_of. facts: how many parts there are, that is arguments or entries of them; what is
   asked for; whether there are rows; the most samples; how many arguments have grads that are wanted,
   these (see places); and then how many arguments there are, of each how many entries it has, or 0, and
   of each part whether it is shared, its container, how many axes it has and its shape. */
enum { RUNNER, FACTS_OF, WAY_BACK, KEYS, MAKERS, BY_PARAMETERS = 2 };
enum { PARTS, BY, IN_ROWS, MOST, WANTED, FACTS };

/* The parts of the arguments, as pieces and numbers. Whether they are plain; and how many samples. */
static int look_at_all(PyObject *args, const Py_ssize_t *at, PyObject *keys, Given *g, Data *d) {
    const Py_ssize_t arguments = *at++;
    d->pieces = d->samples = 0;
    if (PyTuple_GET_SIZE(args) != arguments) return 0;
    for (Py_ssize_t i = 0; i < arguments; i++) {
        PyObject *x = PyTuple_GET_ITEM(args, i);
        PyObject *const own = PyTuple_GET_ITEM(keys, i); /* of a dict */
        const Py_ssize_t entries = *at++, is_dict = PyTuple_Check(own);
        const int fits = is_dict ? PyDict_CheckExact(x) : PyList_Check(x) || PyTuple_Check(x);
        if (entries && (!fits || (is_dict ? PyDict_GET_SIZE(x) : Py_SIZE(x)) != entries)) return 0;
        for (Py_ssize_t k = 0; k < entries + !entries; k++, at += 3 + at[2], g++) {
            size_t none = 0;
            g->is_shared = at[0], g->container = at[1];
            PyObject *part = !entries ? x : is_dict ? PyDict_GetItem(x, PyTuple_GET_ITEM(own, k)) : PySequence_Fast_GET_ITEM(x, k);
            if (!part || !look(part, at[2], at + 3, g, g->is_shared ? &none : &d->samples) || none) return 0;
            if (g->is_shared) continue;
            d->to[d->pieces].numbers = g->piece.numbers;
            d->from[g->place = d->pieces++] = g->piece;
        }
    }
    return 1;
}

/* What a call gives: the value, or a tuple of them, or an array of a row a sample; with a tuple of the grads by
   arguments, or with an array of those by parameters, of the mean if so. None where something is not plain or
   not finite. */
static PyObject *prepared_call(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    enum { ARGS, P, MEAN, ALL };
    Runner *const r = (Runner *)PyTuple_GET_ITEM(self, RUNNER);
    const Py_ssize_t *const facts = VIEWED(PyTuple_GET_ITEM(self, FACTS_OF)), by = facts[BY], in_rows = facts[IN_ROWS];
    const Py_ssize_t *const wanted = facts + FACTS, *const parts = wanted + 2 * facts[WANTED];
    const Py_ssize_t one = sizeof(double), outputs = r->plan.sizes[OUTPUTS], is_one = outputs == 1 && !in_rows;
    if (count != ALL || !PyTuple_Check(args[ARGS])) return PyErr_Format(PyExc_TypeError, "call needs a tuple, p, mean");
    Data d = {.inputs = r->inputs, .seed = 1.0};
    Given *g = given_new(facts[PARTS], &d);
    if (!g) return NULL;
    PyObject *result = NULL, *grads = NULL;
    Array *values = NULL, *dp = NULL;
    size_t narrow = 0;
    int is_plain = look_at_all(args[ARGS], parts, PyTuple_GET_ITEM(self, KEYS), g, &d) && d.samples <= (size_t)facts[MOST];
    if (is_plain) is_plain = places(wanted, parts, g, &d, &narrow);
    if (is_plain < 1) {
        result = is_plain ? NULL : Py_NewRef(Py_None);
        goto done;
    }
    Call c;
    const Py_ssize_t samples = d.samples;
    d.samples = samples ? samples : 1;
    if (begin(r, &c, d.samples, VIEWED(PyTuple_GET_ITEM(self, WAY_BACK)))) goto done;
    if (args[MEAN] == Py_True) d.seed = 1.0 / (double)d.samples;
    d.values = (Piece){(char *)c.values, 0, one, outputs};
    if (samples) {
        const Py_ssize_t axes[] = {in_rows ? samples : outputs, in_rows ? outputs : samples};
        if (!(values = array_of(is_one ? 1 : 2, axes + is_one))) goto end;
        const Py_ssize_t row = axes[1] * one;
        d.values = (Piece){values->data, in_rows ? row : one, in_rows ? one : row, outputs};
    }
    if (narrow || by == BY_PARAMETERS) { /* an array also if it is only memory */
        if (!(dp = array_of(1, (Py_ssize_t[]){c.back.sizes[NARROW]}))) goto end;
        d.dp = DATA_OF(dp);
    }
    const Py_ssize_t read = read_leaves(args[P], c.b.s + r->first, r->scalars - r->first);
    double *leaf = c.b.s + r->first + read;
    for (Py_ssize_t k = 0; k < facts[PARTS] && read >= 0; k++) if (g[k].is_shared) {
        const Piece *p = &g[k].piece;
        if (p->by_number == one) memcpy(leaf, p->at, p->numbers * one);
        else for (size_t i = 0; i < p->numbers; i++) memcpy(leaf + i, p->at + i * p->by_number, one);
        leaf += p->numbers;
    }
    const int finite = read < 0 ? -1 : go(r, &c, d);
    if (finite < 0) goto end;
    if (!finite) result = Py_NewRef(Py_None);
    else if (!samples) result = outputs == 1 ? PyFloat_FromDouble(*c.values) : floats(c.values, outputs);
    else result = is_one || in_rows ? Py_NewRef(values) : PySequence_Tuple((PyObject *)values);
    if (finite && by && result) {
        PyObject *const makers = PyTuple_GET_ITEM(self, MAKERS);
        grads = by == BY_PARAMETERS ? Py_NewRef(dp) : grads_of(wanted, facts[WANTED], makers, g, d.dp);
        PyObject *const pair = grads ? PyTuple_Pack(2, result, grads) : NULL;
        Py_SETREF(result, pair);
    }
end:
    end(r, &c);
done:
    Py_XDECREF(values), Py_XDECREF(dp), Py_XDECREF(grads);
    given_free(g, facts[PARTS]);
    return result;
}

static PyObject *runner_new(PyTypeObject *type, PyObject *args, PyObject *named) {
    Runner *r = (Runner *)type->tp_alloc(type, 0);
    if (!r || !PyArg_ParseTuple(args, "y*y*nnnpp", &r->words, &r->start, (Py_ssize_t *)&r->inputs,
            (Py_ssize_t *)&r->height, (Py_ssize_t *)&r->first, &r->alone, &r->loops)) {
        Py_XDECREF(r);
        return NULL;
    }
    r->plan = plan_of(r->words.buf), r->scalars = r->start.len / sizeof(double);
    return (PyObject *)r;
}

static void runner_dealloc(PyObject *self) {
    Runner *r = (Runner *)self;
    PyBuffer_Release(&r->words), PyBuffer_Release(&r->start);
    PyMem_RawFree(r->memory);
    drop(&r->chunks, 0);
    machine_free(r->ahead);
    for (size_t k = 0; k < r->ways_known; k++) machine_free(r->ways[k].machine);
    free(r->ways);
    Py_TYPE(self)->tp_free(self);
}

static PyMethodDef runner_methods[] = {
    {"run", (PyCFunction)(void (*)(void))runner_run, METH_FASTCALL, "run(pieces, p, back, values, dx, dp, samples, seed)"},
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
/* prepared(runner, facts, back, keys, makers): a function that calls a plan. */
static PyObject *prepared(PyObject *module, PyObject *args) {
    static PyMethodDef call = {"call", (PyCFunction)(void (*)(void))prepared_call, METH_FASTCALL, "call(args, p, mean)"};
    PyTypeObject *const view = &PyMemoryView_Type, *const tuple = &PyTuple_Type;
    PyObject *o;
    const int fits = PyArg_ParseTuple(args, "O!O!O!O!O!", &RunnerType, &o, view, &o, view, &o, tuple, &o, tuple, &o);
    return fits ? PyCFunction_New(&call, args) : NULL;
}
