/* Loops of one sample, as machine code. */

enum { STAGES = 32, STEPS = 128, RANGES = 512 };
/* Numbers that stay in the cache; and how far a stage may be behind. */
enum { CACHED = 3072, FAR = 64 };

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
    m->failed = after.failed;
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
    if (is_full || offset > FAR || offset < -FAR || (meets && step.at && !parts_of_run(step.at, loop->back))) {
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

