/* One sample of so many operands side by side that it pays to make vectors of them: what a block has
   for samples is here for operands. Terms are computed piece by piece, in loops that make vectors,
   and added up by lanes, so that all kinds of CPU come to the same bits. */

#define EVERY(body) for (size_t k = 0; k < n; k++) { const double x = xs[lo + k]; (void)x; body; }
#define PIECES(body) for (size_t lo = 0; lo < all; lo += PIECE) { \
    const size_t n = all - lo < PIECE ? all - lo : PIECE; body }
#define SUM(i, term) { EVERY(terms[k] = term) sum[i] += NAME(added)(terms, n); }

/* Σ of the terms, at most a piece of them. */
INLINE double NAME(added)(double *terms, size_t n) {
    V sum[LANES / W] = {{0}};
    for (; n % LANES; n++) terms[n] = 0.0;
    for (size_t k = 0; k < n; k += LANES) {
        UNROLL for (int l = 0; l < LANES / W; l++) sum[l] += AT(terms + k + l * W);
    }
    return NAME(folded)(sum);
}

/* What is left of many x, if of y and x this is kept. */
#define LEFT(name, first, kept) \
    INLINE double NAME(name)(const double *xs, size_t count) { \
        double left[LANES], y = first; \
        size_t k = 0; \
        for (int l = 0; l < LANES; l++) left[l] = first; \
        for (; k + LANES <= count; k += LANES) for (int l = 0; l < LANES; l++) { \
            const double x = xs[k + l], y = left[l]; \
            left[l] = kept; \
        } \
        for (; k < count; k++) { const double x = xs[k]; y = kept; } \
        for (int l = 0; l < LANES; l++) { const double x = left[l]; y = kept; } \
        return y; \
    }
LEFT(peak_of, -INFINITY, x > y ? x : y)
LEFT(most_of, -INFINITY, row_maximum(y, x))
LEFT(least_of, INFINITY, row_minimum(y, x))

/* An n-ary row: its result, or what it adds to the grads of its operands. */
TARGET static void NAME(beside)(const I *at, const Block *b, const int back) {
    const size_t all = at[2];
    const double *xs = b->v + at[4], y = b->v[at[1]], gy = back ? b->g[at[1]] : 0.0, count = all;
    double *v = b->v, *restrict g = back ? b->g + at[4] : NULL, terms[PIECE], sum[4] = {0};
    const Mark mark = marked(b->tape);
    double *restrict const kept = back && at[0] == ROW_logsumexp ? push(b->tape, all) : NULL;
    (void)y, (void)count;
    if (b->tape->stop) return;
    switch (at[0]) {
#define UNARY(...)
#define UNARY_ONE(...)
#define UNARY_TWO(...)
#define BINARY(...)
#define BINARY_ONE(...)
#define EXP(x) (way == AGAIN ? kept[lo + k] : way == FIRST ? (kept[lo + k] = exp_beside(x)) : exp_beside(x))
#define ITS(x) x
#define FOLD(name, first, kept) const double name = NAME(name##_of)(xs, all);
#define NARY(name, folds, sums, result, sums_back, dx) \
    case ROW_##name: \
        if (!back) { \
            enum { way = ALONE }; \
            folds PIECES(sums) \
            v[at[1]] = result; \
        } else { \
            { enum { way = FIRST }; PIECES(sums_back) } \
            { enum { way = AGAIN }; PIECES(EVERY(g[lo + k] += (dx) * gy)) } \
        } \
        break;
#include "rows.c"
    }
    release(b->tape, mark);
#undef EXP
#undef ITS
#undef FOLD
}

/* A sum of products, whose instruction is one of DOTS: the first factors, of pairs or of parameters
   and numbers, are side by side too, or all the same. */
TARGET static void NAME(products)(const I *at, I skip, const Block *b, const int back) {
        const I *first = at + 5, mixed = at[1], all = mixed + at[2], bias = at[4];
    const I u = mixed ? first[mixed] : first[0], next = mixed ? first[mixed + 1] : first[2];
    const I to = mixed ? first[0] : first[1];
    const double *xs = b->v + to, *us = (mixed ? b->s : b->v) + u;
    double *gu = (mixed ? b->gs : b->g) + u, *gx = b->g + to, terms[PIECE], sum[1] = {0};
    if (!back) {
        if (next > u) PIECES(SUM(0, us[lo + k] * x))
        else PIECES(SUM(0, *us * x))
        b->v[at[3]] = (bias ? b->s[bias - 1] : -0.0) + *sum;
        return;
    }
    const double d = b->g[at[3]];
    if (!(skip & NO_BIAS) && bias) b->gs[bias - 1] += d;
    if (!mixed) skip /= NO_P;
    if (next > u) {
        if (!(skip & NO_W)) PIECES(EVERY(gu[lo + k] += x * d))
        if (!(skip & NO_X)) PIECES(EVERY(gx[lo + k] += us[lo + k] * d))
        return;
    }
    if (!(skip & NO_W)) {
        PIECES(SUM(0, x))
        *gu += *sum * d;
    }
    if (!(skip & NO_X)) PIECES(EVERY(gx[lo + k] += *us * d))
}
#undef EVERY
#undef PIECES
#undef SUM
#undef LEFT
