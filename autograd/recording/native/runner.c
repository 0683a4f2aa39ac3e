/* Runner: a plan that Python calls, with memory that it keeps from call to call. */

/* Samples that are computed together: whole vectors, and no more than stay in the cache with what
   they need; a block's numbers stay below so many. A SHORT run keeps the interpreter's lock. */
enum { SAMPLES = 120, BLOCK = 1 << 20, SHORT = 1 << 14 };

typedef struct {
    PyObject_HEAD
    Py_buffer words, start; /* the instructions (uint32), and the numbers that are there before them */
    Plan plan;
    size_t scalars, inputs, height, first; /* first: where the parameters are in s */
    int alone, loops; /* whether samples go one at a time; whether there are loops */
    char *memory;     /* of the call before */
    Chunk *chunks;
    size_t size;
    int busy;
    Machine *ahead;
    struct { const I *back; Machine *machine; } *ways; /* of each way back */
    size_t ways_known, calls;
} Runner;

/* A call: what it computes in, and where its values go, and behind them grads by leaves, if the caller has no
   place for them. */
typedef struct { Block b; Back back; char *memory; double *values; Tape tape; } Call;

static void end(Runner *r, Call *c) {
    release(&c->tape, (Mark){NULL, 0});
    if (c->memory == r->memory) r->chunks = c->tape.spare, drop(&r->chunks, MOST_SPARE), r->busy = 0;
    else drop(&c->tape.spare, 0), free(c->memory);
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
    const size_t count = 2 * (r->scalars + LANES + rows) + width + outputs + r->scalars + 2 * LANES;
    const size_t size = count * sizeof(double);
    const int is_kept = !r->busy && r->size >= size;
    c->memory = is_kept ? r->memory : allocate(size);
    if (!c->memory) return PyErr_NoMemory(), -1;
    double *s = (double *)(((uintptr_t)c->memory + 63) & ~(uintptr_t)63);
    if (!is_kept) memcpy(s, r->start.buf, r->start.len);
    if (!r->busy && !is_kept) free(r->memory), r->memory = c->memory, r->size = size;
    c->tape = (Tape){0};
    if (c->memory == r->memory) r->busy = 1, c->tape.spare = r->chunks, r->chunks = NULL;
    c->b = (Block){.s = s, .stride = width, .back = back, .tape = &c->tape};
    c->b.v = s + (r->scalars + LANES) / LANES * LANES;
    c->b.g = c->b.v + rows, c->b.gs = c->b.g + rows + width;
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
static int go(Runner *r, Call *c, const Data *d) {
    const size_t instructions = r->words.len / sizeof(I) * (d->samples / c->b.stride + 1);
    const int is_short = !r->loops && instructions + r->height * d->samples < SHORT;
    PyThreadState *const lock = is_short ? NULL : PyEval_SaveThread();
    const int finite = run(&r->plan, &c->back, &c->b, d, r->scalars, r->height);
    if (lock) PyEval_RestoreThread(lock);
    if (finite < 0 && !PyErr_Occurred()) PyErr_NoMemory();
    return finite;
}

static PyObject *runner_new(PyTypeObject *type, PyObject *args, PyObject *named) {
    Runner *r = (Runner *)type->tp_alloc(type, 0);
    if (!r || !PyArg_ParseTuple(args, "y*y*nnnpp", &r->words, &r->start, (Py_ssize_t *)&r->inputs,
            (Py_ssize_t *)&r->height, (Py_ssize_t *)&r->first, &r->alone, &r->loops)) return Py_XDECREF(r), NULL;
    r->plan = plan_of(r->words.buf), r->scalars = r->start.len / sizeof(double);
    return (PyObject *)r;
}

static void runner_dealloc(PyObject *self) {
    Runner *r = (Runner *)self;
    PyBuffer_Release(&r->words), PyBuffer_Release(&r->start);
    free(r->memory);
    drop(&r->chunks, 0);
    machine_free(r->ahead);
    for (size_t k = 0; k < r->ways_known; k++) machine_free(r->ways[k].machine);
    free(r->ways);
    Py_TYPE(self)->tp_free(self);
}

static PyTypeObject RunnerType = {
    PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "autograd.recording.native.library.Runner",
    .tp_basicsize = sizeof(Runner), .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = runner_new, .tp_dealloc = runner_dealloc,
    .tp_doc = "Runner(plan, start, inputs, height, first, alone, loops)",
};
