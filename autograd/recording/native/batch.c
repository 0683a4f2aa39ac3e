/* The interpreter of recorded programs: instructions over blocks of samples. Its cases are printed
   from the table (rows.c); its body is block.h, compiled for each kind of CPU, with beside.h. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint32_t I;
typedef double Pair __attribute__((vector_size(16)));
enum { LANES = 8, PIECE = 512, COLUMN = 64, MANY_BESIDE = 1000 };
/* Exponentials that two loops of a reverse pass need are kept from the first to the second. */
enum { ALONE, FIRST, AGAIN };
static const I NO_END = UINT32_MAX; /* of a loop for as long as its condition holds */
#include "tape.h"

/* Numbers and grads of nodes: s and gs of those that no sample changes, v and g of the others, of
   each a row of samples. */
struct Machine;
typedef struct {
    double *s, *gs, *v, *g;
    const struct Machine *ahead, *behind; /* machine code for one sample, forward and back, or NULL */
    double *kept;     /* the state before a step, for machine code that goes back */
    double *in, *out; /* where an only instruction reads the inputs, or NULL, and writes their grads */
    const double *ones;
    size_t n, real, stride;
    const I *back; /* what leads to the grads that are wanted */
    Tape *tape;
    int keeps; /* whether there will be a reverse pass */
    int64_t mask[LANES]; /* -1 for the lanes of the last vector of real samples that are real */
} Block;
enum { NO_W = 1, NO_X = 2, NO_P = 4, NO_Q = 8, NO_BIAS = 16, NO_BUT_X = 31 - NO_X }; /* see dots_back */
#include "machine.h"
/* Of a chain: a product and a number. */
#define IS_LINK(at) (at[0] == ROW_dot && at[1] == 1 && !at[2])
/* Back through these, of a batch, what is too small to be normal counts as 0: of shares of a softmax it would be
   most, and each takes the CPU as long as 100 others. All else is exact, and so is one sample. */
#define IS_SUM(at) (at[0] == ROW_dot || at[0] == COUNT || at[0] == COUNT + 2)
typedef void Pass(const I *code, const I *starts, size_t steps, const Block *b);
typedef struct {
    Pass *forward, *reverse;
    double (*nothing)(const double *, size_t);
    double (*looked)(const I *span, size_t spans, const double *v, size_t n, size_t stride);
    void (*beside)(const I *at, const Block *b, int back);
    void (*products)(const I *at, I skip, const Block *b, int back);
    size_t (*turn)(double *const *samples, double *rows, const I *places, size_t k, size_t end, size_t width, int out);
    double (*list)(const double *const *x, const double *const *rows, size_t terms, size_t count, size_t samples,
                   double *to, size_t apart);
    int has_machine;
} Level;
#define turn_any NULL
#define LEVEL(name) {forward_##name, reverse_##name, nothing_##name, looked_##name, beside_##name, products_##name, turn_##name, list_##name, 0}
static Level level; /* the widest vectors that this CPU has */

/* Instructions that are alike, and whose rows follow one another: of one sample so many numbers that
   lie side by side, which the first instruction computes as if they were those of samples. */
static Block run_of(const Block *b, size_t count) {
    Block run = *b;
    run.n = run.real = count, run.stride = 1;
    return run;
}
static void clear(const I *span, size_t spans, double *g, size_t stride) {
    for (; spans; spans--, span += 2) memset(g + span[0] * stride, 0, span[1] * stride * sizeof *g);
}
#ifdef __x86_64__ /* the interpreter's lock is taken before anybody reads it, which waits for it */
#include <immintrin.h>
#define STREAM(to, from) _mm_stream_pd(to, _mm_load_pd(from))
#define FLOATS _mm_getcsr() /* how numbers are computed; FLUSHED: small ones count as 0 */
#define SET_FLOATS(mode) _mm_setcsr(mode)
enum { FLUSHED = 0x8000 };
#else
#define STREAM(to, from) memcpy(to, from, 2 * sizeof(double))
#define FLOATS 0
#define SET_FLOATS(mode) (void)(mode)
enum { FLUSHED };
#endif
#define UNROLL _Pragma("GCC unroll 8")
#define hypot_ hypot

/* The % and // of Python's floats; by 0 as NumPy has them. */
static double mod(double a, double b) {
    const double m = fmod(a, b);
    if (!m) return copysign(0.0, b);
    return (b < 0) != (m < 0) ? m + b : m;
}
static double floor_divide(double a, double b) {
    if (b == 0.0) return a / b;
    const double m = fmod(a, b), d = (a - m) / b - (m && (b < 0) != (m < 0));
    if (!d) return copysign(0.0, a / b);
    const double f = floor(d);
    return d - f > 0.5 ? f + 1.0 : f;
}
#include "rows.h"

/* Whether the instructions from the last of these starts back are four sums that are stairs.h's, and of
   the reverse pass skip the same (words: 2): none of the factors that not all have is one of them. */
static int are_stairs(const I *code, const I *starts, int words, const I **four) {
    for (int i = 0; i < 4; i++) {
        const I *const at = four[i] = code + starts[-words * i], *const longer = four[i ? i - 1 : 0];
        if (at[0] != ROW_dot || at[1] < 4 || at[2] || at[1] > longer[1]) return 0;
        if ((words == 2 && starts[1 - 2 * i] != starts[1]) || memcmp(at + 5, longer + 5, at[1] * sizeof *at)) return 0;
        for (I k = at[1]; k < four[0][1]; k++) if (four[0][5 + k] == at[3]) return 0;
    }
    return 1;
}

static inline double or_0(double x) { return isfinite(x) ? x : 0.0; }
static inline __attribute__((always_inline)) double two_to(double k) { /* a whole number */
    int64_t bits;
    k += 0x1.8p52 + 1023; /* now the last bits are k's, as those of an exponent */
    memcpy(&bits, &k, sizeof k);
    bits = (int64_t)((uint64_t)bits << 52);
    memcpy(&k, &bits, sizeof k);
    return k;
}
/* exp of at most 0, or of infinity, within 0.9 units in the last place, and 0 for what is less than the smallest
   normal number, as a loop can make vectors of it: 2^k exp(r), with |r| <= ln(2) / 2 and exp(r)'s Taylor series. */
static inline __attribute__((always_inline)) double exp_below(double x) {
    const double low = -708 > x ? -708 : x, kept = 710 < low ? 710 : low, k = (kept * 0x1.71547652b82fep0 + 0x1.8p52) - 0x1.8p52;
    const double hi = kept - k * 0x1.62e42fefap-1, lo = k * 0x1.cf79abc9e3b3ap-40, r = hi - lo, s = r * r;
    double even = 1 / 479001600.0, odd = 1 / 6227020800.0;
    even = even * s + 1 / 3628800.0, odd = odd * s + 1 / 39916800.0;
    even = even * s + 1 / 40320.0, odd = odd * s + 1 / 362880.0;
    even = even * s + 1 / 720.0, odd = odd * s + 1 / 5040.0;
    even = even * s + 1 / 24.0, odd = odd * s + 1 / 120.0;
    even = even * s + 0.5, odd = odd * s + 1 / 6.0;
    const double e = (1 + (hi + (s * (even + r * odd) - lo))) * two_to(k);
    return x < -708 ? 0.0 : e;
}

/* Vectors wider than those of the CPU are slow, and clones of functions come too late for vectors. */
#define NAME(name) name##_one
#define W 1
#define TARGET
#include "block.h"

#define NAME(name) name##_any
#define W 2
#define TARGET
#include "block.h"

static const Level one = {forward_one, reverse_one, nothing_one, looked_one, NULL, NULL, NULL, NULL};
static Level level = LEVEL(any);

#if defined(__x86_64__) && !defined(_WIN32)
#define HAS_MACHINE
#define NAME(name) name##_avx2
#define W 4
#define TARGET __attribute__((target("avx2,fma")))
#include "block.h"

#ifndef NO_AVX512
#define NAME(name) name##_avx512
#define W 8
#ifdef __clang__
#define TARGET __attribute__((target("avx2,fma,avx512f,avx512dq,avx512vl"), min_vector_width(512)))
#else
#define TARGET __attribute__((target("avx2,fma,avx512f,avx512dq,avx512vl,prefer-vector-width=512")))
#endif
#include "block.h"
#endif

static void choose(const char *most) {
    Level avx2 = LEVEL(avx2);
    avx2.has_machine = 1;
    if (!strcmp(most, "any")) return;
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return;
    level = avx2;
    if (!strcmp(most, "avx2")) return;
#ifndef NO_AVX512
    Level avx512 = LEVEL(avx512);
    avx512.has_machine = 1;
    if (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) level = avx512;
#endif
}
#else
static void choose(const char *most) { (void)most; }
#endif

/* A program: how many there are of each, then all of them. Between its phases, at cuts, numbers of the
   whole batch are gathered: whether the largest, else the sum, of which row, to where in s. read: spans of
   inputs that have rows; the others are in lists alone, see lists.h. */
typedef struct {
    const I *inner, *outer, *lifted, *outputs, *gathered, *looked, *read, *lists, *cuts, *code;
    I sizes[9];
} Plan;
enum { INNER, OUTER, LIFTED, OUTPUTS, GATHERED, CUTS, LOOKED, READ, LISTS };
typedef struct { I inner, outer, lifted, gathered; } Cut;

static Plan plan_of(const I *at) {
    Plan p;
    memcpy(p.sizes, at, sizeof p.sizes);
    p.inner = at + 9;
    p.outer = p.inner + p.sizes[INNER];
    p.lifted = p.outer + p.sizes[OUTER];
    p.outputs = p.lifted + 2 * p.sizes[LIFTED];
    p.gathered = p.outputs + p.sizes[OUTPUTS];
    p.looked = p.gathered + 3 * p.sizes[GATHERED];
    p.read = p.looked + 2 * p.sizes[LOOKED];
    p.lists = p.read + 2 * p.sizes[READ];
    p.cuts = p.lists + p.sizes[LISTS];
    p.code = p.cuts + 4 * p.sizes[CUTS];
    return p;
}

/* What leads to the grads that are wanted: how many there are of each, then all of them but the wide
   inputs. An instruction is where it begins, and a bit for each of its operands that does not lead
   there. */
typedef struct {
    const I *inner, *outer, *lifted, *narrow, *gathered, *cleared, *cuts;
    I sizes[7];
} Back;
enum { INPUTS = 3, NARROW = 5, CLEARED };

static Back back_of(const I *at) {
    Back p;
    memcpy(p.sizes, at, sizeof p.sizes);
    p.inner = at + 7;
    p.outer = p.inner + 2 * p.sizes[INNER];
    p.lifted = p.outer + 2 * p.sizes[OUTER];
    p.narrow = p.lifted + 2 * p.sizes[LIFTED];
    p.gathered = p.narrow + p.sizes[NARROW];
    p.cleared = p.gathered + 3 * p.sizes[GATHERED];
    p.cuts = p.cleared + 2 * p.sizes[CLEARED];
    return p;
}

#include "moves.h"
#include "blocks.h"
static int is_machine_wanted = 1; /* see compiles */
#ifdef HAS_MACHINE
#include "machine.c"
#else
static Machine *machine_new(const Plan *p, size_t words, const I *back, size_t height,
                            const double *numbers, size_t known) {
    return NULL;
}
static void machine_free(Machine *m) { (void)m; }
#endif
#include "given.h"
#include "runner.c"
#include "calls.c"
#include "form.c"
#include "simplify.c"
#include "reach.c"
#include "plan.c"
#include "spans.c"
#include "surroundings.c"

/* Machine code or not, for tests: whether there was. */
static PyObject *compiles(PyObject *module, PyObject *wanted) {
    const int before = is_machine_wanted;
    is_machine_wanted = wanted == Py_True;
    return PyBool_FromLong(before);
}

static PyMethodDef methods[] = {
    {"compiles", compiles, METH_O, "compiles(wanted): whether one sample is to run as machine code; and did"},
    {"read", read_numbers, METH_O, "read(values): the numbers of a tuple of Values"},
    {"adopt", adopt, METH_VARARGS, "adopt(...): the engine's Values and NumPy's arrays, and whether they fit"},
    {"prepared", prepared, METH_VARARGS, "prepared(...): a function that calls a plan, for backends.py"},
    {"simplify", simplify, METH_VARARGS, "simplify(...): what simplify.py does with most nodes"},
    {"back", back, METH_VARARGS, "back(rows, operands, constants, sums, marks): see reach.py"},
    {"forth", forth, METH_VARARGS, "forth(rows, operands, marks): see reach.py"},
    {"write", write_plan, METH_VARARGS, "write(...): the instructions of nodes, for interpreter.py"},
    {"placed", placed, METH_VARARGS, "placed(rows, nodes): places in a list, for interpreter.py"},
    {"looked", looked, METH_VARARGS, "looked(...): rows that show whether all are finite, for interpreter.py"},
    {"cleared", cleared, METH_VARARGS, "cleared(...): rows that a reverse pass adds to, for interpreter.py"},
    {"active", active, METH_VARARGS, "active(...): those that lead to what is wanted, for interpreter.py"},
    {"same", same, METH_O, "same(watched): see surroundings.py"},
    {NULL, NULL, 0, NULL},
};
static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, .m_name = "library", .m_size = -1, .m_methods = methods,
    .m_doc = "Recorded programs in C.",
};

PyMODINIT_FUNC PyInit_library(void) {
    PyObject *made = PyModule_Create(&module), *rows = PyTuple_New(COUNT);
    const char *most = getenv("GLASSGRAD_VECTORS");
    if (!most) most = "";
    if (!made || !rows) goto failed;
    if (PyModule_AddType(made, &RunnerType) || PyModule_AddType(made, &MethodType)) goto failed;
    if (*most && strcmp(most, "any") && strcmp(most, "avx2") && strcmp(most, "avx512")) {
        static const char *const need = "GLASSGRAD_VECTORS needs to be any, avx2 or avx512, got %s";
        PyErr_Format(PyExc_ValueError, need, most);
        goto failed;
    }
    choose(most);
    argnums = PyUnicode_InternFromString("argnums"), calls_name = PyUnicode_InternFromString("_calls");
    for (Py_ssize_t k = 0; k < COUNT; k++) {
        PyObject *name = PyUnicode_FromString(ROW_NAMES[k]);
        if (!name) goto failed;
        PyTuple_SET_ITEM(rows, k, name);
    }
    if (PyModule_AddStringConstant(made, "DIGEST", DIGEST)) goto failed;
    if (PyModule_AddObjectRef(made, "ROWS", rows)) goto failed;
    Py_DECREF(rows);
    return made;
failed:
    Py_XDECREF(made);
    Py_XDECREF(rows);
    return NULL;
}
