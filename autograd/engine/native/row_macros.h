/* What a line of rows.c stands for. */

typedef PyObject *(*Method)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);
typedef double Result(double, double, double);
#define NOT_FINITE(y, d) ((y - y) + (d - d) != 0.0)

/* Whether the constant comes first and alone, by its place or its name. */
static int one_constant(PyObject *const *args, Py_ssize_t nargs, PyObject *names, const char *name,
                        double *c) {
    Py_ssize_t all = nargs + (names ? PyTuple_GET_SIZE(names) : 0);
    if (names && (all != 1 || PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 0), name)))
        return 0;
    return all == 0 || (all == 1 && read_number(args[0], c) == 2);
}

#define UNARY(name, Y, DX)                                                                         \
    static double result_##name(double x, double c, double d) { return Y; }                        \
    static PyObject *op_##name(PyObject *self, PyObject *none) {                                   \
        const double x = DATA(self), y = Y, dx = DX;                                               \
        const int mode = MODE;                                                                     \
        if (mode < 0 || NOT_FINITE(y, dx)) return lane(ROW_##name, self, NULL);                    \
        return made1(ROW_##name, mode, y, self, dx);                                               \
    }
#define UNARY_ONE(name, c, C, Y, DX)                                                               \
    static double result_##name(double x, double c, double d) { return c = c == c ? c : C, Y; }    \
    static PyObject *with_##name(PyObject *self, double c, int mode) {                             \
        const double x = DATA(self), y = Y, dx = DX;                                               \
        if (mode < 0 || NOT_FINITE(y, dx)) return NULL;                                            \
        return made1_with(ROW_##name, mode, y, self, dx, ONE, c, 0.0);                             \
    }                                                                                              \
    static PyObject *op_##name(PyObject *self, PyObject *const *args, Py_ssize_t nargs,            \
                               PyObject *names) {                                                  \
        double c = C;                                                                              \
        PyObject *v = NULL;                                                                        \
        if (one_constant(args, nargs, names, #c, &c))                                              \
            v = with_##name(self, c, MODE);                                                        \
        if (v || PyErr_Occurred()) return v;                                                       \
        return call_with(lane_of[ROW_##name], self, args, nargs, names);                           \
    }
#define UNARY_TWO(name, c, C, d, D, Y, DX)                                                         \
    static double result_##name(double x, double c, double d) { return Y; }                        \
    static PyObject *op_##name(PyObject *self, PyObject *const *args, Py_ssize_t nargs,            \
                               PyObject *names) {                                                  \
        double c = C, d = D;                                                                       \
        if (!names && nargs < 3 && (nargs < 1 || read_number(args[0], &c) == 2) &&                 \
            (nargs < 2 || read_number(args[1], &d) == 2)) {                                        \
            const double x = DATA(self), y = Y, dx = DX;                                           \
            const int mode = MODE;                                                                 \
            if (mode >= 0 && !NOT_FINITE(y, dx))                                                   \
                return made1_with(ROW_##name, mode, y, self, dx, TWO, c, d);                       \
        }                                                                                          \
        return call_with(lane_of[ROW_##name], self, args, nargs, names);                           \
    }
#define BINARY(name, Y, DA, DB)                                                                    \
    static double result_##name(double a, double b, double c) { return Y; }                        \
    static PyObject *op_##name(PyObject *p, PyObject *q) {                                         \
        double a, b;                                                                               \
        const int kp = read_number(p, &a), kq = read_number(q, &b), mode = MODE;                   \
        if (!kp || !kq || mode < 0) return lane(ROW_##name, p, q);                                 \
        const double y = Y, da = DA, db = DB;                                                      \
        if (NOT_FINITE(y, da) || db - db != 0.0) return lane(ROW_##name, p, q);                    \
        return made2(ROW_##name, mode, y, p, kp, a, da, q, kq, b, db);                             \
    }                                                                                              \
    static PyObject *named_##name(PyObject *p, PyObject *q) {                                      \
        double b;                                                                                  \
        return read_number(q, &b) ? op_##name(p, q) : lane(NAMED + ROW_##name, p, q);              \
    }
#define BINARY_ONE(name, c, C, Y, DA, DB)                                                          \
    static PyObject *op_##name(PyObject *p, PyObject *const *args, Py_ssize_t nargs,               \
                               PyObject *names) {                                                  \
        double a = DATA(p), b, c = C;                                                              \
        if (!names && nargs > 0 && nargs < 3 && (nargs < 2 || read_number(args[1], &c) == 2)) {    \
            const int kq = read_number(args[0], &b), mode = kq ? MODE : -1;                        \
            const double y = Y, da = DA, db = DB;                                                  \
            if (mode >= 0 && !NOT_FINITE(y, da) && db - db == 0.0)                                 \
                return with_note(                                                                  \
                    made2(ROW_##name, mode, y, p, 1, a, da, args[0], kq, b, db), c);               \
        }                                                                                          \
        return call_with(lane_of[ROW_##name], p, args, nargs, names);                              \
    }
