/* From a plan to machine code for one sample: what the interpreter does with each instruction, with the
   same operations in the same order, so that all bits are the same. */
#include "assembler.h"
#include "formulas.h"

/* The results and partials of rows that are no formula of a CPU's instructions, as functions of their
   operands and constants, and the result. */
#define FUNCTION(name, given, value) static double name given { return value; }
#define UNARY(name, result, dx) \
    FUNCTION(result_##name, (double x), result) FUNCTION(da_##name, (double x, double y), dx)
#define UNARY_ONE(name, c, result, dx) \
    FUNCTION(result_##name, (double x, double c), result) \
    FUNCTION(da_##name, (double x, double c, double y), dx)
#define UNARY_TWO(name, c, e, result, dx) \
    FUNCTION(result_##name, (double x, double c, double e), result) \
    FUNCTION(da_##name, (double x, double c, double e, double y), dx)
#define BINARY(name, result, da, db) \
    FUNCTION(result_##name, (double a, double b), result) \
    FUNCTION(da_##name, (double a, double b, double y), da) \
    FUNCTION(db_##name, (double a, double b, double y), db)
#define BINARY_ONE(name, c, result, da, db) \
    FUNCTION(result_##name, (double a, double b, double c), result) \
    FUNCTION(da_##name, (double a, double b, double c, double y), da) \
    FUNCTION(db_##name, (double a, double b, double c, double y), db)
#define NARY(...)
#include "rows.c"

/* How many operands and constants a row has, how many operands, and its functions. */
typedef struct { int given, operands; const void *functions[3]; } Row;
#define UNARY(name, ...) [ROW_##name] = {1, 1, {result_##name, da_##name}},
#define UNARY_ONE(name, ...) [ROW_##name] = {2, 1, {result_##name, da_##name}},
#define UNARY_TWO(name, ...) [ROW_##name] = {3, 1, {result_##name, da_##name}},
#define BINARY(name, ...) [ROW_##name] = {2, 2, {result_##name, da_##name, db_##name}},
#define BINARY_ONE(name, ...) [ROW_##name] = {3, 2, {result_##name, da_##name, db_##name}},
#define NARY(...)
static const Row ROWS[COUNT] = {
#include "rows.c"
};

enum { SIGN = sizeof NUMBERS / sizeof *NUMBERS, MAGNITUDE, CONSTANTS };
enum { FORWARD = -1, MOST_PRODUCTS = 64, STAGES = 32, STEPS = 128, RANGES = 512, MOST_MOVED = 12 };
/* Numbers that stay in the cache; and how far a stage may be behind. */
enum { CACHED = 3072, FAR = 64 };

/* A formula of an instruction's row, in a register: its result (0), or a partial. */
static int evaluate(Maker *m, const I *at, int which) {
    const Row *row = &ROWS[at[0]];
    const char *text = FORMULAS[at[0]][which];
    int stack[REGISTERS], top = 0;
    if (!*text) {
        forget(m);
        for (int k = 0; k < row->given + (which > 0); k++) {
            const Place from = PLACE(OF_V, k < row->given ? at[2 + k] : at[1]);
            note(m, from, 0);
            reach(m, LOAD, k, from);
        }
        call(m, row->functions[which]);
        m->registers[0] = (Register){NOWHERE, ++m->clock, 1};
        return 0;
    }
    for (; *text; text++) {
        const char c = *text;
        static const char signs[] = "<{>}=!";
        static const unsigned char compared[] = {0x11, 0x12, 0x1E, 0x1D, 0x00, 0x04};
        const char *sign = strchr(signs, c);
        if (c >= 'a' && c <= 'd') stack[top++] = need(m, PLACE(OF_V, at[2 + c - 'a']));
        else if (c == 'y') stack[top++] = need(m, PLACE(OF_V, at[1]));
        else if (c >= 'A' && c <= 'Z') stack[top++] = need(m, PLACE(CONSTANT, c - 'A'));
        else if (c == 'r') {
            const int x = stack[top - 1];
            unpin(m, x);
            operate(m, ROOT, stack[top - 1] = free_register(m), m->wide ? 0 : x, x);
        } else if (c == '_' || c == 'm') {
            const int mask = need(m, PLACE(CONSTANT, c == 'm' ? MAGNITUDE : SIGN));
            stack[top - 1] = combine(m, c == 'm' ? AND : XOR, stack[top - 1], mask);
        } else if (c == '?') {
            top -= 3;
            const int mask = stack[top], a = stack[top + 1], b = stack[top + 2];
            const Place zero = PLACE(CONSTANT, ZERO);
            if (m->registers[b].holds == zero) {
                const int is_truth = !text[1] && !which && m->registers[a].holds == PLACE(CONSTANT, ONE);
                stack[top] = combine(m, AND, mask, a), unpin(m, b);
                if (is_truth && stack[top] != mask) m->registers[mask].holds = PLACE(TRUTH, at[1]);
            }
            else if (m->registers[a].holds == zero) stack[top] = combine(m, AND_NOT, mask, b), unpin(m, a);
            else {
                unpin(m, mask);
                stack[top] = combine(m, CHOOSE, b, a);
                put(m, mask << 4, 1);
            }
            top++;
        } else {
            const Opcode o = c == '+' ? ADD : c == '-' ? SUBTRACT : c == '*' ? MULTIPLY : c == '/' ? DIVIDE
                : c == '&' ? AND : c == '|' ? OR : COMPARE;
            const Place of = m->registers[stack[--top - 1]].holds;
            const int is_truth = c == '!' && of >> 32 == OF_V && m->registers[stack[top]].holds == PLACE(CONSTANT, ZERO);
            const int known = is_truth ? found(m, PLACE(TRUTH, of)) : -1;
            if (known >= 0) {
                unpin(m, stack[top]), unpin(m, stack[top - 1]);
                stack[top - 1] = known;
                continue;
            }
            stack[top - 1] = combine(m, o, stack[top - 1], stack[top]);
            if (sign) put(m, compared[sign - signs], 1);
            if (is_truth) m->registers[stack[top - 1]].holds = PLACE(TRUTH, of);
        }
    }
    return stack[0];
}

/* A grad that is added to: 0 where it is the first time (bits of firsts). */
static int sum_of(Maker *m, Place to, int is_first) { return need(m, is_first ? PLACE(CONSTANT, ZERO) : to); }

/* A row's result, or what it adds to the grad of an operand. */
static void make_row(Maker *m, const I *at, int part, int firsts) {
    if (part == FORWARD) {
        keep_in(m, evaluate(m, at, 0), PLACE(OF_V, at[1]));
        return;
    }
    const char *text = FORMULAS[at[0]][1 + part];
    const int is_one = !strcmp(text, "A"), partial = is_one ? -1 : evaluate(m, at, 1 + part);
    int grad = need(m, PLACE(OF_G, at[1]));
    if (!is_one) grad = combine(m, MULTIPLY, partial, grad);
    const Place to = PLACE(OF_G, at[2 + part]);
    keep_in(m, combine(m, ADD, sum_of(m, to, firsts & 1), grad), to);
}

/* Sums of products: see DOTS. Part 0 is of the biases, then come those of each x, then those of pairs. */
typedef struct { size_t sums, mixed, both; const I *out, *bias, *xs, *w, *pair; } Sums;
static Sums sums_of(const I *at) {
    const size_t sums = at[0] == COUNT ? 4 : 1, mixed = at[1], both = at[2];
    const I *out = at + 3, *bias = out + sums, *xs = bias + sums, *w = xs + mixed;
    return (Sums){sums, mixed, both, out, bias, xs, w, w + mixed * sums};
}
static int is_of_products(const I *at) { return at[0] == ROW_dot || at[0] == COUNT || at[0] > COUNT + 3; }

/* y + p q, where y is -1 for nothing. */
static int add_product(Maker *m, int y, Place p, Place q) {
    const double weight = p >> 32 == OF_S && (I)p < m->known ? m->numbers[(I)p] : 0.0;
    if (weight == 1.0) return y < 0 ? need(m, q) : combine(m, ADD, y, need(m, q));
    if (weight == -1.0 && y >= 0) return combine(m, SUBTRACT, y, need(m, q));
    const int a = need(m, p), product = combine(m, MULTIPLY, a, need(m, q));
    return y < 0 ? product : combine(m, ADD, y, product);
}
static void add_to(Maker *m, Place to, Place p, Place q, int is_first) {
    keep_in(m, add_product(m, sum_of(m, to, is_first), p, q), to);
}

static void make_sums(Maker *m, const I *at, I skip, int part, int firsts) {
    const Sums s = sums_of(at);
    if (part == FORWARD) {
        int y[4];
        for (size_t i = 0; i < s.sums; i++) y[i] = s.bias[i] ? need(m, PLACE(OF_S, s.bias[i] - 1)) : -1;
        for (size_t k = 0; k < s.mixed; k++) for (size_t i = 0; i < s.sums; i++) {
            y[i] = add_product(m, y[i], PLACE(OF_S, s.w[k * s.sums + i]), PLACE(OF_V, s.xs[k]));
        }
        for (size_t k = 0; k < s.both; k++) {
            *y = add_product(m, *y, PLACE(OF_V, s.pair[2 * k]), PLACE(OF_V, s.pair[2 * k + 1]));
        }
        for (size_t i = 0; i < s.sums; i++) keep_in(m, y[i], PLACE(OF_V, s.out[i]));
        return;
    }
    const size_t k = part - 1;
    for (size_t i = 0; k >= s.mixed && !part && i < s.sums; i++) {
        if (skip & NO_BIAS || !s.bias[i]) continue;
        const Place to = PLACE(OF_GS, s.bias[i] - 1);
        const int sum = need(m, to);
        keep_in(m, combine(m, ADD, sum, need(m, PLACE(OF_G, s.out[i]))), to);
    }
    if (!part) return;
    for (size_t i = 0; k < s.mixed && i < s.sums; i++) {
        const Place grad = PLACE(OF_G, s.out[i]), x = PLACE(OF_V, s.xs[k]), w = PLACE(OF_S, s.w[k * s.sums + i]);
        if (!(skip & NO_W)) add_to(m, PLACE(OF_GS, s.w[k * s.sums + i]), grad, x, 0);
        if (!(skip & NO_X)) add_to(m, PLACE(OF_G, s.xs[k]), w, grad, !i && firsts & 1);
    }
    if (k < s.mixed) return;
    const I p = s.pair[2 * (k - s.mixed)], q = s.pair[2 * (k - s.mixed) + 1];
    if (!(skip & NO_P)) add_to(m, PLACE(OF_G, p), PLACE(OF_V, q), PLACE(OF_G, *s.out), firsts & 1);
    if (!(skip & NO_Q)) add_to(m, PLACE(OF_G, q), PLACE(OF_V, p), PLACE(OF_G, *s.out), firsts >> 1);
}

/* Into how many parts an instruction can be made, or 0 if it is interpreted. */
static int parts_of(const I *at, int back) {
    if (is_of_products(at)) {
        const Sums s = sums_of(at);
        const size_t products = s.mixed * s.sums + s.both;
        if (!products || products > MOST_PRODUCTS) return 0;
        return back ? 1 + s.mixed + s.both : 1;
    }
    if (at[0] >= COUNT || !ROWS[at[0]].given) return 0;
    return back ? ROWS[at[0]].operands : 1;
}
typedef struct { const I *at; I skip; int part, firsts; } Step;
static void make_part(Maker *m, Step s) {
    if (is_of_products(s.at)) make_sums(m, s.at, s.skip, s.part, s.firsts);
    else if (s.part == FORWARD || !(s.skip >> s.part & 1)) make_row(m, s.at, s.part, s.firsts);
}

/* Whether nothing was added to these rows of g: then they need not be cleared. */
enum { UNTOUCHED, TOUCHED, SET };
static int is_first(Maker *m, const I *row, size_t count) {
    size_t untouched = 0;
    for (size_t i = 0; i < count; i++) untouched += m->grads[*row + i] == UNTOUCHED;
    for (size_t i = 0; i < count; i++) {
        char *const grad = m->grads + *row + i;
        if (*grad == UNTOUCHED) *grad = untouched == count ? SET : TOUCHED;
    }
    return untouched == count;
}
static int firsts_of(Maker *m, Step s, size_t count) {
    if (!m->grads || s.part == FORWARD) return 0;
    if (!is_of_products(s.at)) return !(s.skip >> s.part & 1) && is_first(m, s.at + 2 + s.part, count);
    const Sums of = sums_of(s.at);
    if (!s.part) return 0;
    const size_t k = s.part - 1;
    if (k < of.mixed) return !(s.skip & NO_X) && is_first(m, of.xs + k, count);
    const I *pair = of.pair + 2 * (k - of.mixed);
    const int first = !(s.skip & NO_P) && is_first(m, pair, count);
    return first | (!(s.skip & NO_Q) && is_first(m, pair + 1, count)) << 1;
}

/* The same of a run, which is interpreted where a function has to be called. */
static int parts_of_run(const I *at, int back) {
    const int parts = parts_of(at, back);
    for (int k = 0; !is_of_products(at) && k < parts; k++) if (!*FORMULAS[at[0]][back + k]) return 0;
    return parts;
}

/* A loop over what lies side by side, so many numbers at a time that what they need stays in the cache:
   stage after stage computes them, each with steps of its own. A stage is behind the others by an offset,
   so that what it reads of them is there, also when it is of other numbers than its own. Back, all goes
   from the last number to the first. */
typedef struct { long offset; size_t count, steps; } Stage;
typedef struct { Place first; long offset; size_t count, stage; int is_written; } Seen;
typedef struct {
    int back;
    size_t stages, steps, seen;
    Stage stage[STAGES];
    Step step[STEPS];
    Seen all[RANGES];
} Loop;

static void emit(Maker *m, const char *bytes, size_t count, long long number, int size) {
    reserve(m);
    for (size_t i = 0; i < count; i++) put(m, bytes[i], 1);
    put(m, number, size);
}
#define EMIT(text) emit(m, text, sizeof text - 1, 0, 0)
#define EMIT_WITH(text, number) emit(m, text, sizeof text - 1, number, 4)
#define JUMP(text, to) EMIT_WITH(text, (long long)(to) - (long long)(m->used + sizeof text - 1 + 4))

/* The steps of a stage, for the numbers from rax to r8 (wide) or r9. */
static void make_stage(Maker *m, const Loop *loop, const Stage *stage, int wide) {
    wide ? EMIT("\x4C\x39\xC0") : EMIT("\x4C\x39\xC8"); /* cmp rax, r8 or r9 */
    JUMP("\x0F\x8D", m->used);                            /* jge to behind it, see below */
    const size_t start = m->used;
    m->wide = wide, m->indexed = 1, m->shift = stage->offset;
    forget(m);
    for (size_t i = stage > loop->stage ? stage[-1].steps : 0; i < stage->steps; i++) make_part(m, loop->step[i]);
    forget(m);
    m->wide = m->indexed = 0;
    wide ? EMIT("\x48\x83\xC0\x20\x4C\x39\xC0") : EMIT("\x48\x83\xC0\x08\x4C\x39\xC8"); /* add rax, 32; cmp */
    JUMP("\x0F\x8C", start); /* jl */
    const uint32_t skipped = m->used - start;
    memcpy(m->bytes + start - sizeof skipped, &skipped, sizeof skipped);
}

static void close_loop(Maker *m, Loop *loop) {
    long first = 0, end = 0;
    if (!loop->stages) return;
    for (size_t k = 0; k < loop->stages; k++) {
        const Stage *s = loop->stage + k;
        if (s->offset < first) first = s->offset;
        if (s->offset + (long)s->count > end) end = s->offset + s->count;
    }
    const long many = loop->stages == 1 ? end - first : CACHED / (long)(loop->seen + 1) / LANES * LANES + 64;
    EMIT_WITH("\x48\xC7\xC2", 8 * (loop->back ? first + (end - first - 1) / many * many : first)); /* mov rdx, first */
    const size_t start = m->used;
    EMIT_WITH("\x48\x8D\x8A", 8 * many); /* lea rcx, [rdx + many] */
    for (size_t k = 0; k < loop->stages; k++) {
        const Stage *s = loop->stage + k;
        EMIT_WITH("\x48\xC7\xC0", 8 * s->offset);                           /* mov rax, its first */
        EMIT_WITH("\x48\x39\xD0\x48\x0F\x4C\xC2\x49\xC7\xC1", 8 * (s->offset + (long)s->count)); /* max with rdx; mov r9, its end */
        EMIT("\x49\x39\xC9\x4C\x0F\x4F\xC9\x4D\x8D\x41\xE8");          /* min with rcx; lea r8, [r9 - 24] */
        if (s->count >= 4) make_stage(m, loop, s, 1);
        make_stage(m, loop, s, 0);
    }
    EMIT_WITH("\x48\x81\xC2", loop->back ? -8 * many : 8 * many); /* add rdx, many */
    EMIT_WITH("\x48\x81\xFA", 8 * (loop->back ? first : end));    /* cmp rdx, end */
    if (loop->back) JUMP("\x0F\x8D", start);                       /* jge */
    else JUMP("\x0F\x8C", start);                                  /* jl */
    EMIT("\xC5\xF8\x77");                                         /* vzeroupper */
    loop->stages = loop->steps = loop->seen = m->shift = 0;
}

/* What a part reads and writes: how many ranges. It is made, and thrown away. */
static size_t noted(Maker *m, Step step, Range *ranges) {
    const Maker before = *m;
    m->ranges = ranges, m->noted = 0;
    make_part(m, step);
    const Maker after = *m;
    *m = before;
    m->bytes = after.bytes, m->room = after.room, m->failed = after.failed;
    m->fixups = after.fixups, m->fixing = after.fixing;
    return after.noted;
}

/* Add a part of so many numbers to the loop, or begin a new loop with it. One number is computed before
   the loop, if it may be. */
static void add_part(Maker *m, Loop *loop, size_t count, Step step) {
    Range ranges[4 * MOST_PRODUCTS];
    const size_t found = loop->stages || count > 1 ? noted(m, step, ranges) : 1;
    if (!found) return;
    step.firsts = firsts_of(m, step, count);
    long offset = 0;
    int meets = 0, is_new = !loop->stages;
    for (int again = 0; again < 2; again++) for (size_t i = 0; i < loop->seen; i++) for (size_t k = 0; k < found; k++) {
        const Seen *old = loop->all + i;
        const Range *new = ranges + k;
        if (!(old->is_written || new->is_written)) continue;
        if (old->first >= new->first + count || new->first >= old->first + old->count) continue;
        const long least = (long)(new->first - old->first) + old->offset;
        meets = 1;
        if (!again && (loop->back ? least < offset : least > offset)) offset = least;
        if (again && old->stage + 1 == loop->stages && least != offset) is_new = 1;
    }
    const int is_full = loop->stages == STAGES || loop->steps == STEPS || loop->seen + found > RANGES;
    if (is_full || offset > FAR || offset < -FAR || (meets && !parts_of_run(step.at, loop->back))) {
        close_loop(m, loop);
        offset = meets = 0, is_new = 1;
    }
    if (count == 1 && !meets) {
        make_part(m, step);
        return;
    }
    const Stage *last = loop->stage + loop->stages - 1;
    if (is_new || last->count != count || last->offset != offset) loop->stages++;
    for (size_t k = 0; k < found; k++) {
        loop->all[loop->seen++] = (Seen){ranges[k].first, offset, count, loop->stages - 1, ranges[k].is_written};
    }
    loop->step[loop->steps++] = step;
    loop->stage[loop->stages - 1] = (Stage){offset, count, loop->steps};
}

/* The next state goes where the state is, from these rows; those that are of the state themselves are
   read first. Whether there are registers for them, and no other result is overwritten. */
static int can_move(const I *rows, size_t states, size_t results) {
    size_t found = 0;
    for (size_t i = 0; i < states; i++) found += rows[i] < states && rows[i] != i;
    for (size_t i = states; i < results; i++) if (rows[i] < states && rows[rows[i]] != rows[i]) return 0;
    return found <= MOST_MOVED;
}

/* A list: the rows of its next state, if that is to be moved; going back, how many rows there are, which
   of them have grads before it, the first ones, and `kept` others from a place on; and what is cleared. */
typedef struct {
    const I *key, *at;
    size_t count;
    const I *state;
    size_t states, results;
    int is_endless;
    size_t height;
    const I *seeds;
    size_t seeded, kept, from;
    const I *spans;
    size_t cleared;
} List;

static void make_moves(Maker *m, const I *rows, size_t count) {
    int first[MOST_MOVED];
    size_t found = 0;
    for (size_t i = 0; i < count; i++) if (rows[i] < count && rows[i] != i) first[found++] = need(m, PLACE(OF_V, rows[i]));
    for (size_t i = 0; i < count; i++) if (rows[i] >= count) keep_in(m, need(m, PLACE(OF_V, rows[i])), PLACE(OF_V, i));
    for (size_t i = found = 0; i < count; i++) if (rows[i] < count && rows[i] != i) keep_in(m, first[found++], PLACE(OF_V, i));
}

/* Whether all numbers that are looked at are finite, the next state, and once more if its condition holds,
   unless that was often enough. */
static void make_next_step(Maker *m, List l, size_t top) {
    const I *const body = l.key, *span = l.state + body[3];
    const int check = need(m, PLACE(CONSTANT, ZERO)), zero = need(m, PLACE(CONSTANT, ZERO));
    int sum = combine(m, ADD, check, zero);
    for (I k = 0; k < body[4]; k++, span += 2) for (I i = 0; i < span[1]; i++) {
        const int x = need(m, PLACE(OF_V, span[0] + i)), none = need(m, PLACE(CONSTANT, ZERO));
        operate(m, MULTIPLY_ADD, sum, none, x);
        unpin(m, x), unpin(m, none);
    }
    EMIT_WITH("\x49\x8B\x85", offsetof(Block, tape)); /* mov rax, [r13 + tape] */
    const Place before = PLACE(ASIDE, offsetof(Tape, check) / sizeof(double));
    keep_in(m, combine(m, ADD, sum, need(m, before)), before);
    make_moves(m, l.state, l.states);
    EMIT("\x48\xFF\x0C\x24"); /* dec qword [rsp] */
    EMIT_WITH("\x0F\x84", 0);  /* jz to the end, see below */
    const size_t end = m->used;
    if (l.is_endless) {
        const int condition = need(m, PLACE(OF_V, l.state[l.results])), none = need(m, PLACE(CONSTANT, ZERO));
        operate(m, ORDER, condition, 0, none);
        unpin(m, condition), unpin(m, none);
        JUMP("\x0F\x8A", top); /* jp, jne: whether it is not 0 */
        JUMP("\x0F\x85", top);
    } else JUMP("\xE9", top); /* jmp */
    const uint32_t skipped = m->used - end;
    memcpy(m->bytes + end - sizeof skipped, &skipped, sizeof skipped);
    EMIT("\x48\x8B\x04\x24"); /* mov rax, [rsp] */
}

/* A list of instructions, forward, or back from its last pair of an instruction and what it skips. */
static void make_list(Maker *m, const I *code, List l, int back) {
    const I *const list = l.at;
    const size_t count = l.count;
    Loop loop = {.back = back};
    size_t done = 0, to = 0; /* those from done to `to` are to be interpreted */
    static const unsigned char first[] = {0x53, 0x55, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57, 0x48, 0x83,
        0xEC, 0x08, 0x49, 0x89, 0xFC, 0x49, 0x89, 0xF5, 0x48, 0x89, 0x14, 0x24};
        /* push, sub rsp, 8; mov r12, rdi; mov r13, rsi; mov [rsp], rdx */
    static const unsigned char last[] = {0x48, 0x83, 0xC4, 0x08, 0x41, 0x5F, 0x41, 0x5E, 0x41, 0x5D, 0x41, 0x5C,
        0x5D, 0x5B, 0xC3};
    static const size_t fields[] = {offsetof(Block, v), offsetof(Block, g), offsetof(Block, s), offsetof(Block, gs)};
    forget(m);
    reserve(m);
    for (size_t i = 0; i < sizeof first; i++) put(m, first[i], 1);
    for (int k = 0; k < 4; k++) { /* mov base, [rsi + field] */
        const int base = BASES[OF_V + k];
        reserve(m);
        put(m, (base > 7 ? 0x4C : 0x48) | 0x8B << 8 | (0x40 | (base & 7) << 3 | RSI) << 16 | fields[k] << 24, 4);
    }
    const size_t top = m->used;
    for (size_t i = 0; i <= count; i++) {
        const size_t nth = back ? count - 1 - i : i;
        const I *at = i < count ? code + list[back ? 2 * nth : nth] : NULL, skip = back && at ? list[2 * nth + 1] : 0;
        const I *const head = at && at[0] == COUNT + 3 ? code + at[2] : at;
        const int parts = at ? at != head ? parts_of_run(head, back) : parts_of(head, back) : 0;
        if (at && !parts) {
            to = i + 1;
            close_loop(m, &loop);
            continue;
        }
        if (done < to) { /* interpret what has come since */
            const I *from = back ? list + 2 * (count - to) : list + done;
            copy(m, RDI, R12);
            set(m, RSI, (uintptr_t)from);
            set(m, RDX, to - done);
            copy(m, RCX, R13);
            call(m, back ? (const void *)reverse_one : (const void *)forward_one);
            m->grads = NULL;
        }
        done = to = i + 1;
        for (int part = 0; part < parts; part++) {
            add_part(m, &loop, at == head ? 1 : at[1], (Step){head, skip, back ? part : FORWARD, 0});
        }
    }
    close_loop(m, &loop);
    if (l.state) make_next_step(m, l, top);
    reserve(m);
    for (size_t i = 0; i < sizeof last; i++) put(m, last[i], 1);
}

/* All lists of a plan, or of a way back: where the code of each begins. */
typedef struct { Maker maker; Entry *entries; size_t count, room; const I *code, *back; } Making;

/* The spans that are cleared but for rows that are set. */
static void clear_rest(Maker *m, Entry *entry, List l, const char *grads) {
    size_t rows = 0;
    for (size_t i = 0; i < l.cleared; i++) rows += l.spans[2 * i + 1];
    I *to = entry->spans = malloc((2 * rows + 1) * sizeof *to);
    if (!to) m->failed = 1;
    for (size_t i = 0; to && i < l.cleared; i++) {
        const I end = l.spans[2 * i] + l.spans[2 * i + 1];
        for (I row = l.spans[2 * i], first; row < end; row++) if (grads[row] != SET) {
            for (first = row; row < end && grads[row] != SET;) row++;
            *to++ = first, *to++ = row - first;
        }
    }
    if (to) entry->cleared = (to - entry->spans) / 2;
}

static void make_lists(Making *making, List l) {
    const I *const code = making->code, *const back = making->back;
    Maker *const m = &making->maker;
    const int narrow = m->narrow;
    if (!l.count) return;
    for (size_t i = 0; i < making->count; i++) if (making->entries[i].list == l.key) return;
    if (making->count == making->room) {
        const size_t room = 2 * making->room + 8;
        Entry *entries = realloc(making->entries, room * sizeof *entries);
        if (!entries) {
            m->failed = 1;
            return;
        }
        making->entries = entries, making->room = room;
    }
    Entry *const entry = making->entries + making->count++;
    *entry = (Entry){l.key, m->used, NULL, 0};
    char *const grads = l.height ? calloc(l.height, 1) : NULL;
    if ((m->grads = grads)) {
        for (size_t i = 0; i < l.seeded; i++) grads[l.seeds[i]] = TOUCHED;
        memset(grads + l.from, TOUCHED, l.kept);
    } else m->failed |= l.height > 0;
    make_list(m, code, l, back != NULL);
    if (grads) clear_rest(m, entry, l, grads);
    free(grads);
    m->narrow = 0;
    for (size_t i = 0; i < l.count; i++) {
        const I *at = code + l.at[back ? 2 * i : i], *body = code + at[2];
        if (at[0] != COUNT + 1) continue;
        const I *const starts = body + 5, *const outs = starts + body[1] + 2 * body[2];
        if (back) {
            const I *const way = back + l.at[2 * i + 1], *const own = way + 3;
            make_lists(making, (List){own, own, way[0], .height = body[0], .seeds = outs, .seeded = body[3], .kept = at[6],
                .from = at[4] + at[5], .spans = own + 2 * (way[0] + way[1]), .cleared = way[2]});
        } else {
            make_lists(making, (List){.key = starts, .at = starts, .count = body[1]});
            if (!can_move(outs, at[4], body[3])) continue;
            make_lists(making, (List){.key = body, .at = starts, .count = body[1], .state = outs, .states = at[4],
                .results = at[7], .is_endless = at[3] == NO_END});
        }
    }
    m->narrow = narrow;
}

static int by_list(const void *a, const void *b) {
    const I *first = ((const Entry *)a)->list, *second = ((const Entry *)b)->list;
    return (first > second) - (first < second);
}

/* The code in memory from which it may run, and no longer be written; NULL where there is none. */
static Machine *made(Making *making) {
    Maker *m = &making->maker;
    const size_t start = (m->used + 31) / 32 * 32, size = start + 32 * CONSTANTS;
    Machine *machine = m->failed || size > 1 << 30 ? NULL : malloc(sizeof *machine);
    void *memory = MAP_FAILED;
    if (machine) memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) {
        unsigned char *const bytes = memory;
        memcpy(bytes, m->bytes, m->used);
        for (size_t k = 0; k < CONSTANTS; k++) for (size_t i = 0; i < 4; i++) {
            const uint64_t mask = k == SIGN ? 1ull << 63 : ~(1ull << 63);
            memcpy(bytes + start + 32 * k + 8 * i, k < SIGN ? (const void *)(NUMBERS + k) : &mask, 8);
        }
        for (size_t i = 0; i < m->fixed; i++) {
            unsigned char *const to = bytes + m->fixups[i];
            I k;
            memcpy(&k, to, sizeof k);
            k = (I)(start + 32 * k - m->fixups[i] - sizeof k);
            memcpy(to, &k, sizeof k);
        }
        if (mprotect(memory, size, PROT_READ | PROT_EXEC)) munmap(memory, size), memory = MAP_FAILED;
    }
    if (memory == MAP_FAILED) {
        for (size_t i = 0; i < making->count; i++) free(making->entries[i].spans);
        free(machine), free(making->entries);
        machine = NULL;
    } else {
        qsort(making->entries, making->count, sizeof *making->entries, by_list);
        *machine = (Machine){memory, size, making->count, making->entries};
    }
    free(m->bytes), free(m->fixups);
    return machine;
}

/* Of a plan with so many rows, or of a way back; and the numbers that it begins with. */
static Machine *machine_new(const Plan *p, const I *back_at, size_t height, const double *numbers, size_t known) {
    Making making = {.maker = {.numbers = numbers, .known = known}, .code = p->code, .back = back_at};
    const Back back = back_at ? back_of(back_at) : (Back){0};
    const I *const sizes = back_at ? back.sizes : p->sizes, *const cuts = back_at ? back.cuts : p->cuts;
    const I *inner = back_at ? back.inner : p->inner, *outer = back_at ? back.outer : p->outer;
    const size_t phases = p->sizes[CUTS] + 1, words = back_at ? 2 : 1;
    for (size_t k = 0; k < phases; k++) {
        const Cut from = cut_of(sizes, cuts, k, phases), to = cut_of(sizes, cuts, k + 1, phases);
        List l = {.key = inner, .at = inner, .count = to.inner - from.inner};
        inner += words * l.count;
        making.maker.narrow = 1;
        make_lists(&making, l);
        making.maker.narrow = 0;
        l = (List){.key = outer, .at = outer, .count = to.outer - from.outer};
        outer += words * l.count;
        if (back_at && phases == 1) {
            l.height = height, l.seeds = p->outputs, l.seeded = 1;
            l.spans = back.cleared, l.cleared = back.sizes[CLEARED];
        }
        make_lists(&making, l);
    }
    return made(&making);
}

static void machine_free(Machine *m) {
    if (!m) return;
    munmap(m->memory, m->size);
    for (size_t i = 0; i < m->count; i++) free(m->entries[i].spans);
    free(m->entries);
    free(m);
}
