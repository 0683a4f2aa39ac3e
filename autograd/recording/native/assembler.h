/* An assembler for x86-64 with AVX2: what a register holds is known, so that a number that was just
   computed or read is not read again. Everything that is computed is stored at once, and may be
   forgotten at any time. */
#include <sys/mman.h>

/* Where numbers are: rows of v and g, numbers of s and gs, a state that is kept, constants before the
   code; and masks, of whether a row of v is not 0, in registers alone; and what is at rax. */
typedef enum { NOWHERE, OF_V, OF_G, OF_S, OF_GS, KEPT, CONSTANT, TRUTH, ASIDE } Space;
typedef uint64_t Place; /* a Space, and which of its numbers */
#define PLACE(space, k) ((Place)(space) << 32 | (I)(k))

enum { REGISTERS = 16, FOLDS = 64, ROOM = 64, SOON = 128 }; /* bytes of an instruction are fewer */
enum { RAX = 0, RCX = 1, RDX = 2, RBX = 3, RBP = 5, RSI = 6, RDI = 7, R10 = 10, R11, R12, R13, R14, R15 };
static const int BASES[] = {[OF_V] = RBX, [OF_G] = R14, [OF_S] = R15, [OF_GS] = RBP, [KEPT] = R13, [ASIDE] = RAX};

/* Numbers that lie side by side, from a place on. */
typedef struct { Place first; int is_written; } Range;
/* Rows that only a chunk of a loop needs: they lie elsewhere, as much later as is told here, and for each
   chunk in the same place. */
typedef struct { Place first, end; long by, reach; } Fold;
typedef struct { Place holds; unsigned used; int pins; } Register;
typedef struct {
    unsigned char *bytes;
    size_t used, room;
    int failed;
    int wide, indexed; /* whether a register is four numbers; whether rows begin at rax, that of `shift` at 0 */
    long shift;
    int narrow;        /* whether v and s are the same, and g and gs */
    char *grads;       /* what is known of the rows of g; NULL if nothing is */
    const double *numbers; /* of s the first ones, which are constants, and how many */
    size_t known;
    unsigned clock;
    Register registers[REGISTERS];
    Range *ranges;                 /* to be told what is read and written, or NULL */
    size_t noted;
    uint32_t *last[2], now;        /* of rows of v and g the last step that reads them, or NULL; the step */
    const Fold *folds;
    size_t folded;
} Maker;

static void put(Maker *m, unsigned long long x, int bytes) {
    for (; bytes; bytes--, x >>= 8) m->bytes[m->used++] = x & 255;
}
/* Room for one more instruction. */
static void reserve(Maker *m) {
    if (m->used + ROOM > m->room) m->failed = 1, m->used = 0; /* what follows is thrown away */
}

/* Bytes, and a number behind them; jumps to where code is known. */
static void emit(Maker *m, const char *bytes, size_t count, long long number, int size) {
    reserve(m);
    for (size_t i = 0; i < count; i++) put(m, bytes[i], 1);
    put(m, number, size);
}
#define EMIT(text) emit(m, text, sizeof text - 1, 0, 0)
#define EMIT_WITH(text, number) emit(m, text, sizeof text - 1, number, 4)
#define JUMP(text, to) EMIT_WITH(text, (long long)(to) - (long long)(m->used + sizeof text - 1 + 4))

/* The instructions that are used: of which map of opcodes, with which prefix, and the opcode. */
typedef struct { unsigned char map, prefix, code; } Opcode;
enum { BY_WIDTH = 8, W1 = 0x80 }; /* a prefix for one number or for four; and a bit of a map */
static const Opcode ADD = {1, BY_WIDTH, 0x58}, MULTIPLY = {1, BY_WIDTH, 0x59}, SUBTRACT = {1, BY_WIDTH, 0x5C};
static const Opcode DIVIDE = {1, BY_WIDTH, 0x5E}, ROOT = {1, BY_WIDTH, 0x51}, COMPARE = {1, BY_WIDTH, 0xC2};
static const Opcode AND = {1, 1, 0x54}, AND_NOT = {1, 1, 0x55}, OR = {1, 1, 0x56}, XOR = {1, 1, 0x57};
static const Opcode CHOOSE = {3, 1, 0x4B}, LOAD = {1, BY_WIDTH, 0x10}, STORE = {1, BY_WIDTH, 0x11};
static const Opcode MULTIPLY_ADD = {2 | W1, 1, 0xB9}, ORDER = {1, 1, 0x2E};
static const Opcode SPREAD = {2, 1, 0x19};

/* Prefix and opcode: to a register, from another one (0 for none), and a last one, or memory from there. */
static void begin_code(Maker *m, Opcode o, int to, int from, int last) {
    reserve(m);
    const int prefix = o.prefix == BY_WIDTH ? (m->wide ? 1 : 3) : o.prefix;
    const int ending = (~from & 15) << 3 | m->wide << 2 | prefix;
    if (o.map == 1 && last < 8) put(m, 0xC5 | ((~to & 8) << 4 | ending) << 8, 2);
    else put(m, 0xC4 | ((~to & 8) << 4 | 0x40 | (~last & 8) << 2 | (o.map & 31)) << 8 | (ending | (o.map & W1)) << 16, 3);
    put(m, o.code, 1);
}
static void operate(Maker *m, Opcode o, int to, int from, int last) {
    begin_code(m, o, to, from, last);
    put(m, 0xC0 | (to & 7) << 3 | (last & 7), 1);
}
/* To a register or from it, with another one (0 for none), memory at a place. */
static void reach(Maker *m, Opcode o, int reg, int from, Place place) {
    const Space space = place >> 32;
    const I k = (I)place;
    if (space == CONSTANT) {
        begin_code(m, o, reg, from, 0);
        put(m, (reg & 7) << 3 | 5, 1);
        put(m, 32ull * k - m->used - 4, 4); /* they are before the code */
        return;
    }
    const int is_indexed = m->indexed && (space == OF_V || space == OF_G || space == KEPT);
    int base = BASES[space];
    long at = (long)k - (is_indexed ? m->shift : 0);
    if (is_indexed) for (const Fold *f = m->folds; f < m->folds + m->folded; f++) {
        if (place >= f->first && place < f->end) base = space == OF_V ? R10 : R11, at += f->by;
    }
    const int is_short = at >= -16 && at < 16;
    begin_code(m, o, reg, from, base);
    put(m, (is_short ? 0x40 : 0x80) | (reg & 7) << 3 | (is_indexed ? 4 : base & 7), 1);
    if (is_indexed) put(m, RAX << 3 | (base & 7), 1);
    put(m, 8 * at, is_short ? 1 : 4);
    if (at >= 1 << 28) m->failed = 1;
}

/* Registers */

static void forget(Maker *m) {
    for (int r = 0; r < REGISTERS; r++) m->registers[r] = (Register){0};
}
static void unpin(Maker *m, int r) { m->registers[r].pins--; }

/* A register for a result, the one that was not used for the longest time. */
static int free_register(Maker *m) {
    unsigned least = UINT32_MAX;
    int best = 0;
    for (int r = 0; r < REGISTERS; r++) {
        const unsigned used = m->registers[r].pins ? UINT32_MAX : m->registers[r].used;
        best = used < least ? r : best, least = used < least ? used : least;
    }
    m->registers[best] = (Register){NOWHERE, ++m->clock, 1};
    return best;
}

static void note(Maker *m, Place place, int is_written) {
    const Space space = place >> 32;
    if (m->ranges && space <= KEPT && space != OF_S) m->ranges[m->noted++] = (Range){place, is_written};
}
static Place own(const Maker *m, Place place) {
    if (!m->narrow || place >> 32 < OF_S || place >> 32 > OF_GS) return place;
    return PLACE(place >> 32 == OF_S ? OF_V : OF_G, place);
}

/* The register that has the number of a place, pinned; -1 if none has. */
static int found(Maker *m, Place place) {
    for (int r = 0; r < REGISTERS; r++) if (m->registers[r].holds == place) {
        m->registers[r].used = ++m->clock, m->registers[r].pins++;
        return r;
    }
    return -1;
}
/* The same, read if none has. */
static int need(Maker *m, Place place) {
    place = own(m, place);
    note(m, place, 0);
    const int known = found(m, place);
    if (known >= 0) return known;
    const int r = free_register(m), is_spread = m->wide && (place >> 32 == OF_S || place >> 32 == OF_GS);
    reach(m, is_spread ? SPREAD : LOAD, r, 0, place);
    if (m->wide && place >> 32 == KEPT) { /* prefetch what comes later */
        EMIT_WITH("\x41\x0F\x18\x8C\x05", 8 * ((long)(I)place - m->shift - SOON)); /* prefetcht0 [r13 + rax + ...] */
    }
    m->registers[r].holds = place;
    return r;
}

/* Store a register, unpinned. */
static void keep_in(Maker *m, int r, Place place) {
    place = own(m, place);
    note(m, place, 1);
    reach(m, STORE, r, 0, place);
    for (int k = 0; k < REGISTERS; k++) if (m->registers[k].holds == place) m->registers[k].holds = NOWHERE;
    m->registers[r].holds = place;
    unpin(m, r);
}

/* The result of an operation on two registers, which are unpinned. */
static int combine(Maker *m, Opcode o, int a, int b) {
    for (int i = 0; i < 2; i++) {
        Register *r = &m->registers[i ? b : a];
        if (!--r->pins && r->holds == NOWHERE) r->used = 0;
    }
    const int to = free_register(m);
    operate(m, o, to, a, b);
    return to;
}
/* The same with the number of a place, in memory if it is a row's that no register has. */
static int combine_at(Maker *m, Opcode o, int a, Place place) {
    place = own(m, place);
    const int known = found(m, place);
    if (known >= 0) unpin(m, known);
    if (known >= 0 || place >> 32 > OF_G) return combine(m, o, a, need(m, place));
    note(m, place, 0);
    if (!--m->registers[a].pins && m->registers[a].holds == NOWHERE) m->registers[a].used = 0;
    const int to = free_register(m);
    reach(m, o, to, a, place);
    return to;
}

/* Numbers and calls */

static void set(Maker *m, int to, uint64_t x) {
    reserve(m);
    put(m, 0xB848 | (to & 7) << 8, 2);
    put(m, x, 8);
}
/* Of a function; what it is given is there already. */
static void call(Maker *m, const void *function) {
    set(m, RAX, (uintptr_t)function);
    put(m, 0xD0FF, 2);
    forget(m);
}
static void copy(Maker *m, int to, int from) { /* from one of r8 to r15 */
    reserve(m);
    put(m, 0x894C | (0xC0 | (from & 7) << 3 | to) << 16, 3);
}
