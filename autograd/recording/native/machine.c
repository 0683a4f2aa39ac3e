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
enum { FORWARD = -1, MOST_PRODUCTS = 64, STEPS = 32, RANGES = 1024, MOST_MOVED = 12 };

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

/* A row's result, or what it adds to the grad of an operand. */
static void make_row(Maker *m, const I *at, int part) {
    if (part == FORWARD) {
        keep_in(m, evaluate(m, at, 0), PLACE(OF_V, at[1]));
        return;
    }
    const char *text = FORMULAS[at[0]][1 + part];
    const int is_one = !strcmp(text, "A"), partial = is_one ? -1 : evaluate(m, at, 1 + part);
    int grad = need(m, PLACE(OF_G, at[1]));
    if (!is_one) grad = combine(m, MULTIPLY, partial, grad);
    const Place to = PLACE(OF_G, at[2 + part]);
    keep_in(m, combine(m, ADD, need(m, to), grad), to);
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
static void add_to(Maker *m, Place to, Place p, Place q) {
    keep_in(m, add_product(m, need(m, to), p, q), to);
}

static void make_sums(Maker *m, const I *at, I skip, int part) {
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
        if (!(skip & NO_W)) add_to(m, PLACE(OF_GS, s.w[k * s.sums + i]), grad, x);
        if (!(skip & NO_X)) add_to(m, PLACE(OF_G, s.xs[k]), w, grad);
    }
    if (k < s.mixed) return;
    const I p = s.pair[2 * (k - s.mixed)], q = s.pair[2 * (k - s.mixed) + 1];
    if (!(skip & NO_P)) add_to(m, PLACE(OF_G, p), PLACE(OF_V, q), PLACE(OF_G, *s.out));
    if (!(skip & NO_Q)) add_to(m, PLACE(OF_G, q), PLACE(OF_V, p), PLACE(OF_G, *s.out));
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
static void make_part(Maker *m, const I *at, I skip, int part) {
    if (is_of_products(at)) make_sums(m, at, skip, part);
    else if (part == FORWARD || !(skip >> part & 1)) make_row(m, at, part);
}

/* Loops over what lies side by side: parts that do not meet are computed in one. */
typedef struct { const I *at; I skip; int part; } Step;
typedef struct { size_t count, steps, ranges; Step step[STEPS]; Range range[RANGES]; } Loop;

static void close_loop(Maker *m, Loop *loop) {
    const size_t whole = loop->count / 4 * 4;
    if (!loop->steps) return;
    m->indexed = 1;
    reserve(m);
    put(m, 0xC031, 2); /* xor eax, eax */
    for (int wide = 1; wide >= 0; wide--) {
        const size_t end = wide ? whole : loop->count, start = m->used;
        if (wide ? !whole : whole == loop->count) continue;
        m->wide = wide;
        forget(m);
        for (size_t i = 0; i < loop->steps; i++) {
            make_part(m, loop->step[i].at, loop->step[i].skip, loop->step[i].part);
        }
        reserve(m);
        put(m, 0xC08348 | (wide ? 32 : 8) << 24, 4);   /* add rax, 32 */
        put(m, 0x3D48 | 8ull * end << 16, 6);          /* cmp rax, end */
        put(m, 0x820F | (start - m->used - 6) << 16, 6); /* jb start */
    }
    reserve(m);
    put(m, 0x77F8C5, 3); /* vzeroupper */
    forget(m);
    loop->steps = loop->ranges = m->wide = m->indexed = 0;
}

/* What a part reads and writes: how many ranges. It is made, and thrown away. */
static size_t noted(Maker *m, Step step, Range *ranges) {
    const Maker before = *m;
    m->ranges = ranges, m->noted = 0;
    make_part(m, step.at, step.skip, step.part);
    const Maker after = *m;
    *m = before;
    m->bytes = after.bytes, m->room = after.room, m->failed = after.failed;
    m->fixups = after.fixups, m->fixing = after.fixing;
    return after.noted;
}

/* Whether a part of so many numbers may not go before the loop, nor into it: where one writes what the
   other one reads or writes, but for the same numbers in the same turn. */
static int meets(const Loop *loop, size_t count, const Range *ranges, size_t noted) {
    for (size_t i = 0; i < loop->ranges; i++) for (size_t k = 0; k < noted; k++) {
        const Range old = loop->range[i], new = ranges[k];
        if ((old.first == new.first && count == loop->count) || !(old.is_written || new.is_written)) continue;
        if (old.first < new.first + count && new.first < old.first + loop->count) return 1;
    }
    return 0;
}

/* Add a part of so many numbers to the loop, or begin a new one with it. One number is computed before
   the loop, if it may be. */
static void add_part(Maker *m, Loop *loop, size_t count, Step step) {
    Range ranges[4 * MOST_PRODUCTS];
    const size_t found = loop->steps || count > 1 ? noted(m, step, ranges) : 1;
    if (!found) return;
    const int is_full = loop->steps == STEPS || loop->ranges + found > RANGES;
    if (loop->steps && (meets(loop, count, ranges, found) || (count > 1 && (count != loop->count || is_full)))) {
        close_loop(m, loop);
    }
    if (count == 1) {
        make_part(m, step.at, step.skip, step.part);
        return;
    }
    loop->count = count;
    memcpy(loop->range + loop->ranges, ranges, found * sizeof *ranges);
    loop->ranges += found;
    loop->step[loop->steps++] = step;
}

/* The same of a run, which is interpreted where a function has to be called. */
static int parts_of_run(const I *at, int back) {
    const int parts = parts_of(at, back);
    for (int k = 0; !is_of_products(at) && k < parts; k++) if (!*FORMULAS[at[0]][back + k]) return 0;
    return parts;
}

/* The next state goes where the state is, from these rows; those that are of the state themselves are
   read first. Whether there are registers for them, and no other result is overwritten. */
static int can_move(const I *rows, size_t states, size_t results) {
    size_t found = 0;
    for (size_t i = 0; i < states; i++) found += rows[i] < states && rows[i] != i;
    for (size_t i = states; i < results; i++) if (rows[i] < states && rows[rows[i]] != rows[i]) return 0;
    return found <= MOST_MOVED;
}
static void make_moves(Maker *m, const I *rows, size_t count) {
    int first[MOST_MOVED];
    size_t found = 0;
    for (size_t i = 0; i < count; i++) if (rows[i] < count && rows[i] != i) first[found++] = need(m, PLACE(OF_V, rows[i]));
    for (size_t i = 0; i < count; i++) if (rows[i] >= count) keep_in(m, need(m, PLACE(OF_V, rows[i])), PLACE(OF_V, i));
    for (size_t i = found = 0; i < count; i++) if (rows[i] < count && rows[i] != i) keep_in(m, first[found++], PLACE(OF_V, i));
}

/* A list of instructions, forward, or back from its last pair of an instruction and what it skips. */
static void make_list(Maker *m, const I *code, const I *list, size_t count, int back, const I *state, size_t states) {
    Loop loop = {0};
    size_t done = 0, to = 0; /* those from done to `to` are to be interpreted */
    static const unsigned char first[] = {0x53, 0x55, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57, 0x48, 0x83,
        0xEC, 0x08, 0x49, 0x89, 0xFC, 0x49, 0x89, 0xF5}; /* push, sub rsp, 8; mov r12, rdi; mov r13, rsi */
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
        }
        done = to = i + 1;
        for (int part = 0; part < parts; part++) {
            add_part(m, &loop, at == head ? 1 : at[1], (Step){head, skip, back ? part : FORWARD});
        }
    }
    close_loop(m, &loop);
    make_moves(m, state, states);
    reserve(m);
    for (size_t i = 0; i < sizeof last; i++) put(m, last[i], 1);
}

/* All lists of a plan, or of a way back: where the code of each begins. */
typedef struct { Maker maker; Entry *entries; size_t count, room; const I *code, *back; } Making;

static void make_lists(Making *making, const I *list, size_t count);
static void make_all(Making *making, const I *list, size_t count, const I *key, const I *state, size_t states) {
    const I *const code = making->code, *const back = making->back;
    const int narrow = making->maker.narrow;
    if (!count) return;
    for (size_t i = 0; i < making->count; i++) if (making->entries[i].list == key) return;
    if (making->count == making->room) {
        const size_t room = 2 * making->room + 8;
        Entry *entries = realloc(making->entries, room * sizeof *entries);
        if (!entries) { making->maker.failed = 1; return; }
        making->entries = entries, making->room = room;
    }
    making->entries[making->count++] = (Entry){key, making->maker.used};
    make_list(&making->maker, code, list, count, back != NULL, state, states);
    for (size_t i = 0; i < count; i++) {
        const I *at = code + list[back ? 2 * i : i], *body = code + at[2];
        if (at[0] != COUNT + 1) continue;
        making->maker.narrow = 0;
        if (back) make_lists(making, back + list[2 * i + 1] + 3, back[list[2 * i + 1]]);
        else {
            const I *const starts = body + 5, *const outs = starts + body[1] + 2 * body[2];
            make_lists(making, starts, body[1]);
            if (can_move(outs, at[4], body[3])) make_all(making, starts, body[1], body, outs, at[4]);
        }
        making->maker.narrow = narrow;
    }
}

static void make_lists(Making *making, const I *list, size_t count) {
    make_all(making, list, count, list, NULL, 0);
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
        free(machine), free(making->entries);
        machine = NULL;
    } else {
        qsort(making->entries, making->count, sizeof *making->entries, by_list);
        *machine = (Machine){memory, size, making->count, making->entries};
    }
    free(m->bytes), free(m->fixups);
    return machine;
}

/* Of a plan, or of a way back. */
static Machine *machine_new(const Plan *p, const I *back_at, const double *numbers, size_t known) {
    Making making = {.maker = {.numbers = numbers, .known = known}, .code = p->code, .back = back_at};
    const Back back = back_of(back_at ? back_at : p->code);
    const I *const sizes = back_at ? back.sizes : p->sizes, *const cuts = back_at ? back.cuts : p->cuts;
    const I *const inner = back_at ? back.inner : p->inner, *const outer = back_at ? back.outer : p->outer;
    const size_t phases = p->sizes[CUTS] + 1, words = back_at ? 2 : 1;
    for (size_t k = 0; k < phases; k++) {
        const Cut from = cut_of(sizes, cuts, k, phases), to = cut_of(sizes, cuts, k + 1, phases);
        making.maker.narrow = 1;
        make_lists(&making, inner + words * from.inner, to.inner - from.inner);
        making.maker.narrow = 0;
        make_lists(&making, outer + words * from.outer, to.outer - from.outer);
    }
    return made(&making);
}

static void machine_free(Machine *m) {
    if (!m) return;
    munmap(m->memory, m->size);
    free(m->entries);
    free(m);
}
