/* Loops, a part of block.h. The instruction: its kind, 0, where its body is, how many steps (NO_END:
   for as long as its condition holds), how many numbers there are of a state, of an entry, of what
   the body needs, of results, then how many rows all steps take (0 for too many), and the condition
   before the first step. Then the rows: of results (0 where nobody uses one, else one more), the
   first state, what the body needs, and the entries of each step.

   A body: how many rows, instructions, narrow nodes with a row, outputs, spans of rows that are looked
   at; then all but the rows. */
#define LOOP \
    const I steps = at[3], k = at[4], m = at[5], c = at[6], r = at[7]; \
    const I *out = at + 10, *start = out + r, *needed = start + k, *entries = needed + c; \
    const I *body = code + at[2], *starts = body + 5, *lifted = starts + body[1]; \
    const I *outs = lifted + 2 * body[2]; \
    const size_t n = W == 1 ? 1 : b->n, stride = W == 1 ? 1 : b->stride, size = body[0] * stride; \
    Tape *tape = b->tape; \
    (void)steps, (void)m, (void)entries, (void)starts, (void)outs, (void)n, (void)out, (void)c

/* Copy rows to where the end of them is given; and add to rows. */
TARGET static double *NAME(gathered)(double *to, const double *from, const I *rows, size_t count,
                                     size_t n, size_t stride) {
    for (size_t i = 0; i < count; i++) {
        memcpy(to + i * stride, from + (rows ? rows[i] : i) * stride, (W == 1 ? 1 : n) * sizeof *to);
    }
    return to + count * stride;
}
TARGET static void NAME(scattered)(double *to, const I *rows, const double *from, size_t count, size_t n,
                                   size_t stride) {
    for (size_t i = 0; i < count; i++) for (size_t j = 0; j < (W == 1 ? 1 : n); j++) {
        to[rows[i] * stride + j] += from[i * stride + j];
    }
}

/* The inputs of a step: a state (rows of a frame, or from its start), the entry, what is needed. */
TARGET static void NAME(enter)(const I *at, const I *code, const Block *b, double *frame,
                               const double *state, const I *rows, size_t t, int is_new) {
    LOOP;
    const double *v = b->v, *s = b->s;
    double *to = frame + k * stride;
    if (state != frame) NAME(gathered)(frame, state, rows, k, n, stride);
    to = NAME(gathered)(to, v, entries + t * m, m, n, stride);
    if (!is_new) return; /* the others are there */
    NAME(gathered)(to, v, needed, c, n, stride);
    for (const I *pair = lifted; pair < outs; pair += 2) {
        for (size_t j = 0; j < n; j++) frame[pair[0] * stride + j] = s[pair[1]];
    }
    (void)tape, (void)size;
}

TARGET static void NAME(loop)(const I *at, const I *code, const Block *b) {
    LOOP;
    if (tape->stop) return; /* machine code around it goes on, for STEPS_AT_ONCE at most */
    double *v = b->v, *last = NULL, *two[2] = {NULL, NULL}, *kept = NULL;
    const int whole = b->keeps && are_whole(at, stride);
    const Mark mark = marked(tape);
    Record *const below = tape->last;
    Block in = *b;
    Code *const moving = W == 1 && !whole ? code_of(b->ahead, body, body[1]) : NULL;
    Code *const made = W == 1 ? code_of(b->ahead, starts, body[1]) : NULL;
    in.keeps = whole;
    if (!whole && !(two[0] = push(tape, size + body[3] * stride))) return;
    if (!whole && !(two[1] = moving ? two[0] : push(tape, size))) return;
    size_t t = 0;
    for (; steps == NO_END ? (t ? last[(moving ? place_of(outs, r, k, body[0]) : outs[r]) * stride] : v[at[9] * stride]) != 0.0 : t < steps; t++) {
        double *frame = whole ? push_after(tape, last, size) : two[t & 1];
        if (!frame) return;
        if (!moving || !t || m) {
            const I *const rows = !t ? start : moving ? NULL : outs;
            NAME(enter)(at, code, b, frame, last ? last : v, rows, t, whole || t < 1 + !moving);
        }
        if (b->keeps && !whole) {
            if (!(kept = push_after(tape, kept, k * stride))) return;
            memcpy(kept, frame, k * stride * sizeof *kept);
        }
        in.v = last = frame;
        size_t done = 1;
        if (moving) {
            const int is_one = m || kept || !looks_inside(body, outs + body[3]);
            const size_t left = steps == NO_END ? STEPS_AT_ONCE : steps - t;
            const size_t most = is_one ? 1 : left < STEPS_AT_ONCE ? left : STEPS_AT_ONCE;
            done = most - moving(code, &in, most);
            t += done - 1;
        } else if (made) made(code, &in, 1);
        else NAME(forward)(code, starts, body[1], &in);
        if (!moving || !looks_inside(body, outs + body[3])) {
            tape->check += NAME(looked)(outs + body[3], body[4], frame, n, stride);
        }
        if (!goes_on(tape, done * size)) return;
    }
    for (size_t i = 0; i < r; i++) if (out[i]) {
        const I row = moving ? place_of(outs, i, k, body[0]) : outs[i];
        const double *from = last ? last + row * stride : v + start[i] * stride;
        memcpy(v + (out[i] - 1) * stride, from, n * sizeof *v);
    }
    if (!b->keeps) {
        release(tape, mark);
        return;
    }
    Record *record = (Record *)push(tape, (sizeof(Record) + 7) / 8);
    if (!record) return;
    *record = (Record){tape->last, below, at, b->v, whole ? last : kept, t, whole};
    tape->last = record;
}

/* way: how many instructions and narrow nodes with a row lead to what is wanted, and how many spans of
   rows are cleared before each step, without those of what it needs, which all steps add to; where the way
   through the step before is, 0 if after this one, or 1 and how far back; then they. */
TARGET static void NAME(loop_back)(const I *at, const I *code, const I *way, const Block *b) {
    LOOP;
    double *g = b->g, *gs = b->gs;
    if (tape->stop) return;
    Record *record = popped(tape, at, b->v);
    const size_t all = record->steps;
    const Mark top = marked(tape);
    double *frame = record->last, *again = NULL;
    double *dv = push(tape, size + r * stride), *aside = dv + size; /* there are the grads of the results */
    if (!dv || (!record->whole && !(again = push(tape, size)))) return;
    memset(dv, 0, (size + r * stride) * sizeof *dv);
    for (size_t i = 0; i < r; i++) if (out[i]) {
        memcpy((i < k ? dv : aside) + i * stride, g + (out[i] - 1) * stride, n * sizeof *g);
    }
    Block in = *b;
    const I *back = NULL, *wanted = NULL, *spans = NULL;
    Code *made = NULL;
    in.g = dv;
    for (size_t t = all; t-- > 0; frame = before(frame), way = way_before(way)) {
        if (back != way + 4) {
            back = way + 4, wanted = back + 2 * way[0], spans = wanted + 2 * way[1];
            made = W == 1 ? code_of(b->behind, key_of(back, record->whole), way[0]) : NULL;
        }
        const Mark mark = marked(tape);
        in.v = record->whole ? frame : again, in.kept = frame;
        if (!record->whole) NAME(enter)(at, code, b, again, made ? again : frame, NULL, t, t + 1 == all);
        if (made) made(code, &in, 1);
        else {
            if (!record->whole) NAME(forward)(code, starts, body[1], &in);
            memcpy(aside, dv, k * stride * sizeof *dv);
            clear(spans, way[2], dv, stride);
            NAME(scattered)(dv, outs, aside, r, n, stride);
            NAME(reverse)(code, back, way[0], &in);
        }
        if (!goes_on(tape, size)) return;
        release(tape, mark);
        if (!record->whole) tape->last = record->below;
        if (t + 1 == all) memset(aside + k * stride, 0, (r - k) * stride * sizeof *dv);
        NAME(scattered)(g, entries + t * m, dv + k * stride, m, n, stride);
        for (const I *pair = wanted; pair < spans; pair += 2) {
            const double *x = dv + pair[0] * stride;
            for (size_t j = 0; j < (W == 1 ? 1 : b->real); j++) gs[pair[1]] += x[j];
        }
    }
    NAME(scattered)(g, start, dv, k, n, stride);
    NAME(scattered)(g, needed, dv + (k + m) * stride, c, n, stride);
    tape->last = record->below; /* those of loops that led nowhere go too */
    release(tape, top);
}
#undef LOOP
