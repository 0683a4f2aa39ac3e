#ifdef __linux__
#include <sys/mman.h>
#endif
/* Memory, of which pages may be large where it is: the CPU finds its way through them sooner. */
enum { LARGE_MEMORY = 1 << 22, SMALL_PAGE = 1 << 12 };
static void *allocate(size_t size) {
    char *const memory = malloc(size);
#ifdef MADV_HUGEPAGE
    const size_t start = -(uintptr_t)memory % SMALL_PAGE;
    if (memory && size >= LARGE_MEMORY) madvise(memory + start, size - start, MADV_HUGEPAGE);
#endif
    return memory;
}

/* What loops keep for the reverse pass: frames on a stack that grows, and a record of each loop. */
typedef struct Chunk { struct Chunk *before; size_t size, used; double *doubles; } Chunk;
typedef struct { Chunk *chunk; size_t used; } Mark;
/* Frames (or states alone) are linked from the last step to the first: before each is a Link. */
/* below: the record that was the last one before the loop's first step. */
typedef struct Record {
    struct Record *before, *below;
    const I *at;
    const double *v; /* the rows of the step that it was part of */
    double *last;
    size_t steps;
    int whole;
} Record;
typedef struct { double *before; } Link;
typedef struct { Chunk *chunk, *spare; Record *last; size_t work; double check; int stop; } Tape;

/* STEPS_AT_ONCE: between two looks whether to go on. */
enum { STEPS_AT_ONCE = 1024, CHUNK = 1 << 16, LINE = 8, OFTEN = 1 << 24, MOST_SPARE = 1 << 21 };
/* Whole steps are kept if they are no more doubles than this, else states alone, from which each
   step is computed once more. */
static const double MOST_KEPT = 1 << 19;

static double *push(Tape *tape, size_t count) {
    Chunk *chunk = tape->chunk;
    if (count >= LINE) count = (count + LINE - 1) / LINE * LINE;
    if (!chunk || chunk->used + count > chunk->size) {
        Chunk *next = tape->spare;
        if (next && next->size >= count) tape->spare = next->before;
        else { /* each as large as all before it, up to a limit */
            size_t size = !chunk ? CHUNK : chunk->size < CHUNK << 5 ? 2 * chunk->size : CHUNK << 6;
            if (size < count) size = count;
            if (!(next = allocate(sizeof *next + (size + LINE) * sizeof(double)))) {
                tape->stop = 1;
                return NULL;
            }
            next->size = size;
            next->doubles = (double *)(((uintptr_t)(next + 1) + 63) & ~(uintptr_t)63);
        }
        next->before = chunk, next->used = 0;
        tape->chunk = chunk = next;
    }
    chunk->used += count;
    return chunk->doubles + chunk->used - count;
}

static Mark marked(const Tape *tape) {
    return (Mark){tape->chunk, tape->chunk ? tape->chunk->used : 0};
}

static void release(Tape *tape, Mark mark) {
    while (tape->chunk != mark.chunk) {
        Chunk *chunk = tape->chunk;
        tape->chunk = chunk->before;
        chunk->before = tape->spare, tape->spare = chunk;
    }
    if (mark.chunk) mark.chunk->used = mark.used;
}

/* Free all spare chunks beyond so many doubles. */
static void drop(Chunk **spare, size_t most) {
    size_t kept = 0;
    while (*spare) {
        Chunk *chunk = *spare;
        if ((kept += chunk->size) <= most) spare = &chunk->before;
        else kept -= chunk->size, *spare = chunk->before, free(chunk);
    }
}

/* A frame, or a state, after the one before it. */
static double *push_after(Tape *tape, double *before, size_t count) {
    const size_t link = count < LINE ? 1 : LINE;
    double *at = push(tape, count + link);
    if (!at) return NULL;
    ((Link *)(at += link))[-1].before = before;
    return at;
}
static double *before(double *frame) { return ((Link *)frame)[-1].before; }

/* Room for so many numbers that an instruction keeps for the reverse pass. */
static double *keep(Tape *tape, const I *at, const double *v, size_t count) {
    double *kept = push(tape, count);
    Record *record = kept ? (Record *)push(tape, (sizeof(Record) + 7) / 8) : NULL;
    if (!record) return NULL;
    *record = (Record){tape->last, tape->last, at, v, kept, 1, 1};
    tape->last = record;
    return kept;
}

/* The record of an instruction in a step; those that led nowhere are left out. */
static Record *popped(Tape *tape, const I *at, const double *v) {
    Record *record = tape->last;
    while (record && (record->at != at || record->v != v)) record = record->before;
    if (record) tape->last = record->before;
    return record;
}

/* Whether to go on: now and then somebody may have pressed Ctrl-C. */
static int goes_on(Tape *tape, size_t work) {
    if ((tape->work += work) > OFTEN) {
        PyGILState_STATE state = PyGILState_Ensure();
        if (PyErr_CheckSignals()) tape->stop = 1;
        PyGILState_Release(state);
        tape->work = 0;
    }
    return !tape->stop;
}
