/* Four sums whose factors begin alike, as those of the rows of a triangle do: the longest first, each
   with the factors of the next one and perhaps more. What is read serves all that have it; grads are
   added up as if each sum were gone through by itself. Vectors of T stay in registers. */

enum { NAME(T) = W == 2 ? 2 : LANES / W };
#define EACH_OF(i, m) UNROLL for (int i = 0; i < m; i++)
#define VECTORS UNROLL for (int l = 0; l < NAME(T); l++)
/* The next factors, which the first m sums have. */
#define PART(count, ...) for (; k < four[count - 1][1]; k++) { \
    enum { m = count }; const size_t row = four[0][5 + k] * stride; __VA_ARGS__ }
#define PARTS(...) { \
    size_t k = 0; PART(4, __VA_ARGS__) PART(3, __VA_ARGS__) PART(2, __VA_ARGS__) PART(1, __VA_ARGS__) }
#define WEIGHTS(i) (four[i] + 5 + four[i][1])

TARGET static void NAME(stairs)(const I *const *four, const Block *b) {
    const size_t n = b->n, stride = b->stride;
    const I *const w[] = {WEIGHTS(0), WEIGHTS(1), WEIGHTS(2), WEIGHTS(3)};
    const double *s = b->s;
    double *v = b->v;
    for (size_t j = 0; j < n; j += NAME(T) * W) {
        V y[4][NAME(T)];
        EACH_OF(i, 4) VECTORS y[i][l] = (four[i][4] ? s[four[i][4] - 1] : -0.0) - (V){0};
        PARTS(EACH_OF(i, m) {
            const double factor = s[w[i][k]];
            VECTORS y[i][l] += factor * AT(v + row + j + l * W);
        })
        EACH_OF(i, 4) VECTORS AT(v + four[i][3] * stride + j + l * W) = y[i][l];
    }
}

TARGET static void NAME(stairs_back)(const I *const *four, const I skip, const Block *b) {
    const size_t n = b->n, stride = b->stride;
    const I *const w[] = {WEIGHTS(0), WEIGHTS(1), WEIGHTS(2), WEIGHTS(3)};
    const double *s = b->s;
    double *g = b->g, *d[4];
    EACH_OF(i, 4) d[i] = g + four[i][3] * stride;
    if (!(skip & NO_BIAS)) for (int i = 0; i < 4; i++) if (four[i][4]) {
        const I to = four[i][4] - 1;
        NAME(along)(&to, d + i, b->ones, b, 1);
    }
    if (!(skip & NO_W)) PARTS(
        I to[m];
        EACH_OF(i, m) to[i] = w[i][k];
        NAME(along)(to, d, b->v + row, b, m);
    )
    if (!(skip & NO_X)) PARTS(
        double *const gx = g + row, factor[m];
        EACH_OF(i, m) factor[i] = s[w[i][k]];
        for (size_t j = 0; j < n; j += W) {
            V sum = AT(gx + j);
            EACH_OF(i, m) sum += factor[i] * AT(d[i] + j);
            AT(gx + j) = sum;
        }
    )
}
#undef EACH_OF
#undef VECTORS
#undef PART
#undef PARTS
#undef WEIGHTS
