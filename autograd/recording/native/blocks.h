/* A plan runs: on a block of samples after the other, forward and back; or, where it has phases, with
   rows of their own for all blocks, phase by phase, and back in exactly the opposite order. */

/* Where a phase of so many ends. */
static Cut cut_of(const I *sizes, const I *cuts, size_t phase, size_t phases) {
    if (phase == phases) return (Cut){sizes[INNER], sizes[OUTER], sizes[LIFTED], sizes[GATHERED]};
    Cut cut = {0, 0, 0, 0};
    if (phase) memcpy(&cut, cuts + 4 * (phase - 1), sizeof cut);
    return cut;
}

/* The block of samples from lo on, with the rows of the nth. */
static void set_block(Block *b, const Block *first, size_t n, size_t height, size_t lo, size_t samples) {
    const size_t width = first->stride, real = samples - lo < width ? samples - lo : width;
    *b = *first;
    b->v += n * height * width, b->g += n * height * width;
    b->n = width == 1 ? 1 : (real + LANES - 1) / LANES * LANES, b->real = real;
    for (size_t l = 0; l < LANES; l++) b->mask[l] = l < real % LANES ? -1 : 0;
}

/* Rows of narrow numbers, and their grads. */
static void lift(const Block *b, const I *pair, const I *end) {
    for (; pair < end; pair += 2) {
        for (size_t j = 0; j < b->n; j++) b->v[pair[0] * b->stride + j] = b->s[pair[1]];
    }
}
static void lower(const Block *b, const I *pair, const I *end) {
    for (; pair < end; pair += 2) {
        for (size_t j = 0; j < b->real; j++) b->gs[pair[1]] += b->g[pair[0] * b->stride + j];
    }
}

/* A number of the whole batch, of one block more: the largest, nan if one is, or the sum. */
static double gather(const double *row, size_t count, double y, int largest) {
    double sum[LANES] = {0};
    if (largest) for (size_t j = 0; j < count; j++) y = row[j] > y || row[j] != row[j] ? row[j] : y;
    if (largest) return y;
    for (size_t j = 0; j < count; j++) sum[j % LANES] += row[j];
    return y + (((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7])));
}
static void spread(const Block *b, const I *at) {
    const double *x = b->v + at[1] * b->stride, y = b->s[at[2]], grad = b->gs[at[2]];
    double *g = b->g + at[1] * b->stride;
    for (size_t j = 0; j < b->n; j++) g[j] += at[0] && x[j] < y ? 0.0 * grad : grad;
}

/* The values of a block; 0 if all its numbers are finite, else nan. */
static double finish(const Plan *p, const Block *b, const Data *d, size_t lo) {
    const double check = b->in ? b->v[p->outputs[0]] * 0.0
        : level.looked(p->looked, p->sizes[LOOKED], b->v, b->n, b->stride);
    Lists lists;
    find_lists(&lists, p, b, d, lo);
    move(&d->values, b->v, p->outputs, b, lo, way_out(&d->values, d->samples), &lists);
    return check + lists.check;
}

/* A list of instructions: its machine code, where it has some, or else interpreted. */
static void forward(const Level *way, const I *code, const I *list, size_t count, const Block *b) {
    Code *const made = way == &one ? code_of(b->ahead, list, count) : NULL;
    if (made) made(code, b, 1);
    else way->forward(code, list, count, b);
}
static void reverse(const Level *way, const I *code, const I *list, size_t count, const Block *b) {
    Code *const made = way == &one ? code_of(b->behind, list, count) : NULL;
    if (made) made(code, b, 1);
    else way->reverse(code, list, count, b);
}

/* Whether all that a plan does is logsumexp of an argument, which is read where it is. */
static int is_in_place(const Plan *p, const Data *d) {
    const I *const at = p->code + (p->sizes[OUTER] == 1 ? p->outer[0] : 0), one = sizeof(double);
    const int is_alone = p->sizes[OUTER] == 1 && p->sizes[OUTPUTS] == 1 && d->pieces == 1;
    return is_alone && at[0] == ROW_logsumexp && at[2] == d->inputs && at[3] && !p->sizes[CUTS] &&
        !d->from->indices && d->from->by_number == one && (!d->to->at || d->to->by_number == one);
}

/* One block after the other, forward and back. */
static double run_blocks(const Plan *p, const Back *back, const Block *first, const Block *narrow, const Data *d, size_t height) {
    const size_t width = first->stride, count = back->sizes[OUTER];
    const int in_place = width == 1 && is_in_place(p, d), wanted = count || back->sizes[LIFTED] || back->sizes[INPUTS];
    const int clears = width == 1 && code_of(first->behind, back->outer, count);
    const Level *const way = width == 1 ? &one : &level;
    forward(&one, p->code, p->inner, p->sizes[INNER], narrow);
    Tape *const tape = first->tape;
    const Mark mark = marked(tape);
    Record *const last = tape->last;
    double check = 0.0;
    Block b;
    for (size_t lo = 0; lo < d->samples; lo += width) {
        if (lo) release(tape, mark), tape->last = last;
        set_block(&b, first, 0, height, lo, d->samples);
        if (in_place) b.in = (double *)(d->from->at + (Py_ssize_t)lo * d->from->by_sample);
        b.out = in_place && d->to->at ? (double *)(d->to->at + (Py_ssize_t)lo * d->to->by_sample) : b.g;
        load(&b, p, d, lo);
        lift(&b, p->lifted, p->lifted + 2 * p->sizes[LIFTED]);
        forward(way, p->code, p->outer, p->sizes[OUTER], &b);
        if (!goes_on(tape, height * width)) return 0.0;
        check += finish(p, &b, d, lo);
        if (!wanted) continue;
        if (!b.in && !clears) clear(back->cleared, back->sizes[CLEARED], b.g, width);
        for (size_t j = 0; j < b.n; j++) b.g[p->outputs[0] * width + j] = d->seed;
        if (b.in) one.reverse(p->code, back->outer, count, &b); /* machine code would clear rows that it leaves alone */
        else reverse(way, p->code, back->outer, count, &b);
        lower(&b, back->lifted, back->lifted + 2 * back->sizes[LIFTED]);
        if (back->sizes[INPUTS]) give(&b, d, lo);
        if (tape->stop) return 0.0;
    }
    if (wanted) reverse(&one, p->code, back->inner, back->sizes[INNER], narrow);
    return check;
}

/* All blocks phase by phase. */
static double run_phases(const Plan *p, const Back *back, const Block *first, const Block *narrow, const Data *d, size_t height) {
    const size_t width = first->stride, phases = p->sizes[CUTS] + 1, blocks = (d->samples + width - 1) / width;
    const Level *const way = width == 1 ? &one : &level;
    double check = 0.0;
    Block b;
    for (size_t k = 0; k < phases; k++) {
        const Cut from = cut_of(p->sizes, p->cuts, k, phases), to = cut_of(p->sizes, p->cuts, k + 1, phases);
        const I *const gathered = p->gathered + 3 * from.gathered, *const rest = p->gathered + 3 * to.gathered;
        forward(&one, p->code, p->inner + from.inner, to.inner - from.inner, narrow);
        for (const I *at = gathered; at < rest; at += 3) first->s[at[2]] = at[0] ? -INFINITY : 0.0;
        for (size_t i = 0; i < blocks; i++) {
            set_block(&b, first, i, height, i * width, d->samples);
            if (!k) load(&b, p, d, i * width);
            lift(&b, p->lifted + 2 * from.lifted, p->lifted + 2 * to.lifted);
            forward(way, p->code, p->outer + from.outer, to.outer - from.outer, &b);
            if (!goes_on(b.tape, height * width)) return 0.0;
            for (const I *at = gathered; at < rest; at += 3) b.s[at[2]] = gather(b.v + at[1] * width, b.real, b.s[at[2]], at[0]);
            if (k == phases - 1) check += finish(p, &b, d, i * width);
        }
    }
    for (size_t k = back->sizes[OUTER] || back->sizes[LIFTED] || back->sizes[INPUTS] ? phases : 0; k-- > 0;) {
        const Cut from = cut_of(back->sizes, back->cuts, k, phases), to = cut_of(back->sizes, back->cuts, k + 1, phases);
        const I *const gathered = back->gathered + 3 * from.gathered, *const rest = back->gathered + 3 * to.gathered;
        for (const I *at = gathered; at < rest; at += 3) if (at[0]) { /* all the largest share it; if one is nan all have it */
            size_t count = 0;
            for (size_t i = 0; i < blocks; i++) {
                set_block(&b, first, i, height, i * width, d->samples);
                for (size_t j = 0; j < b.real; j++) count += b.v[at[1] * width + j] == b.s[at[2]];
            }
            if (count) first->gs[at[2]] /= count;
        }
        for (size_t i = blocks; i-- > 0;) {
            set_block(&b, first, i, height, i * width, d->samples);
            if (k == phases - 1) {
                clear(back->cleared, back->sizes[CLEARED], b.g, width);
                for (size_t j = 0; j < b.n; j++) b.g[p->outputs[0] * width + j] = d->seed;
            }
            for (const I *at = gathered; at < rest; at += 3) spread(&b, at);
            reverse(way, p->code, back->outer + 2 * from.outer, to.outer - from.outer, &b);
            lower(&b, back->lifted + 2 * from.lifted, back->lifted + 2 * to.lifted);
            if (!k && back->sizes[INPUTS]) give(&b, d, i * width);
            if (b.tape->stop) return 0.0;
        }
        reverse(&one, p->code, back->inner + 2 * from.inner, to.inner - from.inner, narrow);
    }
    return check;
}

/* All but what is Python's. Whether all numbers are finite, or -1 for an exception. */
static int run(const Plan *p, const Back *back, Block *first, const Data *d, size_t scalars, size_t height) {
    Block narrow = *first;
    narrow.v = first->s, narrow.g = first->gs, narrow.n = narrow.real = narrow.stride = 1;
    narrow.keeps = back->sizes[INNER] != 0;
    first->keeps = back->sizes[OUTER] != 0;
    const double check = (p->sizes[CUTS] ? run_phases : run_blocks)(p, back, first, &narrow, d, height);
    for (size_t k = 0; k < back->sizes[NARROW]; k++) d->dp[k] = first->gs[back->narrow[k]];
    return first->tape->stop ? -1 : check + level.nothing(first->s, scalars) + first->tape->check == 0.0;
}
