/* Arguments of a call: Values, numbers and arrays, as pieces and numbers; and what takes their grads. */

/* Where Values have their numbers: so many bytes from their beginning; and what gives them grads. */
static Py_ssize_t offset;
static int (*store_all)(PyObject *values, const double *numbers, const double *grads);

/* An array and its dtype, as all extensions of NumPy 1 and 2 read them, and its PyArray_New. */
typedef struct { PyObject_HEAD PyTypeObject *type; char kind, letter, order; } Dtype;
typedef struct {
    PyObject_HEAD char *data;
    int axes;
    Py_ssize_t *shape, *strides;
    PyObject *base;
    const Dtype *dtype;
    int flags;
} Array;
static PyTypeObject *array_type, *gathered_type;
static PyObject *add_up; /* NumPy's, since it adds in an order of its own */
static PyObject *guarded, *differentiated, *argnums, *calls_name; /* see guard.py; names */
enum { VERSION, NEW_ARRAY = 93, DOUBLE = 12, ALIGNED = 0x100, MOST_AXES = 66 };
static PyObject *(*new_array)(PyTypeObject *type, int axes, const Py_ssize_t *shape, int dtype,
                              const Py_ssize_t *strides, void *data, int size, int flags, PyObject *like);
#define IS_ARRAY(x) (Py_TYPE(x) == array_type)
#define DATA_OF(array) ((void *)((Array *)(array))->data)

/* The numbers of rows, by where they are: a dict would be asked several times for each node. */
enum { KINDS_AT = 256 };
static struct { const PyObject *row; int kind; } kinds_at[KINDS_AT];
static size_t kind_at(const PyObject *row) {
    size_t k = (uintptr_t)row / 16 % KINDS_AT;
    while (kinds_at[k].row && kinds_at[k].row != row) k = (k + 1) % KINDS_AT;
    return k;
}
static void know(PyObject *row, int kind) {
    const size_t k = kind_at(Py_NewRef(row));
    kinds_at[k].row = row, kinds_at[k].kind = kind;
}
static int kind_of(const PyObject *row) { /* -1 of others */
    const size_t k = kind_at(row);
    return kinds_at[k].row ? kinds_at[k].kind : -1;
}

static PyObject *adopt(PyObject *module, PyObject *args) {
    PyObject *numpy, *store, *kinds, *row, *kind;
    if (!PyArg_ParseTuple(args, "nOOOOOO!O!O!", &offset, &store, &array_type, &gathered_type, &numpy, &add_up,
                          &PyDict_Type, &guarded, &PySet_Type, &differentiated, &PyDict_Type, &kinds)) return NULL;
    for (Py_ssize_t at = 0; PyDict_Next(kinds, &at, &row, &kind);) know(row, (int)PyLong_AsLong(kind));
    void **const api = PyCapsule_GetPointer(numpy, NULL);
    const unsigned version = api ? ((unsigned (*)(void))api[VERSION])() >> 24 : 0;
    Py_INCREF(array_type), Py_INCREF(gathered_type), Py_INCREF(add_up), Py_INCREF(guarded), Py_INCREF(differentiated);
    if (api) memcpy(&new_array, api + NEW_ARRAY, sizeof new_array);
    *(void **)&store_all = PyCapsule_GetPointer(store, NULL);
    return api && store_all ? PyBool_FromLong(version == 1 || version == 2) : NULL;
}

/* The numbers of leaves: of Values, or those of an array of one axis. How many, at most so many; or -1. */
static Py_ssize_t read_leaves(PyObject *p, double *to, Py_ssize_t most) {
    const Array *const a = IS_ARRAY(p) ? (Array *)p : NULL;
    const Py_ssize_t count = a ? *a->shape : PyTuple_GET_SIZE(p);
    if (count > most) return PyErr_SetString(PyExc_ValueError, "a run got more numbers than it has leaves"), -1;
    const Py_ssize_t inside = offset; /* or it would be read anew for each */
    for (Py_ssize_t k = 0; k < count; k++) {
        const char *const at = a ? a->data + k * *a->strides : (char *)PyTuple_GET_ITEM(p, k) + inside;
        memcpy(to + k, at, sizeof *to);
    }
    return count;
}

/* The axes of an array as samples and numbers; 0 if these have not one stride each. */
static int lies(const Array *a, size_t numbers, Piece *p) {
    size_t left = numbers; /* of the axes to come */
    *p = (Piece){a->data, 0, 0, numbers};
    Py_ssize_t *stride = &p->by_number, next = 0;
    int is_first = 1;
    for (int k = numbers ? a->axes - 1 : -1; k >= 0; k--) {
        if (left == 1) stride = &p->by_sample, is_first = 1, left = 0;
        if (a->shape[k] == 1) continue;
        if (is_first) *stride = a->strides[k];
        else if (a->strides[k] != next) return 0;
        next = a->strides[k] * a->shape[k];
        is_first = 0, left /= (size_t)a->shape[k];
    }
    return 1;
}

/* What was given for an argument or an entry of one, and what takes its grads. */
typedef struct {
    double number, grad;
    Array *array, *indices, *made; /* if it is none */
    void *copy;
    Piece piece; /* where it lies, and which one it is of those that samples change */
    size_t place;
    Py_ssize_t is_shared, container, length; /* of grads, where it is a list of numbers; and of that list */
    int by_sample, is_sum; /* is_sum: over the samples */
} Given;
enum { AN_ARRAY, A_LIST, A_TUPLE, ANOTHER, EACH }; /* EACH: no sums over samples */
#define ONE_NUMBER(number) (Piece){(char *)&(number), 0, sizeof(double), 1}

/* How many samples there are, 0 until a part has some, and along which axes: those of all parts agree. */
typedef struct { size_t samples; int axes; const Py_ssize_t *shape; } Batch;
static int agrees(Batch *b, int axes, const Py_ssize_t *shape) {
    if (b->samples) return b->axes == axes && !memcmp(b->shape, shape, axes * sizeof *shape);
    *b = (Batch){1, axes, shape};
    for (int k = 0; k < axes; k++) b->samples *= shape[k];
    return b->samples > 0;
}

/* Rows of an array by index, see gathered.py: whether they have this shape, and all are there. */
static int look_up(PyObject *x, Py_ssize_t axes, const Py_ssize_t *shape, Given *g, Batch *b) {
    const Array *const a = g->array = (Array *)PyObject_GetAttrString(x, "_array");
    const Array *const at = g->indices = (Array *)PyObject_GetAttrString(x, "_indices");
    if (!a || !at) return PyErr_Clear(), 0;
    const Py_ssize_t own = at->axes - 1, *const index = (Py_ssize_t *)at->data;
    size_t parts = 1, numbers = 1, lost = 0;
    if (axes != own + a->axes - 1) return 0;
    for (Py_ssize_t k = 0; k < axes; k++) {
        if (shape[k] != (k < own ? at->shape[k + 1] : a->shape[k - own + 1])) return 0;
        *(k < own ? &parts : &numbers) *= shape[k];
    }
    if (!*a->shape || !agrees(b, 1, at->shape) || !lies(a, numbers, &g->piece)) return 0;
    g->by_sample = 1;
    g->piece.indices = index, g->piece.parts = parts, g->piece.numbers = numbers * parts;
    for (size_t k = 0; k < b->samples * parts; k++) lost |= (size_t)index[k] >= (size_t)*a->shape;
    return !lost;
}

/* A plain argument: a number, a list of numbers, or an array of real numbers, of the shape of one sample
   or with samples in front. Whether it is one. */
static int look(PyObject *x, Py_ssize_t axes, const Py_ssize_t *shape, Given *g, Batch *b) {
    Py_ssize_t numbers = 1;
    double *to = &g->number;
    Piece *const p = &g->piece;
    *p = ONE_NUMBER(g->number);
    if (Py_TYPE(x) == gathered_type) return look_up(x, axes, shape, g, b);
    if (IS_ARRAY(x)) {
        const Array *a = g->array = (Array *)Py_NewRef(x);
        if (a->dtype->letter != 'd' || a->dtype->order != '=' || !(a->flags & ALIGNED)) {
            if (!memchr("fiub", a->dtype->kind, 4)) return 0;
            Py_SETREF(g->array, (Array *)PyObject_CallMethod(x, "astype", "s", "d"));
            if (!(a = g->array)) return PyErr_Clear(), 0;
        }
        if ((g->by_sample = a->axes - axes) < 0) return 0;
        if (!a->axes) g->number = *(double *)a->data, g->array = NULL, Py_DECREF(a);
        if (!g->array) return 1;
        for (Py_ssize_t k = 0; k < axes; k++) {
            if (a->shape[g->by_sample + k] != shape[k]) return 0;
            numbers *= shape[k];
        }
        return (!g->by_sample || agrees(b, g->by_sample, a->shape)) && lies(a, numbers, p);
    }
    const int is_list = PyList_CheckExact(x) || PyTuple_CheckExact(x);
    if (axes > is_list) return 0;
    if (is_list) { /* of numbers of a sample, or of a number of each sample */
        numbers = g->length = Py_SIZE(x), g->by_sample = !axes;
        if (!numbers || !(axes ? numbers == *shape : agrees(b, 1, &g->length))) return 0;
        if (!(to = g->copy = PyMem_Malloc(numbers * sizeof *to))) return 0;
        *p = (Piece){g->copy, axes ? 0 : sizeof *to, sizeof *to, axes ? numbers : 1};
    }
    for (Py_ssize_t k = 0; k < numbers; k++) {
        PyObject *number = is_list ? PySequence_Fast_GET_ITEM(x, k) : x;
        if (PyFloat_Check(number)) to[k] = PyFloat_AS_DOUBLE(number);
        else if (!PyLong_CheckExact(number)) return 0;
        else if ((to[k] = PyLong_AsDouble(number)) == -1.0 && PyErr_Occurred()) return PyErr_Clear(), 0;
    }
    return 1;
}

/* A new array of float64. */
static Array *array_of(int axes, const Py_ssize_t *shape) {
    return (Array *)new_array(array_type, axes, shape, DOUBLE, NULL, NULL, 0, 0, NULL);
}
static PyObject *read_numbers(PyObject *module, PyObject *values) {
    Array *made = array_of(1, (Py_ssize_t[]){PyTuple_GET_SIZE(values)});
    if (made && read_leaves(values, DATA_OF(made), *made->shape) < 0) Py_CLEAR(made);
    return (PyObject *)made;
}

static PyObject *floats(const double *x, size_t n) {
    PyObject *all = PyTuple_New(n);
    for (size_t k = 0; all && k < n; k++) {
        PyObject *one = PyFloat_FromDouble(x[k]);
        if (!one) Py_CLEAR(all);
        else PyTuple_SET_ITEM(all, k, one);
    }
    return all;
}

/* Places for the grads by arguments, of each of which a pair says its first part, and how many entries it has,
   or 0; narrow: how many are shared. 0 where they come in a container of another kind. */
static int places(const Py_ssize_t *pair, const Py_ssize_t *end, Given *g, Data *d, size_t *narrow) {
    for (; pair < end; pair += 2) for (Py_ssize_t k = pair[0]; k < pair[0] + !pair[1] + pair[1]; k++) {
        const Py_ssize_t numbers = g[k].piece.numbers, one = sizeof(double);
        Py_ssize_t axes = 0, shape[MOST_AXES];
        if (g[k].indices || (g[k].copy && g[k].container == ANOTHER)) return 0;
        if (g[k].copy) shape[axes++] = g[k].by_sample ? (Py_ssize_t)d->samples : numbers;
        for (; g[k].array && axes < g[k].array->axes; axes++) shape[axes] = g[k].array->shape[axes];
        if ((g[k].is_sum = d->samples && !g[k].by_sample && !g[k].is_shared)) shape[axes++] = d->samples;
        Piece to = ONE_NUMBER(g[k].grad);
        if (axes && !(g[k].made = array_of(axes, shape))) return -1;
        if (g[k].is_sum) to = (Piece){DATA_OF(g[k].made), one, d->samples * one, numbers};
        else if (axes) lies(g[k].made, numbers, &to);
        if (g[k].is_shared) *narrow += numbers;
        else d->to[g[k].place] = to;
    }
    return 1;
}

/* A grad, as it was passed; those by shared arguments are in dp. */
static PyObject *grad_of(Given *g, double **dp) {
    const size_t numbers = g->piece.numbers;
    if (g->is_sum && g->container == EACH) return PyObject_GetAttrString((PyObject *)g->made, "T");
    if (g->is_sum) {
        Py_SETREF(g->made, (Array *)PyObject_CallFunction(add_up, "Oi", g->made, -1));
        if (!g->made || !IS_ARRAY(g->made)) return g->made ? PyNumber_Float((PyObject *)g->made) : NULL;
    }
    double *const to = g->made ? DATA_OF(g->made) : &g->grad;
    if (g->is_shared) memcpy(to, *dp, numbers * sizeof **dp), *dp += numbers;
    if (!g->made) return PyFloat_FromDouble(g->grad);
    if (!g->copy || g->container == AN_ARRAY) return Py_NewRef(g->made);
    PyObject *all = floats(to, numbers);
    if (all && g->container == A_LIST) Py_SETREF(all, PySequence_List(all));
    return all;
}

/* The grads by arguments. makers: what makes a container of a list of entries, unless it is a list. */
static PyObject *grads_of(const Py_ssize_t *pair, Py_ssize_t count, PyObject *makers, Given *g, double *dp) {
    PyObject *grads = PyTuple_New(count);
    for (Py_ssize_t i = 0; grads && i < count; i++, pair += 2) {
        PyObject *all = pair[1] ? PyList_New(pair[1]) : grad_of(g + pair[0], &dp);
        PyObject *const maker = PyTuple_GET_ITEM(makers, i);
        for (Py_ssize_t k = 0; all && k < pair[1]; k++) {
            PyObject *const one = grad_of(g + pair[0] + k, &dp);
            if (one) PyList_SET_ITEM(all, k, one);
            else Py_CLEAR(all);
        }
        if (all && PyCallable_Check(maker)) Py_SETREF(all, PyObject_CallOneArg(maker, all));
        if (all) PyTuple_SET_ITEM(grads, i, all);
        else Py_CLEAR(grads);
    }
    return grads;
}
