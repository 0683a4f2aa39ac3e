/* From the lists of a plan to machine code for one sample. */
#include "instructions.h"
#include "stages.h"
#include "steps.h"

/* Of code there are fewer bytes for a word of a plan; there is none where there are more in all. */
enum { BYTES_A_WORD = 64, MOST_BYTES = 1 << 30 };

/* To the tape's check 0 is added if all these rows are finite, else nan. */
static void make_look(Maker *m, const I *span, I spans) {
    const Place zero = PLACE(CONSTANT, ZERO), before = PLACE(ASIDE, offsetof(Tape, check) / sizeof(double));
    const int first = need(m, zero), sum = combine(m, ADD, first, need(m, zero));
    for (; spans; spans--, span += 2) for (I i = 0; i < span[1]; i++) {
        const int x = need(m, PLACE(OF_V, span[0] + i)), none = need(m, zero);
        operate(m, MULTIPLY_ADD, sum, none, x);
        unpin(m, x), unpin(m, none);
    }
    EMIT_WITH("\x49\x8B\x84\x24", offsetof(Block, tape)); /* mov rax, [r12 + tape] */
    keep_in(m, combine(m, ADD, sum, need(m, before)), before);
}
/* Once more if the condition of the next state holds, unless that was often enough. */
static void make_next_step(Maker *m, List l, size_t top) {
    EMIT("\x48\xFF\x0C\x24"); /* dec qword [rsp] */
    EMIT_WITH("\x0F\x84", 0);  /* jz to the end, see below */
    const size_t end = m->used;
    if (l.loop[3] == NO_END) {
        const I condition = place_of(l.outs, l.loop[7], l.states, l.body[0]);
        const int known = need(m, PLACE(OF_V, condition)), none = need(m, PLACE(CONSTANT, ZERO));
        operate(m, ORDER, known, 0, none);
        unpin(m, known), unpin(m, none);
        JUMP("\x0F\x8A", top); /* jp, jne: whether it is not 0 */
        JUMP("\x0F\x85", top);
    } else JUMP("\xE9", top); /* jmp */
    const uint32_t skipped = m->used - end;
    memcpy(m->bytes + end - sizeof skipped, &skipped, sizeof skipped);
    EMIT("\x48\x8B\x04\x24"); /* mov rax, [rsp] */
}

static void make_steps(Making *making, List l, size_t cleared, const char *grads) {
    Maker *const m = &making->maker;
    Loop loop = {.back = l.back > 0};
    for (size_t i = 0; i <= making->made; i++) {
        const Step *const s = making->steps + i;
        m->now = i;
        if (i == cleared && grads) add_clears(m, &loop, l, grads);
        if (i == making->made || s->part > CHECK) {
            if (i < making->made && s->count) add_part(m, &loop, *s);
            continue;
        }
        close_loop(m, &loop);
        if (s->part == CHECK) {
            make_look(m, s->at, s->count);
            continue;
        }
        set(m, RDI, (uintptr_t)making->code);
        set(m, RSI, (uintptr_t)s->at);
        set(m, RDX, s->count);
        copy(m, RCX, R12);
        call(m, s->part == AHEAD ? (const void *)forward_one : (const void *)reverse_one);
    }
    close_loop(m, &loop);
}

static void make_list(Making *making, List l) {
    static const unsigned char first[] = {0x53, 0x55, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57, 0x48, 0x83,
        0xEC, 0x08, 0x49, 0x89, 0xF4, 0x48, 0x89, 0x14, 0x24}; /* push, sub rsp, 8; mov r12, rsi; mov [rsp], rdx */
    static const unsigned char last[] = {0x48, 0x83, 0xC4, 0x08, 0x41, 0x5F, 0x41, 0x5E, 0x41, 0x5D, 0x41, 0x5C,
        0x5D, 0x5B, 0xC3};
    static const size_t fields[] = {offsetof(Block, v), offsetof(Block, g), offsetof(Block, s), offsetof(Block, gs),
        offsetof(Block, kept)};
    Maker *const m = &making->maker;
    const Place v = PLACE(OF_V, 0), g = PLACE(OF_G, 0), aside = l.loop ? l.body[0] : 0;
    making->made = 0;
    if (l.back && l.forward) add_moves(making, MOVE, PLACE(KEPT, 0), NULL, v, NULL, l.states);
    add_list(making, l.ahead, l.forward, 0);
    if (l.begins_anew && looks_inside(l.body, l.outs + l.results))
        add_step(making, (Step){.at = l.outs + l.results, .part = CHECK, .count = l.body[4]});
    if (l.begins_anew) add_next_state(making, l);
    if (l.back) add_moves(making, MOVE, g, NULL, g + aside, NULL, l.states);
    const size_t cleared = making->made;
    if (l.back && l.loop) add_moves(making, PLUS, g + aside, NULL, g, l.outs, l.loop[7]);
    add_list(making, l.behind, l.back, 1);
    uint32_t *const reads = l.loop ? find_last_of(making, l) : NULL;
    char *const grads = l.height ? calloc(l.height + l.results, 1) : NULL;
    if (grads) find_firsts(making, l, grads, cleared);
    else m->failed |= l.height > 0;
    forget(m);
    reserve(m);
    for (size_t i = 0; i < sizeof first; i++) put(m, first[i], 1);
    for (int k = 0; k < 5; k++) { /* mov base, [rsi + field] */
        const int base = BASES[OF_V + k];
        reserve(m);
        put(m, (base > 7 ? 0x4C : 0x48) | 0x8B << 8 | (0x40 | (base & 7) << 3 | RSI) << 16 | fields[k] << 24, 4);
    }
    const size_t top = m->used;
    make_steps(making, l, cleared, grads);
    if (l.begins_anew) make_next_step(m, l, top);
    reserve(m);
    for (size_t i = 0; i < sizeof last; i++) put(m, last[i], 1);
    free(grads), free(reads);
    m->last[0] = NULL;
}

static void make_lists(Making *making, List l) {
    const I *const code = making->code, *const back = making->back;
    Maker *const m = &making->maker;
    const int narrow = m->narrow;
    if (!(back ? l.back : l.forward)) return;
    for (size_t i = 0; i < making->count; i++) if (making->entries[i].list == l.key) return;
    making->entries = with_room(m, making->entries, making->count, &making->room, sizeof *making->entries);
    if (m->failed) return;
    making->entries[making->count++] = (Entry){l.key, m->used};
    make_list(making, l);
    m->narrow = 0;
    for (size_t i = 0; i < (back ? l.back : l.forward); i++) {
        const I *at = code + (back ? l.behind[2 * i] : l.ahead[i]), *body = code + at[2], *starts = body + 5;
        if (at[0] != COUNT + 1) continue;
        List in = {.ahead = starts, .forward = body[1], .loop = at, .body = body, .outs = starts + body[1] + 2 * body[2],
            .states = at[4], .results = body[3]};
        if (back) {
            in.height = body[0], in.given = at[4] + at[5], in.givens = at[6], in.forward = are_whole(at, 1) ? 0 : body[1];
            for (const I *way = back + l.behind[2 * i + 1], *last = NULL; way != last; last = way, way = way[3] ? way : way_before(way)) {
                in.behind = way + 4, in.back = way[0], in.cleared = way[2], in.spans = way + 4 + 2 * (way[0] + way[1]);
                in.key = key_of(in.behind, are_whole(at, 1));
                make_lists(making, in);
            }
            continue;
        }
        make_lists(making, (List){.key = starts, .ahead = starts, .forward = body[1]});
        in.key = body, in.begins_anew = 1;
        make_lists(making, in);
    }
    m->narrow = narrow;
}

static int by_list(const void *a, const void *b) {
    const I *first = ((const Entry *)a)->list, *second = ((const Entry *)b)->list;
    return (first > second) - (first < second);
}

static void machine_clear(const Machine *m) {
    munmap(m->memory, m->size);
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
        List l = {.key = inner, .ahead = inner, .behind = inner};
        *(back_at ? &l.back : &l.forward) = to.inner - from.inner;
        m->narrow = 1;
        make_lists(&making, l);
        m->narrow = 0;
        inner += width * (to.inner - from.inner);
        l.key = l.ahead = l.behind = outer;
        *(back_at ? &l.back : &l.forward) = to.outer - from.outer;
        outer += width * (to.outer - from.outer);
        if (back_at && phases == 1) {
            l.height = height, l.given = *p->outputs, l.givens = 1;
            l.spans = back.cleared, l.cleared = back.sizes[CLEARED];
        }
        make_lists(&making, l);
    }
    free(making.steps);
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
