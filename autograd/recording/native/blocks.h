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
    for (size_t j = 0; j < b->n; j++) g[j] += at[0] && x[j] != y ? 0.0 : grad;
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

/* All but what is Python's. Whether all numbers are finite, or -1 for an exception. */
static int run(Plan p, Back back, Block first, Data d, size_t scalars, size_t height) {
    const size_t width = first.stride, phases = p.sizes[CUTS] + 1;
    const size_t chunk = p.sizes[CUTS] ? d.samples : width; /* what goes forward before it goes back */
    const int in_place = width == 1 && is_in_place(&p, &d);
    const Level *way = width == 1 ? &one : &level;
    Block narrow = first, b;
    narrow.v = first.s, narrow.g = first.gs, narrow.n = narrow.real = narrow.stride = 1;
    narrow.keeps = back.sizes[INNER] != 0;
    first.keeps = back.sizes[OUTER] != 0;
    Tape *tape = first.tape;
    Mark mark = {0};
    Record *last = NULL;
    double check = 0.0;
    for (size_t start = 0; start < d.samples; start += chunk) {
        const size_t end = d.samples - start < chunk ? d.samples : start + chunk;
        if (in_place) first.in = (double *)(d.from->at + (Py_ssize_t)start * d.from->by_sample);
        first.out = in_place && d.to->at ? (double *)(d.to->at + (Py_ssize_t)start * d.to->by_sample) : first.g;
        const size_t blocks = (end - start + width - 1) / width;
        for (size_t k = 0; k < phases; k++) {
            const Cut from = cut_of(p.sizes, p.cuts, k, phases);
            const Cut to = cut_of(p.sizes, p.cuts, k + 1, phases);
            const I *const gathered = p.gathered + 3 * from.gathered;
            const I *const rest = p.gathered + 3 * to.gathered;
            if (!start) {
                forward(&one, p.code, p.inner + from.inner, to.inner - from.inner, &narrow);
                mark = marked(tape), last = tape->last;
            }
            for (const I *at = gathered; at < rest; at += 3) first.s[at[2]] = at[0] ? -INFINITY : 0.0;
            for (size_t i = 0, lo = start; i < blocks; i++, lo += width) {
                set_block(&b, &first, i, height, lo, d.samples);
                if (!k) load(&b, &p, &d, lo);
                lift(&b, p.lifted + 2 * from.lifted, p.lifted + 2 * to.lifted);
                forward(way, p.code, p.outer + from.outer, to.outer - from.outer, &b);
                if (!goes_on(tape, height * width)) return -1;
                for (const I *at = gathered; at < rest; at += 3) {
                    b.s[at[2]] = gather(b.v + at[1] * width, b.real, b.s[at[2]], at[0]);
                }
                if (k == phases - 1) check += finish(&p, &b, &d, lo);
            }
        }
        const int wanted = back.sizes[OUTER] || back.sizes[LIFTED] || back.sizes[INPUTS];
        for (size_t k = wanted ? phases : 0; k-- > 0;) {
            const Cut from = cut_of(back.sizes, back.cuts, k, phases);
            const Cut to = cut_of(back.sizes, back.cuts, k + 1, phases);
            const I *const gathered = back.gathered + 3 * from.gathered;
            const I *const rest = back.gathered + 3 * to.gathered;
            for (const I *at = gathered; at < rest; at += 3) if (at[0]) { /* all the largest share it */
                size_t count = 0;
                for (size_t i = 0; i < blocks; i++) {
                    set_block(&b, &first, i, height, start + i * width, d.samples);
                    for (size_t j = 0; j < b.real; j++) count += b.v[at[1] * width + j] == b.s[at[2]];
                }
                first.gs[at[2]] /= count;
            }
            for (size_t i = blocks; i-- > 0;) {
                const size_t lo = start + i * width;
                set_block(&b, &first, i, height, lo, d.samples);
                if (k == phases - 1) {
                    const size_t count = to.outer - from.outer;
                    const int clears = way == &one && phases == 1 && code_of(b.behind, back.outer + 2 * from.outer, count);
                    if (!b.in && !clears) clear(back.cleared, back.sizes[CLEARED], b.g, width);
                    for (size_t j = 0; j < b.n; j++) b.g[p.outputs[0] * width + j] = d.seed;
                }
                for (const I *at = gathered; at < rest; at += 3) spread(&b, at);
                reverse(way, p.code, back.outer + 2 * from.outer, to.outer - from.outer, &b);
                lower(&b, back.lifted + 2 * from.lifted, back.lifted + 2 * to.lifted);
                if (!k && back.sizes[INPUTS]) give(&b, &d, lo);
                if (tape->stop) return -1;
            }
            if (end < d.samples) continue;
            reverse(&one, p.code, back.inner + 2 * from.inner, to.inner - from.inner, &narrow);
        }
        if (end == d.samples) break;
        release(tape, mark);
        tape->last = last;
    }
    for (size_t k = 0; k < back.sizes[NARROW]; k++) d.dp[k] = first.gs[back.narrow[k]];
    return tape->stop ? -1 : check + level.nothing(first.s, scalars) + tape->check == 0.0;
}
