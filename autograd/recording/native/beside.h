/* One sample of so many operands side by side that it pays to make vectors of them: what a block has
   for samples is here for operands. Terms are computed piece by piece, in loops that make vectors,
   and added up by lanes, so that all kinds of CPU come to the same bits. */

#define EVERY(...) for (size_t k = 0; k < n; k++) { const double x = xs[lo + k]; (void)x; __VA_ARGS__; }
#define PIECES(...) for (size_t lo = 0; lo < all; lo += PIECE) { \
    const size_t n = all - lo < PIECE ? all - lo : PIECE; __VA_ARGS__ }
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
LEFT(most_of, -INFINITY, row_maximum(y, x))
LEFT(least_of, INFINITY, row_minimum(y, x))

/* The largest, of those that are numbers. */
INLINE double NAME(peak_of)(const double *xs, size_t count) {
    V left[4];
    double peak = -INFINITY;
    size_t k = 0;
    for (int l = 0; l < 4; l++) left[l] = -INFINITY - (V){0};
    for (; k + 4 * W <= count; k += 4 * W) UNROLL for (int l = 0; l < 4; l++) {
        const V x = AT(xs + k + l * W);
        const M more = x > left[l];
        left[l] = (V)((more & (M)x) | (~more & (M)left[l]));
    }
    for (; k < count; k++) if (xs[k] > peak) peak = xs[k];
    for (int l = 0; l < 4 * W; l++) if (left[l / W][l % W] > peak) peak = left[l / W][l % W];
    return peak;
}

/* log Σ exp x. What the reverse pass needs is kept for it: the sum of exp(x - peak), and all of these,
   in the place of their grads if nothing else is added to that. */
INLINE void NAME(logsumexp)(const I *at, const Block *b, const int back) {
    const size_t all = at[2];
    const double *restrict const xs = b->in ? b->in : b->v + at[4];
    if (back) {
        const double *const last = popped(b->tape, at, b->v)->last, share = b->g[at[1]] / *last;
        double *const g = b->in ? b->out : b->g + at[4];
        if (b->in) for (size_t k = 0; k < all; k++) g[k] = 0.0 + g[k] * share;
        else for (size_t k = 0; k < all; k++) g[k] += last[LANES + k] * share;
        return;
    }
    double peak = -INFINITY, terms[PIECE], sum = 0.0;
    size_t count = 0; /* how many are the largest */
    PIECES({
        const double next = NAME(peak_of)(xs + lo, n);
        if (next > peak) peak = next, count = 0;
        if (next == peak) EVERY(count += x == peak)
        if (b->in) b->tape->check += NAME(nothing)(xs + lo, n);
    })
    if (!isfinite(peak)) peak = 0.0, count = 0;
    double *last = b->keeps ? keep(b->tape, at, b->v, b->in ? 1 : LANES + all) : NULL;
    double *const kept = !last ? NULL : b->in ? b->out : last + LANES;
    if (b->tape->stop) return;
    PIECES({
        double *restrict const to = kept ? kept + lo : terms;
        EVERY(const double e = exp_below(x - peak); to[k] = e; terms[k] = x == peak ? 0.0 : e)
        sum += NAME(added)(terms, n);
    })
    const double whole = sum + (double)count;
    if (kept) *last = whole + whole * 0.0; /* nan if it is infinite, as all partials are */
    b->v[at[1]] = peak + log1p(sum + ((double)count - 1.0));
}

/* An n-ary row: its result, or what it adds to the grads of its operands. */
TARGET static void NAME(beside)(const I *at, const Block *b, const int back) {
    const size_t all = at[2];
    const double *xs = b->v + at[4], y = b->v[at[1]], gy = back ? b->g[at[1]] : 0.0, count = all;
    double *v = b->v, *restrict g = back ? b->g + at[4] : NULL, terms[PIECE], sum[4] = {0};
    (void)y, (void)count;
    if (at[0] == ROW_logsumexp) {
        NAME(logsumexp)(at, b, back);
        return;
    }
    switch (at[0]) {
#define UNARY(...)
#define UNARY_ONE(...)
#define UNARY_TWO(...)
#define BINARY(...)
#define BINARY_ONE(...)
#define EXP(x) exp_below(x)
#define ITS(x) x
#define SHARE (1.0 / *sum)
#define FOLD(name, first, kept) const double name = NAME(name##_of)(xs, all);
#define NARY(name, folds, sums, result, sums_back, dx) \
    case ROW_##name: \
        if (!back) { \
            folds PIECES(sums) \
            v[at[1]] = result; \
        } else { \
            PIECES(sums_back) \
            PIECES(EVERY(g[lo + k] += (dx) * gy)) \
        } \
        break;
#include "rows.c"
    }
#undef EXP
#undef ITS
#undef SHARE
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
