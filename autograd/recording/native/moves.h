/* Samples to rows, and back. */

/* How the numbers of an argument lie, or their grads: where the first is, how many bytes it is to
   that of the next sample, and to the next number of a sample. Or a sample has so many parts, which
   lie one after the other where samples of these indices would. */
typedef struct {
    char *at;
    Py_ssize_t by_sample, by_number;
    size_t numbers, parts;
    const Py_ssize_t *indices;
} Piece;

/* What a call gives and takes: the pieces of the inputs, places for the grads by them (at NULL where
   none are wanted), and by narrow leaves; and a place for the values. */
typedef struct {
    Piece *from, *to, values;
    size_t pieces, inputs, samples;
    double *dp, seed;
} Data;

/* Where a sample lies. */
static char *sample_at(const Piece *p, size_t sample) {
    return p->at + (p->indices ? p->indices[sample * p->parts] : (Py_ssize_t)sample) * p->by_sample;
}
/* At most so many numbers of a piece, from one of them on, as far as they lie in one part; how many. */
static size_t part_of(const Piece *p, size_t first, size_t most, Piece *part) {
    size_t all = p->numbers;
    *part = *p;
    if (p->indices) all /= p->parts, part->indices += first / all, first %= all;
    part->at += (Py_ssize_t)first * p->by_number;
    return part->numbers = all - first < most ? all - first : most;
}

/* Lists: results side by side that are sums of products of a row and of numbers that lie side by side in an
   argument, as Σ w_k x_k of lists x_k. They are computed where the arguments lie, and nobody but the caller
   reads them: neither have a row, and there are no grads. A list: its first result, how many they are, how
   many products; then of each the row, and the first of the inputs. */
enum { MOST_TERMS = 64 }; /* of all lists; see lists.py */
typedef struct { const I *at, *end; Piece terms[MOST_TERMS]; double check; } Lists; /* check: 0, or nan */
static Lists none;

/* A list of so many samples, the first of which is the jth of a block; 0 if all are finite, else nan. */
static double list_of(const I *list, const Piece *term, const Block *b, size_t lo, size_t j, size_t samples,
                      double *to, size_t apart) {
    const double *x[LANES * MOST_TERMS], *rows[MOST_TERMS];
    const size_t count = list[1], all = list[2];
    double *copy = b->g;
    for (size_t k = 0; k < all; k++, term++) {
        const Py_ssize_t one = sizeof *copy, by = term->at ? term->by_number : one * (Py_ssize_t)b->stride;
        rows[k] = b->v + list[3 + 2 * k] * b->stride + j;
        for (size_t i = 0; i < samples; i++) {
            const char *given = term->at ? sample_at(term, lo + j + i) : (char *)(b->v + list[4 + 2 * k] * b->stride + j + i);
            x[i * all + k] = by == one ? (double *)given : copy;
            for (size_t l = 0; by != one && l < count; l++, given += by) memcpy(copy++, given, one);
        }
    }
    return level.list(x, rows, all, count, samples, to, apart);
}

/* Copy a block's samples from a piece of one part to rows (those of places, or all in order), or the other
   way, OUT. What is LARGE would push all else out of the cache, and goes PAST it. */
enum { IN, OUT, PAST, LARGE = 1 << 20, SHORT_ROW = 256 };
static int way_out(const Piece *p, size_t samples) {
    const int is_whole = p->by_number == sizeof(double) && p->by_sample == (Py_ssize_t)(p->numbers * sizeof(double));
    return is_whole && p->numbers <= SHORT_ROW && !((uintptr_t)p->at & 15) && p->numbers * samples > LARGE ? PAST : OUT;
}
#define ROW(k) (rows + (places ? places[k] : k) * width)
#define MOVE(row, piece, bytes) (way ? memcpy(piece, row, bytes) : memcpy(row, piece, bytes))

/* Where rows lie in the piece as they do in the block, and few numbers one by one; 0 of others. */
static int move_rows(const Piece *p, double *rows, const I *places, const Block *b, size_t lo, int way) {
    const Py_ssize_t one = sizeof(double), by = p->by_number;
    const size_t width = b->stride, real = b->real;
    char *const start = p->at + (Py_ssize_t)lo * p->by_sample;
    if (p->indices) ;
    else if (width == 1 && by == one && !places) return MOVE(rows, start, p->numbers * one), 1;
    else if (p->by_sample == one) {
        for (size_t k = 0; k < p->numbers; k++) MOVE(ROW(k), start + (Py_ssize_t)k * by, real * one);
        return 1;
    }
    const Piece own = *p; /* which is no number that is written */
    for (size_t k = 0; own.numbers < 4 && k < own.numbers; k++) for (size_t j = 0; j < real; j++) {
        MOVE(ROW(k) + j, sample_at(&own, lo + j) + (Py_ssize_t)k * by, one);
    }
    return own.numbers < 4;
}

/* All numbers of eight samples at a time, so that memory is read along lines of the cache, and each of a row's
   lines is met once; lists are computed between the others. */
static void move(const Piece *p, double *rows, const I *places, const Block *b, size_t lo, int way, Lists *lists) {
    const Py_ssize_t one = sizeof(double), by = p->by_number;
    const size_t width = b->stride, real = b->real;
    if (move_rows(p, rows, places, b, lo, way)) return;
    for (size_t j = 0; j < real; j += LANES) {
        const size_t most = real - j < LANES ? real - j : LANES;
        const int past = way == PAST && most == LANES;
        double aside[LANES * SHORT_ROW] __attribute__((aligned(16)));
        char *from[LANES];
        const I *list = lists->at;
        const Piece *term = lists->terms;
        for (size_t i = 0; i < most; i++) from[i] = past ? (char *)(aside + i * p->numbers) : sample_at(p, lo + j + i);
        for (size_t k = 0;; term += list[2], list += 3 + 2 * list[2]) {
            const size_t end = list < lists->end ? list[0] : p->numbers;
            if (level.turn && by == one && most == LANES) k = level.turn((double *const *)from, rows + j, places, k, end, width, way);
            for (; k < end; k++) {
                double *const row = ROW(k) + j;
                if (most == LANES) UNROLL for (int i = 0; i < LANES; i++) MOVE(row + i, from[i] + k * by, one);
                else for (size_t i = 0; i < most; i++) MOVE(row + i, from[i] + k * by, one);
            }
            if (list == lists->end) break;
            lists->check += list_of(list, term, b, lo, j, most, (double *)*from + k, p->numbers);
            k += list[1];
        }
        double *const to = (double *)sample_at(p, lo + j);
        if (past) for (size_t i = 0; i < LANES * p->numbers; i += 2) STREAM(to + i, aside + i);
    }
}

/* Inputs of a block as rows; behind the last real sample it comes again. */
static void load_some(const Block *b, const Data *d, size_t k, size_t end, size_t lo) {
    const Piece *piece = d->from;
    for (size_t before = 0, last; k < end; k = last) {
        Piece part;
        while (k - before >= piece->numbers) before += piece++->numbers;
        last = k + part_of(piece, k - before, end - k, &part);
        move(&part, b->v + k * b->stride, NULL, b, lo, IN, &none);
        for (; b->real < b->n && k < last; k++) for (size_t j = b->real; j < b->n; j++) {
            b->v[k * b->stride + j] = b->v[k * b->stride + b->real - 1];
        }
    }
}
static void load(const Block *b, const Plan *p, const Data *d, size_t lo) {
    if (b->in) return;
    for (const I *span = p->read; span < p->lists; span += 2) load_some(b, d, span[0], span[0] + span[1], lo);
}
static void give(const Block *b, const Data *d, size_t lo) {
    double *row = b->g;
    if (b->in) return;
    for (size_t k = 0; k < d->pieces; row += d->to[k++].numbers * b->stride) {
        if (d->to[k].at) move(d->to + k, row, NULL, b, lo, way_out(d->to + k, d->samples), &none);
    }
}

/* The pieces of the inputs of all lists, at NULL where numbers do not lie near one another: they get rows. */
static void find_lists(Lists *lists, const Plan *p, const Block *b, const Data *d, size_t lo) {
    Piece *term = lists->terms;
    lists->at = p->lists, lists->end = p->cuts, lists->check = 0.0;
    for (const I *list = p->lists; list < p->cuts; list += 3 + 2 * list[2]) for (I k = 0; k < list[2]; k++, term++) {
        const Piece *piece = d->from;
        const size_t x = list[4 + 2 * k], count = list[1];
        size_t first = x;
        while (first >= piece->numbers) first -= piece++->numbers;
        const int is_whole = part_of(piece, first, count, term) == count;
        if (is_whole && (term->by_number == sizeof(double) || term->by_number < term->by_sample)) continue;
        load_some(b, d, x, x + count, lo);
        term->at = NULL;
    }
}
