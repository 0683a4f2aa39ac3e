/* From the lists of a plan to machine code for one sample. */
#include "instructions.h"
#include "stages.h"

/* Of code there are fewer bytes for a word of a plan; there is none where there are more in all. */
enum { MOST_CROSSING = 12, MOST_ALONE = 64, BYTES_A_WORD = 64, MOST_BYTES = 1 << 30 };

/* The next state goes where the state is, from these rows. Those that are of the state themselves are read
   first: whether there are registers for them, and no other result is overwritten. */
static size_t crossing(const I *rows, size_t states) {
    size_t found = 0;
    for (size_t i = 0; i < states; i++) found += rows[i] < states && rows[i] != i;
    return found;
}
static int can_move(const I *rows, size_t states, size_t results) {
    const size_t found = crossing(rows, states);
    for (size_t i = states; i < results; i++) {
        if (rows[i] < states && rows[rows[i]] != rows[i]) return 0;
    }
    return !found || (found <= MOST_CROSSING && states <= MOST_ALONE);
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

static void make_moves(Maker *m, Loop *loop, const I *rows, size_t states) {
    int first[MOST_CROSSING];
    size_t found = 0;
    if (!crossing(rows, states)) { /* in the loop that makes them, if there is one */
        for (size_t i = 0, many; i < states; i += many) {
            for (many = 1; i + many < states && rows[i + many] == rows[i] + many;) many++;
            if (many < LANES) many = 1;
            if (rows[i] != i) add_part(m, loop, many, (Step){NULL, rows[i], MOVE, (int)i});
        }
        close_loop(m, loop);
        return;
    }
    close_loop(m, loop);
    for (size_t i = 0; i < states; i++) {
        if (rows[i] < states && rows[i] != i) first[found++] = need(m, PLACE(OF_V, rows[i]));
    }
    for (size_t i = found = 0; i < states; i++) {
        if (rows[i] != i) keep_in(m, rows[i] < states ? first[found++] : need(m, PLACE(OF_V, rows[i])), PLACE(OF_V, i));
    }
}

/* To the tape's check 0 is added if all these rows are finite, else nan. */
static void make_look(Maker *m, const I *span, I spans) {
    const Place zero = PLACE(CONSTANT, ZERO), before = PLACE(ASIDE, offsetof(Tape, check) / sizeof(double));
    const int first = need(m, zero), sum = combine(m, ADD, first, need(m, zero));
    for (; spans; spans--, span += 2) for (I i = 0; i < span[1]; i++) {
        const int x = need(m, PLACE(OF_V, span[0] + i)), none = need(m, zero);
        operate(m, MULTIPLY_ADD, sum, none, x);
        unpin(m, x), unpin(m, none);
    }
    EMIT_WITH("\x49\x8B\x85", offsetof(Block, tape)); /* mov rax, [r13 + tape] */
    keep_in(m, combine(m, ADD, sum, need(m, before)), before);
}
/* The next state, and once more if its condition holds, unless that was often enough. */
static void make_next_step(Maker *m, Loop *loop, List l, size_t top) {
    const I *const body = l.key, *const spans = l.state + body[3];
    if (looks_inside(body, spans)) {
        close_loop(m, loop);
        make_look(m, spans, body[4]);
    }
    make_moves(m, loop, l.state, l.states);
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
    if (l.state) make_next_step(m, &loop, l, top);
    close_loop(m, &loop);
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

static void machine_clear(const Machine *m) {
    munmap(m->memory, m->size);
    for (size_t i = 0; i < m->count; i++) free(m->entries[i].spans);
    free(m->entries);
}

/* Of a plan with so many rows, or of a way back; and the numbers that it begins with. Constants come
   first, then the code, in memory that may be written until the code may run. NULL where there is none. */
static Machine *machine_new(const Plan *p, size_t words, const I *back_at, size_t height,
                            const double *numbers, size_t known) {
    const size_t start = 32 * CONSTANTS, most = start + (1 << 16) + BYTES_A_WORD * words;
    const size_t room = most < MOST_BYTES ? most : MOST_BYTES;
    enum { PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE };
    unsigned char *const memory = mmap(NULL, room, PROT_READ | PROT_WRITE, PRIVATE, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    for (size_t k = 0; k < CONSTANTS; k++) for (size_t i = 0; i < 4; i++) {
        const uint64_t mask = k == SIGN ? 1ull << 63 : ~(1ull << 63);
        memcpy(memory + 32 * k + 8 * i, k < SIGN ? (const void *)(NUMBERS + k) : &mask, 8);
    }
    Making making = {.code = p->code, .back = back_at};
    Maker *const m = &making.maker;
    m->bytes = memory, m->used = start, m->room = room, m->numbers = numbers, m->known = known;
    const Back back = back_at ? back_of(back_at) : (Back){0};
    const I *const sizes = back_at ? back.sizes : p->sizes, *const cuts = back_at ? back.cuts : p->cuts;
    const I *inner = back_at ? back.inner : p->inner, *outer = back_at ? back.outer : p->outer;
    const size_t phases = p->sizes[CUTS] + 1, width = back_at ? 2 : 1;
    for (size_t k = 0; k < phases; k++) {
        const Cut from = cut_of(sizes, cuts, k, phases), to = cut_of(sizes, cuts, k + 1, phases);
        List l = {.key = inner, .at = inner, .count = to.inner - from.inner};
        inner += width * l.count;
        m->narrow = 1;
        make_lists(&making, l);
        m->narrow = 0;
        l = (List){.key = outer, .at = outer, .count = to.outer - from.outer};
        outer += width * l.count;
        if (back_at && phases == 1) {
            l.height = height, l.seeds = p->outputs, l.seeded = 1;
            l.spans = back.cleared, l.cleared = back.sizes[CLEARED];
        }
        make_lists(&making, l);
    }
    if (making.count) qsort(making.entries, making.count, sizeof *making.entries, by_list);
    Machine *const machine = malloc(sizeof *machine), made = {memory, room, making.count, making.entries};
    if (machine) *machine = made;
    if (!machine || m->failed || mprotect(memory, room, PROT_READ | PROT_EXEC)) {
        machine_clear(&made);
        free(machine);
        return NULL;
    }
    return machine;
}

static void machine_free(Machine *m) {
    if (m) machine_clear(m);
    free(m);
}
