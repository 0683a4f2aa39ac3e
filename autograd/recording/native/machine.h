/* Machine code of a plan's lists of instructions, for one sample: a list is found by where it begins.
   What has none is interpreted. */
typedef void Code(const I *code, const Block *b);
typedef struct { const I *list; size_t at; } Entry;
typedef struct Machine {
    unsigned char *memory;
    size_t size, count;
    Entry *entries; /* in the order of their lists */
} Machine;

static Code *code_of(const Machine *m, const I *list, size_t count) {
    if (!count) return NULL;
    size_t low = 0, high = m ? m->count : 0;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (m->entries[middle].list == list) return (Code *)(uintptr_t)(m->memory + m->entries[middle].at);
        if (m->entries[middle].list < list) low = middle + 1;
        else high = middle;
    }
    return NULL;
}
