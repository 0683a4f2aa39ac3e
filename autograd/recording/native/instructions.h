/* Instructions as machine code: what the interpreter does, with the same operations in the same order, so
   that all bits are the same. */
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
enum { FORWARD = -1, MOVE = -2, PLUS = -3, CHECK = -4, AHEAD = -5, BEHIND = -6, MOST_PRODUCTS = 64 };

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
            reach(m, LOAD, k, 0, from);
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
static void add_in(Maker *m, int x, Place to, int is_first) {
    keep_in(m, combine_at(m, ADD, x, is_first ? PLACE(CONSTANT, ZERO) : to), to);
}

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
    add_in(m, grad, PLACE(OF_G, at[2 + part]), firsts & 1);
}

/* Sums of products: see DOTS. Part 0 is of the biases, then come those of each x, then those of pairs. */
typedef struct { size_t sums, mixed, both; const I *out, *bias, *xs, *w, *pair; } Sums;
static Sums sums_of(const I *at) {
    const size_t sums = at[0] == COUNT ? 4 : 1, mixed = at[1], both = at[2];
    const I *out = at + 3, *bias = out + sums, *xs = bias + sums, *w = xs + mixed;
    return (Sums){sums, mixed, both, out, bias, xs, w, w + mixed * sums};
}
static int is_of_products(const I *at) { return at[0] == ROW_dot || at[0] == COUNT; }

/* A number of s that is known, or 0. */
static double weight_of(const Maker *m, Place p) {
    return p >> 32 == OF_S && (I)p < m->known ? m->numbers[(I)p] : 0.0;
}
/* y + p q, where y is -1 for nothing. */
static int add_product(Maker *m, int y, Place p, Place q) {
    const double weight = weight_of(m, p);
    if (weight == 1.0) return y < 0 ? need(m, q) : combine(m, ADD, y, need(m, q));
    if (weight == -1.0 && y >= 0) return combine(m, SUBTRACT, y, need(m, q));
    const int product = combine_at(m, MULTIPLY, need(m, q), p);
    return y < 0 ? product : combine(m, ADD, y, product);
}
static void add_to(Maker *m, Place to, Place p, Place q, int is_first) {
    if (weight_of(m, p) != -1.0) add_in(m, add_product(m, -1, p, q), to, is_first);
    else keep_in(m, add_product(m, need(m, is_first ? PLACE(CONSTANT, ZERO) : to), p, q), to);
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
        add_in(m, need(m, PLACE(OF_G, s.out[i])), to, 0);
    }
    if (!part) return;
    for (size_t i = 0; k < s.mixed && i < s.sums; i++) {
        const Place grad = PLACE(OF_G, s.out[i]), x = PLACE(OF_V, s.xs[k]), w = PLACE(OF_S, s.w[k * s.sums + i]);
        if (!(skip & NO_W)) add_to(m, PLACE(OF_GS, s.w[k * s.sums + i]), x, grad, 0);
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
/* A part of an instruction, of so many that are alike, or 0 where it is not needed; a number that moves
   from a place to another one, or is added to it; or how many instructions from there are interpreted. */
typedef struct { const I *at; I skip; int part, firsts; size_t count; Place from, to; } Step;
static void make_part(Maker *m, Step s) {
    if (s.part == MOVE) keep_in(m, need(m, s.from), s.to);
    else if (s.part == PLUS) add_in(m, need(m, s.from), s.to, s.firsts);
    else if (is_of_products(s.at)) make_sums(m, s.at, s.skip, s.part, s.firsts);
    else if (s.part == FORWARD || !(s.skip >> s.part & 1)) make_row(m, s.at, s.part, s.firsts);
}

/* Whether nothing was added to these rows of g: then they need not be cleared. GIVEN ones never are. */
enum { UNTOUCHED, TOUCHED, SET, GIVEN };
static int is_first(Maker *m, const I *row, size_t count) {
    size_t untouched = 0;
    for (size_t i = 0; i < count; i++) untouched += m->grads[*row + i] == UNTOUCHED;
    for (size_t i = 0; i < count; i++) {
        char *const grad = m->grads + *row + i;
        if (*grad == UNTOUCHED) *grad = untouched == count ? SET : TOUCHED;
    }
    return untouched == count;
}
static int firsts_of(Maker *m, Step s) {
    const I to = (I)s.to;
    if (!m->grads || s.part == FORWARD || s.part == MOVE) return 0;
    if (s.part == PLUS) return is_first(m, &to, s.count);
    if (!is_of_products(s.at)) return !(s.skip >> s.part & 1) && is_first(m, s.at + 2 + s.part, s.count);
    const Sums of = sums_of(s.at);
    if (!s.part) return 0;
    const size_t k = s.part - 1;
    if (k < of.mixed) return !(s.skip & NO_X) && is_first(m, of.xs + k, s.count);
    const I *pair = of.pair + 2 * (k - of.mixed);
    const int first = !(s.skip & NO_P) && is_first(m, pair, s.count);
    return first | (!(s.skip & NO_Q) && is_first(m, pair + 1, s.count)) << 1;
}

/* The same of a run, which is interpreted where a function has to be called. */
static int parts_of_run(const I *at, int back) {
    const int parts = parts_of(at, back);
    for (int k = 0; !is_of_products(at) && k < parts; k++) if (!*FORMULAS[at[0]][back + k]) return 0;
    return parts;
}

