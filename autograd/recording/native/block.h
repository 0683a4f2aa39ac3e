/* The body of the interpreter for one width of vectors: W doubles in a V, by the instructions of
   TARGET. With W 1 it computes one sample, else n samples, a multiple of LANES: the last ones repeat
   the last real sample. */

#define V NAME(V)
#define M NAME(M)
#define TILE (W == 1 ? 1 : W == 8 ? 4 : 2) /* vectors that stay in registers */
typedef double V __attribute__((vector_size(8 * W), aligned(8), may_alias));
typedef int64_t M __attribute__((vector_size(8 * W), aligned(8), may_alias));
#define AT(p) (*(V *)(p))
#define INLINE static inline __attribute__((always_inline)) TARGET
#if W == 1
#define EACH for (size_t j = 0; j < 1; j++)
#else
#define EACH for (size_t j = 0; j < n; j++)
#endif

/* m sums of products with the same x, y_i = bias_i + Σ w_ik x_k, and if m is 1 also + Σ p q. The
   instruction: its kind, how many x, how many pairs; then the results, the biases (0 for none, else
   one more than where they are in s), the x, the w of each x, the pairs. */
#define DOTS \
    const size_t mixed = at[1], both = at[2]; \
    const I *out = at + 3, *bias = out + m, *xs = bias + m, *w = xs + mixed, *pair = w + mixed * m; \
    (void)pair

/* A tile of t vectors stays in registers while all products go by. */
INLINE size_t NAME(tile)(const I *at, const Block *b, size_t j, const int m, const int t) {
    const size_t n = b->n, stride = b->stride;
    DOTS;
    const double *s = b->s;
    double *v = b->v;
    for (; j + t * W <= n; j += t * W) {
        V y[4][4];
        UNROLL for (int i = 0; i < m; i++) {
            const double first = bias[i] ? s[bias[i] - 1] : -0.0; /* to -0.0 nothing is added */
            UNROLL for (int l = 0; l < t; l++) y[i][l] = first - (V){0};
        }
        for (size_t k = 0; k < mixed; k++, w += m) {
            const double *x = v + xs[k] * stride + j;
            UNROLL for (int i = 0; i < m; i++) {
                const double factor = s[w[i]];
                UNROLL for (int l = 0; l < t; l++) y[i][l] += factor * AT(x + l * W);
            }
        }
        w -= mixed * m;
        if (m == 1) for (size_t k = 0; k < both; k++) {
            const double *p = v + pair[2 * k] * stride + j, *q = v + pair[2 * k + 1] * stride + j;
            UNROLL for (int l = 0; l < t; l++) y[0][l] += AT(p + l * W) * AT(q + l * W);
        }
        UNROLL for (int i = 0; i < m; i++) {
            UNROLL for (int l = 0; l < t; l++) AT(v + out[i] * stride + j + l * W) = y[i][l];
        }
    }
    return j;
}

INLINE void NAME(dots)(const I *at, const Block *b, const int m) {
#if W == 1
    DOTS;
    const double *s = b->s;
    double *v = b->v, y[4];
    UNROLL for (int i = 0; i < m; i++) y[i] = bias[i] ? s[bias[i] - 1] : -0.0;
    for (size_t k = 0; k < mixed; k++, w += m) {
        UNROLL for (int i = 0; i < m; i++) y[i] += s[w[i]] * v[xs[k]];
    }
    if (m == 1) for (size_t k = 0; k < both; k++) y[0] += v[pair[2 * k]] * v[pair[2 * k + 1]];
    UNROLL for (int i = 0; i < m; i++) v[out[i]] = y[i];
#else
    size_t j = NAME(tile)(at, b, 0, m, TILE);
    if (j < b->n) NAME(tile)(at, b, j, m, LANES / W);
#endif
}

/* Σ of the lanes, the same to the last bit whatever W is. */
INLINE double NAME(folded)(const V *sum) {
    Pair x[LANES / 2];
    memcpy(x, sum, sizeof x);
    const Pair y = (x[0] + x[2]) + (x[1] + x[3]);
    return y[0] + y[1];
}

/* gs[to[i]] += Σ d_i x over the real samples. */
INLINE void NAME(along)(const I *to, double *const *d, const double *x, const Block *b, const int m) {
    V sum[4][LANES / W];
    size_t j = 0;
    UNROLL for (int i = 0; i < m; i++) UNROLL for (int l = 0; l < LANES / W; l++) sum[i][l] = (V){0};
    for (; j + LANES <= b->real; j += LANES) {
        UNROLL for (int i = 0; i < m; i++) UNROLL for (int l = 0; l < LANES / W; l++) {
            sum[i][l] += AT(d[i] + j + l * W) * AT(x + j + l * W);
        }
    }
    if (j < b->real) UNROLL for (int i = 0; i < m; i++) UNROLL for (int l = 0; l < LANES / W; l++) {
        const M term = (M)(AT(d[i] + j + l * W) * AT(x + j + l * W));
        sum[i][l] += (V)(term & *(const M *)(b->mask + l * W)); /* +0.0 where it is no real sample */
    }
    UNROLL for (int i = 0; i < m; i++) b->gs[to[i]] += NAME(folded)(sum[i]);
}

/* skip: bits for what nobody wants the grads of, the w, the x, the first and the second factors of
   pairs, the biases. */
INLINE void NAME(dots_back)(const I *at, const I skip, const Block *b, const int m) {
    DOTS;
    const double *s = b->s, *v = b->v;
    double *g = b->g, *gs = b->gs, *d[4];
    const size_t n = b->n, stride = b->stride;
    (void)n, (void)gs;
    UNROLL for (int i = 0; i < m; i++) d[i] = g + out[i] * stride;
#if W == 1
    double grad[4];
    UNROLL for (int i = 0; i < m; i++) {
        grad[i] = *d[i];
        if (!(skip & NO_BIAS) && bias[i]) gs[bias[i] - 1] += grad[i];
    }
    for (size_t k = 0; k < mixed; k++, w += m) {
        const double x = v[xs[k]];
        UNROLL for (int i = 0; i < m; i++) {
            if (!(skip & NO_W)) gs[w[i]] += grad[i] * x;
            if (!(skip & NO_X)) g[xs[k]] += s[w[i]] * grad[i];
        }
    }
#else
    if (!(skip & NO_BIAS)) for (int i = 0; i < m; i++) {
        const I to = bias[i] - 1;
        if (bias[i]) NAME(along)(&to, d + i, b->ones, b, 1);
    }
    if (!(skip & NO_W)) for (size_t k = 0; k < mixed; k++) {
        NAME(along)(w + k * m, d, v + xs[k] * stride, b, m);
    }
    if (!(skip & NO_X)) for (size_t k = 0; k < mixed; k++, w += m) {
        double *gx = g + xs[k] * stride, factor[4];
        UNROLL for (int i = 0; i < m; i++) factor[i] = s[w[i]];
        for (size_t j = 0; j < n; j += W) {
            V sum = AT(gx + j);
            UNROLL for (int i = 0; i < m; i++) sum += factor[i] * AT(d[i] + j);
            AT(gx + j) = sum;
        }
    }
#endif
    if (m == 1) for (size_t k = 0; k < both; k++, pair += 2) {
        const size_t p = pair[0] * stride, q = pair[1] * stride;
        for (size_t j = 0; j < n; j += W) {
            const V dp = AT(v + q + j) * AT(*d + j), dq = AT(v + p + j) * AT(*d + j);
            if (!(skip & NO_P)) AT(g + p + j) += dp;
            if (!(skip & NO_Q)) AT(g + q + j) += dq;
        }
    }
}

#if W == 1 /* an n-ary row: its kind, its result, how many operands, whether side by side, they */
#define BESIDE(back) if (at[3]) { level.beside(at, b, back); break; }
#define STAIRS(left, last, words, body)
#else
#include "stairs.h"
#define BESIDE(back)
#define STAIRS(left, last, words, body) { const I *four[4]; \
    if (left > 3 && are_stairs(code, last, words, four)) { body; break; } }
#endif
/* A row for all samples; a loop for each partial, which writes to one row of g: that makes vectors. */
#define FORWARD(load, result) { \
    double *restrict const out = v + at[1] * stride; \
    EACH { load; out[j] = result; } break; }
#define BACK(k, load, partial) if (!(skip >> (k - 2) & 1)) { \
    double *restrict const to = g + at[k] * stride; \
    EACH { load; const double y = vy[j]; (void)y; to[j] += (partial) * gy[j]; } }
#define READ(x, k) const double x = v[at[k] * stride + j]; (void)x
#define READ_TWO READ(a, 2); READ(b, 3)

static void NAME(loop)(const I *at, const I *code, const Block *b);
static void NAME(loop_back)(const I *at, const I *code, const I *way, const Block *b);

TARGET static void NAME(forward)(const I *code, const I *starts, size_t steps, const Block *b) {
    const size_t n = W == 1 ? 1 : b->n / LANES * LANES, stride = W == 1 ? 1 : b->stride;
    double *v = b->v;
    (void)n;
    for (size_t step = 0; step < steps; step++) {
        const I *at = code + starts[step];
        switch (at[0]) {
        case ROW_dot: if (W == 1 && IS_LINK(at)) { /* what was just computed stays in a register */
            double y = v[at[5]];
            for (;; at = code + starts[++step]) {
                v[at[3]] = y = (at[4] ? b->s[at[4] - 1] : -0.0) + b->s[at[6]] * y;
                const I *next = code + starts[step + 1 < steps ? step + 1 : 0];
                if (step + 1 == steps || !IS_LINK(next) || next[5] != at[3]) break;
            }
            break;
        }
        STAIRS(steps - step, starts + step + 3, 1, NAME(stairs)(four, b); step += 3)
        NAME(dots)(at, b, 1);
        break;
        case COUNT: NAME(dots)(at, b, 4); break;
        case COUNT + 1: NAME(loop)(at, code, b); break;
        case COUNT + 2:
            W == 1 && at[1] + at[2] >= MANY_BESIDE ? level.products(at, 0, b, 0) : NAME(dots)(at, b, 1);
            break;
        case COUNT + 3: { /* a run: how many instructions, and where each begins */
            const I whole = W == 1 ? at[1] / LANES * LANES : 0;
            const Block run = run_of(b, whole);
            if (whole) level.forward(code, at + 2, 1, &run);
            NAME(forward)(code, at + 2 + whole, at[1] - whole, b);
            break;
        }
#define UNARY(name, result, dx) case ROW_##name: FORWARD(READ(x, 2), result)
#define UNARY_ONE(name, c, result, dx) case ROW_##name: FORWARD(READ(x, 2); READ(c, 3), result)
#define UNARY_TWO(name, c, e, result, dx) \
    case ROW_##name: FORWARD(READ(x, 2); READ(c, 3); READ(e, 4), result)
#define BINARY(name, result, da, db) case ROW_##name: FORWARD(READ_TWO, result)
#define BINARY_ONE(name, c, result, da, db) case ROW_##name: FORWARD(READ_TWO; READ(c, 4), result)
#define EXP(x) exp(x)
#define ITS(x) x[j]
#define SUM(i, term) OVER(sum[i][j] += term)
#define FOLD(name, first, kept) \
    double name[W == 1 ? 1 : COLUMN]; \
    for (size_t j = 0; j < m; j++) name[j] = first; \
    OVER(name[j] = kept)
#define OVER(body) for (I k = 0; k < at[2]; k++) { \
    const size_t from = at[4 + k] * stride + lo; \
    for (size_t j = 0; j < m; j++) { \
        const double x = v[from + j]; const double y = vy[j]; (void)x; (void)y; body; } }
/* The operands of so many samples one after the other, each by a loop over the samples. (No commas:
   these macros are what others are given.) */
#define MANY(folds, sums, last) \
    for (size_t lo = 0; lo < n; lo += COLUMN) { \
        const size_t m = n - lo < COLUMN ? n - lo : COLUMN; \
        const double count = at[2], *vy = v + at[1] * stride + lo; \
        double sum[2][W == 1 ? 1 : COLUMN] = {{0}}; \
        folds sums last \
        (void)sum, (void)count, (void)vy; \
    }
#define NARY(name, folds, sums, result, sums_back, dx) \
    case ROW_##name: BESIDE(0) { double *const out = v + at[1] * stride; \
        MANY(folds, sums, for (size_t j = 0; j < m; j++) out[lo + j] = result;) } break;
#include "rows.c"
        default: __builtin_unreachable(); /* no check before the jump */
        }
    }
}

#undef EXP
#define SHARE share[j]
#define EXP(x) (way == FIRST ? (kept[k * COLUMN + j] = exp(x)) : kept[k * COLUMN + j])
TARGET static void NAME(reverse)(const I *code, const I *starts, size_t steps, const Block *b) {
    const size_t n = W == 1 ? 1 : b->n / LANES * LANES, stride = W == 1 ? 1 : b->stride;
    const double *v = b->v;
    double *g = b->g;
    const int is_batch = W > 1 && stride > 1;
    const unsigned usual = is_batch ? FLOATS : 0;
    unsigned now = usual;
    (void)n;
    for (size_t step = steps; step-- > 0;) {
        const I *at = code + starts[2 * step], skip = starts[2 * step + 1];
        const unsigned wanted = is_batch && IS_SUM(at) ? usual | FLUSHED : usual;
        if (wanted != now) SET_FLOATS(now = wanted);
        const double *vy = v + at[1] * stride, *gy = g + at[1] * stride;
        switch (at[0]) {
        case ROW_dot: if (W == 1 && IS_LINK(at) && skip == NO_BUT_X) {
            double d = g[at[3]];
            for (;; at = code + starts[2 * --step]) {
                g[at[5]] = d = g[at[5]] + b->s[at[6]] * d;
                const I *pair = starts + 2 * (step ? step - 1 : 0), *next = code + pair[0];
                if (!step || !IS_LINK(next) || pair[1] != NO_BUT_X || next[3] != at[5]) break;
            }
            break;
        }
        STAIRS(step + 1, starts + 2 * step, 2, NAME(stairs_back)(four, skip, b); step -= 3)
        NAME(dots_back)(at, skip, b, 1);
        break;
        case COUNT: NAME(dots_back)(at, skip, b, 4); break;
        case COUNT + 1: NAME(loop_back)(at, code, b->back + skip, b); break;
        case COUNT + 2:
            W == 1 ? level.products(at, skip, b, 1) : NAME(dots_back)(at, skip, b, 1);
            break;
        case COUNT + 3: {
            const I whole = W == 1 ? at[1] / LANES * LANES : 0, first[] = {at[2], skip};
            const Block run = run_of(b, whole);
            for (size_t k = at[1]; k-- > whole;) {
                const I one[] = {at[2 + k], skip};
                NAME(reverse)(code, one, 1, b);
            }
            if (whole) level.reverse(code, first, 1, &run);
            break;
        }
#define UNARY(name, result, dx) case ROW_##name: BACK(2, READ(x, 2), dx) break;
#define UNARY_ONE(name, c, result, dx) case ROW_##name: BACK(2, READ(x, 2); READ(c, 3), dx) break;
#define UNARY_TWO(name, c, e, result, dx) \
    case ROW_##name: BACK(2, READ(x, 2); READ(c, 3); READ(e, 4), dx) break;
#define BINARY(name, result, da, db) \
    case ROW_##name: BACK(2, READ_TWO, da) BACK(3, READ_TWO, db) break;
#define BINARY_ONE(name, c, result, da, db) \
    case ROW_##name: BACK(2, READ_TWO; READ(c, 4), da) BACK(3, READ_TWO; READ(c, 4), db) break;
#define NARY(name, folds, sums, result, sums_back, dx) \
    case ROW_##name: BESIDE(1) { \
        const Mark mark = marked(b->tape); \
        double *const kept = ROW_##name == ROW_logsumexp ? push(b->tape, at[2] * COLUMN) : NULL; \
        if (b->tape->stop) return; \
        double share[W == 1 ? 1 : COLUMN]; \
        MANY(, { enum { way = FIRST }; sums_back \
                 for (size_t j = 0; j < m; j++) share[j] = 1.0 / sum[0][j]; }, \
             { enum { way = AGAIN }; OVER(g[from + j] += (dx) * gy[lo + j]) }) \
        release(b->tape, mark); \
        (void)kept, (void)share; } break;
#include "rows.c"
        default: __builtin_unreachable(); /* no check before the jump */
        }
    }
    if (now != usual) SET_FLOATS(usual);
}
#undef SUM
#undef EXP
#undef SHARE
#undef ITS
#undef FOLD

/* 0 if all are finite, else nan. */
TARGET static double NAME(nothing)(const double *x, size_t count) {
    double rest = 0.0;
    V sum[LANES / W] = {{0}};
    size_t j = 0;
    for (; j + LANES <= count; j += LANES) {
        UNROLL for (int l = 0; l < LANES / W; l++) sum[l] += AT(x + j + l * W) * 0.0;
    }
    for (; j < count; j++) rest += x[j] * 0.0;
    return rest + NAME(folded)(sum);
}
/* The same of spans of rows. */
TARGET static double NAME(looked)(const I *span, size_t spans, const double *v, size_t n, size_t stride) {
    double sum = 0.0;
    for (; spans; spans--, span += 2) {
        const double *x = v + span[0] * stride;
        if (W == 1 && span[1] < 2 * LANES) for (I k = 0; k < span[1]; k++) sum += x[k] * 0.0;
        else if (n == stride) sum += level.nothing(x, span[1] * stride);
        else for (I k = 0; k < span[1]; k++) sum += NAME(nothing)(x + k * stride, n);
    }
    return sum;
}
#include "loops.h"
#if W > 1
#if W > 2
/* Of eight samples the numbers from the kth on, four by four, to rows or from them; the next number. */
INLINE size_t NAME(turn_so)(double *const *samples, double *rows, const I *places, size_t k, size_t end,
                            size_t width, const int out) {
    for (; k + 4 <= end; k += 4) UNROLL for (int i = 0; i < LANES; i += 4) {
        double *row[4], *sample[4], *const *const from = out ? row : sample, *const *const to = out ? sample : row;
        UNROLL for (int l = 0; l < 4; l++) {
            row[l] = rows + (places ? places[k + l] : k + l) * width + i, sample[l] = samples[i + l] + k;
        }
        const __m256d a = _mm256_loadu_pd(from[0]), b = _mm256_loadu_pd(from[1]);
        const __m256d c = _mm256_loadu_pd(from[2]), d = _mm256_loadu_pd(from[3]);
        const __m256d e = _mm256_unpacklo_pd(a, b), f = _mm256_unpackhi_pd(a, b);
        const __m256d g = _mm256_unpacklo_pd(c, d), h = _mm256_unpackhi_pd(c, d);
        _mm256_storeu_pd(to[0], _mm256_permute2f128_pd(e, g, 0x20));
        _mm256_storeu_pd(to[1], _mm256_permute2f128_pd(f, h, 0x20));
        _mm256_storeu_pd(to[2], _mm256_permute2f128_pd(e, g, 0x31));
        _mm256_storeu_pd(to[3], _mm256_permute2f128_pd(f, h, 0x31));
    }
    return k;
}
TARGET static size_t NAME(turn)(double *const *samples, double *rows, const I *places, size_t k, size_t end,
                                size_t width, int out) {
    if (out) return NAME(turn_so)(samples, rows, places, k, end, width, 1);
    return NAME(turn_so)(samples, rows, NULL, k, end, width, 0);
}
#endif
/* A list for each of so many samples: of numbers l the sums of rows[k] x[k][l] over the terms; 0 if all are
   finite, else nan. As many at once as stay in registers; the last ones may be computed again. */
INLINE double NAME(list_of)(const double *const *x, const double *const *rows, size_t terms, size_t count,
                            size_t samples, double *to, size_t apart, const int t) {
    V check[2] = {{0}};
    double none = 0.0;
    for (size_t i = 0; i < samples; i++, x += terms, to += apart) for (size_t l = 0; l < count; l += t * W) {
        const size_t at = l + t * W < count ? l : count - t * W;
        V y[2 * LANES / W];
        UNROLL for (int m = 0; m < t; m++) y[m] = rows[0][i] * AT(x[0] + at + m * W);
        for (size_t k = 1; k < terms; k++) {
            const double factor = rows[k][i];
            UNROLL for (int m = 0; m < t; m++) y[m] += factor * AT(x[k] + at + m * W);
        }
        UNROLL for (int m = 0; m < t; m++) AT(to + at + m * W) = y[m], check[m & 1] += y[m] * 0.0;
    }
    for (int m = 0; m < 2 * W; m++) none += check[m / W][m % W];
    return none;
}
TARGET static double NAME(list)(const double *const *x, const double *const *rows, size_t terms, size_t count,
                                size_t samples, double *to, size_t apart) {
    if (count < 2 * LANES) return NAME(list_of)(x, rows, terms, count, samples, to, apart, LANES / W);
    return NAME(list_of)(x, rows, terms, count, samples, to, apart, 2 * LANES / W);
}
#include "beside.h"
#endif
#undef AT
#undef INLINE
#undef EACH
#undef W
#undef V
#undef M
#undef NAME
#undef TARGET
#undef TILE
#undef BESIDE
#undef STAIRS
