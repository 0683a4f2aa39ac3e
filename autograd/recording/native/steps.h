/* A list of instructions as steps: what they add to first, and who reads last what they write. */

/* A list, by its key: so many instructions forward, then so many back. Of a loop's body: the loop's
   instruction, rows of the results, the next state first, and whether that goes to where the state is, to
   begin anew. Going back: how many rows there are, what is cleared before, and which rows of it are not. */
typedef struct {
    const I *key, *ahead, *behind;
    size_t forward, back;
    const I *loop, *body, *outs;
    size_t states, results;
    int begins_anew;
    size_t height, cleared;
    const I *spans;
    I given, givens;
} List;

/* All lists of a plan, or of a way back: where the code of each begins; and the steps of the last one. */
typedef struct {
    Maker maker;
    Entry *entries;
    size_t count, room;
    const I *code, *back;
    Step *steps;
    size_t made, space;
} Making;

/* Room for one more. */
static void *with_room(Maker *m, void *all, size_t count, size_t *room, size_t size) {
    if (count < *room) return all;
    void *more = realloc(all, (2 * *room + 8) * size);
    if (more) *room = 2 * *room + 8;
    else m->failed = 1;
    return more ? more : all;
}
static void add_step(Making *making, Step step) {
    Maker *const m = &making->maker;
    making->steps = with_room(m, making->steps, making->made, &making->space, sizeof step);
    if (making->made < making->space) making->steps[making->made++] = step;
}
/* Numbers of rows that go to rows; without rows they follow one another. */
static void add_moves(Making *making, int part, Place from, const I *of, Place to, const I *rows, size_t count) {
    for (size_t i = 0, many; i < count; i += many) {
        for (many = 1; i + many < count;) {
            if ((of && of[i + many] != of[i] + many) || (rows && rows[i + many] != rows[i] + many)) break;
            many++;
        }
        if (many < LANES) many = 1;
        const Place first = from + (of ? of[i] : i), next = to + (rows ? rows[i] : i);
        if (first != next) add_step(making, (Step){.part = part, .count = many, .from = first, .to = next});
    }
}
static void add_list(Making *making, const I *list, size_t count, int back) {
    for (size_t i = 0; i < count; i++) {
        const I *const entry = list + (back ? 2 * (count - 1 - i) : i), *const at = making->code + *entry;
        const I *const head = at[0] == COUNT + 3 ? making->code + at[2] : at;
        const int parts = at != head ? parts_of_run(head, back) : parts_of(head, back);
        for (int part = 0; part < parts; part++) {
            add_step(making, (Step){head, back ? entry[1] : 0, back ? part : FORWARD, 0, at == head ? 1 : at[1], 0, 0});
        }
        if (parts) continue;
        Step *const last = making->made ? making->steps + making->made - 1 : NULL;
        if (i && last && last->part == (back ? BEHIND : AHEAD)) last->at = back ? entry : last->at, last->count++;
        else add_step(making, (Step){.at = entry, .part = back ? BEHIND : AHEAD, .count = 1});
    }
}

/* Which rows the steps from there on set, before any of them adds to them. */
static void find_firsts(Making *making, List l, char *grads, size_t from) {
    Maker *const m = &making->maker;
    memset(grads + l.given, GIVEN, l.givens);
    m->grads = grads;
    for (size_t i = from; i < making->made; i++) {
        Step *const s = making->steps + i;
        if (s->part == BEHIND) m->grads = NULL;
        s->firsts = firsts_of(m, *s);
    }
    m->grads = NULL;
}
/* Clear the others. */
static void add_clears(Maker *m, Loop *loop, List l, const char *grads) {
    for (const I *span = l.spans, *end = span + 2 * l.cleared; span < end; span += 2) {
        for (I row = *span, last = row + span[1], next; row < last; row = next + 1) {
            for (next = row; next < last && grads[next] < SET;) next++;
            const I many = next - row < LANES ? 1 : next - row;
            for (; row < next; row += many) {
                add_part(m, loop, (Step){.part = MOVE, .count = many, .from = PLACE(CONSTANT, ZERO), .to = PLACE(OF_G, row)});
            }
        }
    }
}

/* The next state goes to where the state is; what was a number of the state is put aside before. */
static void add_next_state(Making *making, List l) {
    const Place v = PLACE(OF_V, 0), aside = v + l.body[0];
    for (int pass = 0; pass < 2; pass++) for (size_t i = 0, end, most = pass ? l.states : l.results; i < most; i = end) {
        const int crosses = crosses_at(l.outs, i, l.states);
        for (end = i + 1; end < most && crosses_at(l.outs, end, l.states) == crosses;) end++;
        if (!pass && crosses) add_moves(making, MOVE, v, l.outs + i, aside + i, NULL, end - i);
        if (pass) add_moves(making, MOVE, crosses ? aside + i : v, crosses ? NULL : l.outs + i, v + i, NULL, end - i);
    }
}

/* Of rows of v or g the last steps that read them, or NULL of others. */
static uint32_t *last_of(const Maker *m, Place place) {
    return place >> 32 > OF_G ? NULL : m->last[(place >> 32) - OF_V] + (I)place;
}
static void need_rows(const Maker *m, Place first, const I *rows, size_t count) {
    for (size_t i = 0; i < count; i++) *last_of(m, first + (rows ? rows[i] : i)) = UINT32_MAX;
}
/* Which steps read rows last, of those that are not read afterwards. What nobody reads is not computed. */
static void find_last(Making *making, size_t rows) {
    Maker *const m = &making->maker;
    Range ranges[4 * MOST_PRODUCTS];
    for (size_t i = making->made; i-- > 0;) {
        Step *const s = making->steps + i;
        if (s->part == CHECK) continue;
        if (s->part < CHECK) { /* it may read all */
            for (size_t j = 0; j < 2 * rows; j++) if (!m->last[0][j]) m->last[0][j] = i + 1;
            return;
        }
        const size_t found = noted(m, *s, ranges), count = s->count;
        s->count = 0;
        for (size_t k = 0; k < found; k++) if (ranges[k].is_written) {
            const uint32_t *const last = last_of(m, ranges[k].first);
            for (size_t j = 0; j < count; j++) if (!last || last[j]) s->count = count;
        }
        for (size_t k = 0; k < found && s->count; k++) if (!ranges[k].is_written) {
            uint32_t *const last = last_of(m, ranges[k].first);
            for (size_t j = 0; last && j < count; j++) if (!last[j]) last[j] = i + 1;
        }
    }
}
/* The same of a loop's body: what is read of it when the list ends. */
static uint32_t *find_last_of(Making *making, List l) {
    Maker *const m = &making->maker;
    const I *const spans = l.outs + l.results, *const lifted = l.behind + 2 * l.back;
    const Place v = PLACE(OF_V, 0), g = PLACE(OF_G, 0);
    const size_t rows = l.body[0] + l.results;
    uint32_t *const last = calloc(2 * rows, sizeof *last);
    if (!last) return m->failed = 1, NULL;
    m->last[0] = last, m->last[1] = last + rows;
    if (l.back) {
        need_rows(m, g, NULL, l.given + l.givens);
        for (const I *pair = lifted; pair < l.spans; pair += 2) need_rows(m, g + *pair, NULL, 1);
    } else {
        need_rows(m, v, NULL, l.states), need_rows(m, v, l.outs, l.results), need_rows(m, v + l.body[0], NULL, l.results);
        for (I i = 0; i < l.body[4]; i++) need_rows(m, v + spans[2 * i], NULL, spans[2 * i + 1]);
    }
    find_last(making, rows);
    return last;
}
