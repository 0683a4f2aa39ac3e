/* Loops of one sample, as machine code. */

enum { STAGES = 32, STEPS = 128, RANGES = 512 };
/* Numbers that stay in the cache; how far a stage may be behind; and what is a long loop. */
enum { CACHED = 1536, FAR = 64, LONG = 256 };

/* A loop over what lies side by side, so many numbers at a time that what they need stays in the cache:
   stage after stage computes them, each with steps of its own. A stage is behind the others by an offset,
   so that what it reads of them is there, also when it is of other numbers than its own. Back, all goes
   from the last number to the first. */
typedef struct { long offset; size_t count, steps; } Stage;
typedef struct { Place first; long offset; size_t count, stage; int is_written; } Seen;
typedef struct {
    int back;
    size_t stages, steps, seen;
    long first, end; /* of the numbers of all stages */
    Stage stage[STAGES];
    Step step[STEPS];
    Seen all[RANGES];
    Fold folds[FOLDS];
} Loop;

/* The steps of a stage, for the numbers from rax to r8 (wide) or r9. */
static void make_stage(Maker *m, const Loop *loop, const Stage *stage, int wide) {
    wide ? EMIT("\x4C\x39\xC0") : EMIT("\x4C\x39\xC8"); /* cmp rax, r8 or r9 */
    EMIT_WITH("\x0F\x8D", 0);                            /* jge to behind it, see below */
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

/* Rows that nobody reads after a loop of many chunks, and that it writes before it reads them, need be no
   more than those of a chunk: all but some at the ends, which are copied to there. `by` is so that at
   rdx those rows of all stages begin EDGE rows after the first; `reach` is how many rows more than a
   chunk's it takes, which go from chunk to chunk. */
enum { EDGE = 8 };
static void fold(Maker *m, Loop *loop, size_t nth, long many) {
    Place first = loop->all[nth].first, end = first + loop->all[nth].count;
    const Space space = first >> 32;
    long low = LONG_MAX, high = LONG_MIN;
    if (space > OF_G || m->folded == FOLDS) return;
    for (size_t i = 0; i < loop->seen; i++) { /* all that overlap */
        const Seen *s = loop->all + i;
        if (s->first >= end || s->first + s->count <= first) continue;
        if (s->first >= first && s->first + s->count <= end) continue;
        if (s->first < first) first = s->first;
        if (s->first + s->count > end) end = s->first + s->count;
        i = -1;
    }
    const size_t rows = end - first;
    for (size_t i = 0; i < m->folded; i++) if (loop->folds[i].first == first) return;
    for (size_t i = 0; i < rows; i++) if (m->last[space - OF_V][(I)first + i] > m->now) return;
    char *const known = calloc(rows, 1);
    if (!known) return;
    int is_good = 1;
    for (size_t i = 0; i < loop->seen; i++) {
        const Seen *s = loop->all + i;
        const long from = (long)(I)s->first - s->offset;
        if (s->first >= end || s->first + s->count <= first) continue;
        low = from < low ? from : low, high = from > high ? from : high;
        for (size_t k = s->first - first; k < s->first - first + s->count; k++) if (!known[k]) {
            known[k] = s->is_written ? 1 : 2;
            is_good &= s->is_written || k < EDGE || k + EDGE >= rows;
        }
    }
    const Fold made = {first, end, (long)(I)first + EDGE - low, high - low};
    if (is_good && made.reach <= FAR && (long)rows >= many + made.reach + 3 * EDGE) loop->folds[m->folded++] = made;
    free(known);
}

/* How many numbers of a loop are computed at once, by how many ranges of rows there are. */
static long at_once(const Loop *loop) {
    long found = 1;
    for (size_t i = 0, k; i < loop->seen; i++) {
        const Seen *const a = loop->all + i, *b = loop->all;
        for (k = 0; k < i && (a->first >= b[k].first + b[k].count || b[k].first >= a->first + a->count);) k++;
        found += k == i && a->count > 1;
    }
    return CACHED / found < 64 ? 64 : CACHED / found / LANES * LANES;
}
/* Rows at the ends that are read before a loop writes them go along at the chunk that reads them. */
static void bring_edges(Maker *m, const Loop *loop, const Fold *f, long many) {
    for (Place row = f->first; row < f->end; row = row + 1 == f->first + EDGE ? f->end - EDGE : row + 1) {
        long chunk = loop->back ? LONG_MIN : LONG_MAX;
        for (size_t i = 0; i < loop->seen; i++) {
            const Seen *s = loop->all + i;
            if (row < s->first || row >= s->first + s->count) continue;
            if (chunk == (loop->back ? LONG_MIN : LONG_MAX) && s->is_written) break;
            const long at = ((long)(row - s->first) + s->offset - loop->first) / many;
            chunk = loop->back ? (at > chunk ? at : chunk) : at < chunk ? at : chunk;
        }
        if (chunk == LONG_MIN || chunk == LONG_MAX) continue;
        chunk = loop->first + chunk * many;
        EMIT_WITH("\x48\x81\xFA", 8 * chunk); /* cmp rdx, chunk; jne */
        EMIT_WITH("\x0F\x85", 0);
        const size_t start = m->used;
        reach(m, LOAD, 0, 0, row);
        reach(m, STORE, 0, 0, row + f->by - chunk);
        const uint32_t skipped = m->used - start;
        memcpy(m->bytes + start - sizeof skipped, &skipped, sizeof skipped);
    }
}

static void close_loop(Maker *m, Loop *loop) {
    const long first = loop->first, end = loop->end;
    if (!loop->stages) return;
    const long many = loop->stages == 1 ? end - first : at_once(loop);
    EMIT_WITH("\x48\xC7\xC2", 8 * (loop->back ? first + (end - first - 1) / many * many : first)); /* mov rdx, first */
    m->folds = loop->folds;
    for (size_t i = 0; m->last[0] && end - first > many && i < loop->seen; i++) if (loop->all[i].is_written) fold(m, loop, i, many);
    const size_t start = m->used;
    EMIT_WITH("\x48\x8D\x8A", 8 * many); /* lea rcx, [rdx + many] */
    if (m->folded) EMIT("\x49\x89\xDA\x49\x29\xD2\x4D\x89\xF3\x49\x29\xD3"); /* mov r10, rbx; sub r10, rdx; r11, r14 */
    for (size_t i = 0; i < m->folded; i++) bring_edges(m, loop, m->folds + i, many);
    for (size_t k = 0; k < loop->stages; k++) {
        const Stage *s = loop->stage + k;
        EMIT_WITH("\x48\xC7\xC0", 8 * s->offset);                           /* mov rax, its first */
        EMIT_WITH("\x48\x39\xD0\x48\x0F\x4C\xC2\x49\xC7\xC1", 8 * (s->offset + (long)s->count)); /* max with rdx; mov r9, its end */
        EMIT("\x49\x39\xC9\x4C\x0F\x4F\xC9\x4D\x8D\x41\xE8");          /* min with rcx; lea r8, [r9 - 24] */
        if (s->count >= 4) make_stage(m, loop, s, 1);
        make_stage(m, loop, s, 0);
    }
    for (size_t i = 0; i < m->folded; i++) for (long k = 0; k < m->folds[i].reach; k += 4) { /* to the next chunk */
        const Place at = m->folds[i].first + EDGE + k;
        m->wide = 1;
        reach(m, LOAD, 0, 0, loop->back ? at : at + many);
        reach(m, STORE, 0, 0, loop->back ? at + many : at);
        m->wide = 0;
    }
    EMIT_WITH("\x48\x81\xC2", loop->back ? -8 * many : 8 * many); /* add rdx, many */
    EMIT_WITH("\x48\x81\xFA", 8 * (loop->back ? first : end));    /* cmp rdx, end */
    if (loop->back) JUMP("\x0F\x8D", start);                       /* jge */
    else JUMP("\x0F\x8C", start);                                  /* jl */
    EMIT("\xC5\xF8\x77");                                         /* vzeroupper */
    loop->stages = loop->steps = loop->seen = loop->first = loop->end = m->shift = m->folded = 0;
}

/* What a part reads and writes: how many ranges. It is made, and thrown away. */
static size_t noted(Maker *m, Step step, Range *ranges) {
    const Maker before = *m;
    m->ranges = ranges, m->noted = 0;
    make_part(m, step);
    const Maker after = *m;
    *m = before;
    m->failed = after.failed;
    return after.noted;
}

/* Add a part to the loop, or begin a new loop with it. One number is computed before the loop, if it may
   be, and in a long loop where that is at it. */
static void add_part(Maker *m, Loop *loop, Step step) {
    Range ranges[4 * MOST_PRODUCTS];
    const size_t count = step.count, found = loop->stages || count > 1 ? noted(m, step, ranges) : 1;
    if (!found) return;
    const long any = count > 1 ? 0 : loop->back ? LONG_MAX : LONG_MIN;
    long offset = any;
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
    if (!meets) offset = 0;
    const int is_full = loop->stages == STAGES || loop->steps == STEPS || loop->seen + found > RANGES;
    const int is_inside = count == 1 && loop->end - loop->first > LONG && offset >= loop->first && offset < loop->end;
    const int is_far = (offset > FAR || offset < -FAR) && !is_inside;
    if (is_full || is_far || (meets && step.at && !parts_of_run(step.at, step.part != FORWARD))) {
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
    if (offset < loop->first) loop->first = offset;
    if (offset + (long)count > loop->end) loop->end = offset + count;
}
