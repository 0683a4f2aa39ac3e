/* Programs with numbers of the whole batch: phases by turns, each for all blocks, whose rows all stay
   in memory; and backwards in exactly the opposite order. */

static Cut cut_of(const I *cuts, size_t phase) {
    Cut cut = {0, 0, 0, 0};
    if (phase) memcpy(&cut, cuts + 4 * (phase - 1), sizeof cut);
    return cut;
}

/* The block from lo on, with rows of its own. */
static void nth_block(Block *b, const Block *first, size_t lo, size_t samples, size_t height) {
    const size_t size = lo / first->stride * first->stride * height;
    *b = *first;
    b->v += size, b->g += size;
    set_block(b, lo, samples);
}

/* The sum of a block's row, or the largest number: nan if one is. */
static double folded(const double *row, size_t count) {
    double sum[LANES] = {0};
    for (size_t j = 0; j < count; j++) sum[j % LANES] += row[j];
    return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}
static double largest(const double *row, size_t count, double y) {
    for (size_t j = 0; j < count; j++) y = row[j] > y || row[j] != row[j] ? row[j] : y;
    return y;
}

/* 0 if all numbers are finite, else nan. */
static double run_phases(const Plan *p, const Back *back, Block first, Block *narrow, const Data *d,
                         const Level *way, size_t height) {
    const size_t samples = d->samples, width = first.stride, phases = p->sizes[PHASES];
    double check = 0.0, *s = first.s, *gs = first.gs;
    Tape *tape = first.tape;
    Block b;
    for (size_t k = 0; k < phases; k++) {
        const Cut from = cut_of(p->cuts, k), to = cut_of(p->cuts, k + 1);
        one.forward(p->code, p->inner + from.inner, to.inner - from.inner, narrow);
        const I *const gathered = p->gathered + 3 * from.gathered, *const end = p->gathered + 3 * to.gathered;
        for (const I *at = gathered; at < end; at += 3) s[at[2]] = at[0] ? -INFINITY : 0.0;
        for (size_t lo = 0; lo < samples; lo += width) {
            nth_block(&b, &first, lo, samples, height);
            if (!k) load(&b, d, lo);
            lift(&b, p->lifted + 2 * from.lifted, p->lifted + 2 * to.lifted);
            way->forward(p->code, p->outer + from.outer, to.outer - from.outer, &b);
            for (const I *at = gathered; at < end; at += 3) {
                const double *row = b.v + at[1] * width;
                if (at[0]) s[at[2]] = largest(row, b.real, s[at[2]]);
                else s[at[2]] += folded(row, b.real);
            }
            if (k == phases - 1) check += finish(p, &b, d, lo, height);
            if (!goes_on(tape, height * width)) return 0.0;
        }
    }
    if (!(back->sizes[OUTER] || back->sizes[LIFTED] || back->sizes[INPUTS])) return check;
    const size_t last = (samples - 1) / width * width;
    for (size_t k = phases; k-- > 0;) {
        const Cut from = cut_of(back->cuts, k), to = cut_of(back->cuts, k + 1);
        const I *const gathered = back->gathered + 3 * from.gathered;
        const I *const end = back->gathered + 3 * to.gathered;
        for (const I *at = gathered; at < end; at += 3) if (at[0]) { /* all that are the largest share it */
            size_t count = 0;
            for (size_t lo = 0; lo < samples; lo += width) {
                nth_block(&b, &first, lo, samples, height);
                for (size_t j = 0; j < b.real; j++) count += b.v[at[1] * width + j] == s[at[2]];
            }
            gs[at[2]] /= count;
        }
        for (size_t lo = last;; lo -= width) {
            nth_block(&b, &first, lo, samples, height);
            if (k == phases - 1) seed(p, &b, d, height);
            for (const I *at = gathered; at < end; at += 3) {
                const double *x = b.v + at[1] * width, y = s[at[2]], grad = gs[at[2]];
                double *g = b.g + at[1] * width;
                for (size_t j = 0; j < b.n; j++) g[j] += at[0] && x[j] != y ? 0.0 : grad;
            }
            way->reverse(p->code, back->outer + 2 * from.outer, to.outer - from.outer, &b);
            lower(&b, back->lifted + 2 * from.lifted, back->lifted + 2 * to.lifted);
            if (!k && back->sizes[INPUTS]) give(&b, d, lo);
            if (!goes_on(tape, height * width)) return 0.0;
            if (!lo) break;
        }
        one.reverse(p->code, back->inner + 2 * from.inner, to.inner - from.inner, narrow);
    }
    return check;
}
