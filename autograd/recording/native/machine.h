/* Machine code of a plan's lists of instructions, for one sample: a list is found by where it begins.
   What has none is interpreted. */
/* Those of a step move the next state to where the state is, and begin anew at most so often, of which
   they tell what is left. */
typedef size_t Code(const I *code, const Block *b, size_t most);
/* A list: where its code begins. */
typedef struct { const I *list; size_t at; } Entry;
typedef struct Machine {
    unsigned char *memory;
    size_t size, count;
    Entry *entries; /* in the order of their lists */
} Machine;

static Code *code_of(const Machine *m, const I *list, size_t count) {
    if (!m || !count) return NULL;
    size_t low = 0, high = m->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        const Entry entry = m->entries[middle];
        if (entry.list == list) return (Code *)(uintptr_t)(m->memory + entry.at);
        if (entry.list < list) low = middle + 1;
        else high = middle;
    }
    return NULL;
}
/* Whether machine code looks at the numbers of a body's rows itself: where they are few. */
static int looks_inside(const I *body, const I *spans) {
    size_t rows = 0;
    for (I k = 0; k < body[4]; k++) rows += spans[2 * k + 1];
    return rows <= 256;
}
/* Whether a loop's steps are kept as a whole. */
static int are_whole(const I *at, size_t stride) { return at[8] && (double)at[8] * stride <= MOST_KEPT; }
/* The key of a way back, where steps are kept as a whole, or computed once more. */
static const I *key_of(const I *list, int whole) { return list - !whole; }
/* The way back through the step before, see loop_back. */
static const I *way_before(const I *way) { return way[3] ? way - (way[3] - 1) : way + 4 + 2 * (way[0] + way[1] + way[2]); }
/* Whether a number of the next state, or of what comes with it, was another number of the state; and where
   it is when the next state is where the state was: aside if so. */
static int crosses_at(const I *outs, size_t i, size_t states) { return outs[i] < states && (i >= states || outs[i] != i); }
static I place_of(const I *outs, size_t i, size_t states, size_t aside) {
    return crosses_at(outs, i, states) ? aside + i : outs[i];
}
