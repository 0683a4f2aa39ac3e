/* Machine code of a plan's lists of instructions, for one sample: a list is found by where it begins.
   What has none is interpreted. */
/* Those of a step move the next state to where the state is, and begin anew at most so often, of which
   they tell what is left. */
typedef size_t Code(const I *code, const Block *b, size_t most);
/* A list: where its code begins, and going back spans of g that are cleared before. */
typedef struct { const I *list; size_t at; I *spans, cleared; } Entry;
typedef struct Machine {
    unsigned char *memory;
    size_t size, count;
    Entry *entries; /* in the order of their lists */
} Machine;

static const Entry *entry_of(const Machine *m, const I *list, size_t count) {
    if (!m || !count) return NULL;
    size_t low = 0, high = m->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (m->entries[middle].list == list) return m->entries + middle;
        if (m->entries[middle].list < list) low = middle + 1;
        else high = middle;
    }
    return NULL;
}
static Code *code_of(const Machine *m, const I *list, size_t count) {
    const Entry *entry = entry_of(m, list, count);
    return entry ? (Code *)(uintptr_t)(m->memory + entry->at) : NULL;
}
/* Whether machine code looks at the numbers of a body's rows itself: where they are few. */
static int looks_inside(const I *body, const I *spans) {
    size_t rows = 0;
    for (I k = 0; k < body[4]; k++) rows += spans[2 * k + 1];
    return rows <= 256;
}
