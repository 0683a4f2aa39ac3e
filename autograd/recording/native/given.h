/* Arguments of a call: Values, numbers and arrays, as pieces and numbers; and what takes their grads. */

/* Where Values have their numbers: so many bytes from their beginning, where C made them. */
static PyTypeObject *value_type, *array_type;
static Py_ssize_t offset;
static PyObject *new_array;

static PyObject *adopt(PyObject *module, PyObject *args) {
    PyObject *value, *array;
    if (!PyArg_ParseTuple(args, "O!nO!O", &PyType_Type, &value, &offset, &PyType_Type, &array, &new_array)) {
        return NULL;
    }
    value_type = (PyTypeObject *)Py_NewRef(value), array_type = (PyTypeObject *)Py_NewRef(array);
    Py_INCREF(new_array);
    Py_RETURN_NONE;
}

/* The numbers of leaves: of Values, or those of an array. How many they are, at most so many; or -1. */
static Py_ssize_t read_leaves(PyObject *p, double *to, Py_ssize_t most) {
    Py_buffer a = {0};
    const int are_values = PyTuple_CheckExact(p);
    if (!are_values && PyObject_GetBuffer(p, &a, PyBUF_STRIDES)) return -1;
    const Py_ssize_t count = are_values ? PyTuple_GET_SIZE(p) : a.len / (Py_ssize_t)sizeof *to;
    int failed = count > most;
    if (failed) PyErr_SetString(PyExc_ValueError, "a run got more numbers than it has leaves");
    else if (!are_values) failed = PyBuffer_ToContiguous(to, &a, a.len, 'C');
    PyBuffer_Release(&a);
    if (failed) return -1;
    for (Py_ssize_t k = 0; are_values && k < count; k++) {
        PyObject *value = PyTuple_GET_ITEM(p, k);
        if (offset && PyObject_TypeCheck(value, value_type)) {
            memcpy(to + k, (char *)value + offset, sizeof *to);
            continue;
        }
        PyObject *number = PyObject_GetAttrString(value, "_data");
        to[k] = number ? PyFloat_AsDouble(number) : 0.0;
        Py_XDECREF(number);
        if (PyErr_Occurred()) return -1;
    }
    return count;
}

static PyObject *read_numbers(PyObject *module, PyObject *args) {
    PyObject *values;
    Py_buffer to;
    if (!PyArg_ParseTuple(args, "O!w*", &PyTuple_Type, &values, &to)) return NULL;
    const Py_ssize_t count = read_leaves(values, to.buf, to.len / sizeof(double));
    PyBuffer_Release(&to);
    return count < 0 ? NULL : Py_NewRef(Py_None);
}

/* The axes of an array as samples and numbers; 0 if these have not one stride each. */
static int lies(const Py_buffer *a, size_t numbers, Piece *p) {
    size_t left = numbers; /* of the axes to come */
    *p = (Piece){a->buf, 0, 0, numbers};
    Py_ssize_t *stride = &p->by_number, next = 0;
    int is_first = 1;
    for (int k = numbers ? a->ndim - 1 : -1; k >= 0; k--) {
        if (left == 1) stride = &p->by_sample, is_first = 1, left = 0;
        if (a->shape[k] == 1) continue;
        if (is_first) *stride = a->strides[k];
        else if (a->strides[k] != next) return 0;
        next = a->strides[k] * a->shape[k];
        is_first = 0, left /= (size_t)a->shape[k];
    }
    return 1;
}

/* What was given for an argument, or what takes its grads. */
typedef struct {
    Py_buffer array;
    double number;
    void *copy;
    PyObject *made;
    Piece piece; /* where it lies, and which one it is of those that samples change */
    size_t place;
    int by_sample, is_shared;
} Given;
#define ONE_NUMBER(g) (Piece){(char *)&(g)->number, 0, sizeof(double), 1}

/* Room for those of so many arguments, and as many grads. */
static Given *given_new(size_t n, Data *d) {
    Given *g = PyMem_Calloc(2 * n + 1, sizeof *g + sizeof(Piece));
    if (!g) return (Given *)PyErr_NoMemory();
    d->pieces = n, d->from = (Piece *)(g + 2 * n + 1), d->to = d->from + n;
    return g;
}

static void given_free(Given *g, size_t n) {
    for (size_t k = 0; k < 2 * n; k++) {
        if (g[k].array.obj) PyBuffer_Release(&g[k].array);
        PyMem_Free(g[k].copy);
        Py_XDECREF(g[k].made);
    }
    PyMem_Free(g);
}

/* x is a float or an array of float64, of a row of numbers or of one for each sample. */
static int given_as(PyObject *x, size_t numbers, int out, Given *g, Piece *p) {
    if (PyFloat_CheckExact(x) && !out) return *p = ONE_NUMBER(g), g->number = PyFloat_AS_DOUBLE(x), 0;
    if (PyObject_GetBuffer(x, &g->array, PyBUF_STRIDES | (out ? PyBUF_WRITABLE : 0))) return -1;
    if (lies(&g->array, numbers, p)) return 0;
    if (out) return PyErr_SetString(PyExc_ValueError, "grads need a stride for samples"), -1;
    if (!(g->copy = PyMem_Malloc(g->array.len))) return PyErr_NoMemory(), -1;
    const Py_ssize_t one = sizeof(double);
    *p = (Piece){g->copy, numbers * one, one, numbers};
    return PyBuffer_ToContiguous(g->copy, &g->array, g->array.len, 'C');
}

/* A plain argument: a number, a list of numbers, or an array of float64, of the shape of one sample
   or with samples in front. Whether it is one; samples is 0 until one has them. */
static int look(PyObject *x, PyObject *shape, Given *g, size_t *samples) {
    const Py_ssize_t axes = PyTuple_GET_SIZE(shape);
    Py_ssize_t numbers = 1;
    double *to = &g->number;
    Piece *const p = &g->piece;
    *p = ONE_NUMBER(g);
    if (Py_TYPE(x) == array_type) {
        if (PyObject_GetBuffer(x, &g->array, PyBUF_STRIDES | PyBUF_FORMAT)) return PyErr_Clear(), 0;
        const Py_buffer *a = &g->array;
        g->by_sample = a->ndim - axes;
        if (strcmp(a->format, "d") || g->by_sample < !axes || g->by_sample > 1) return 0;
        for (Py_ssize_t k = 0; k < axes; k++) {
            const Py_ssize_t size = a->shape[g->by_sample + k];
            if (size != PyLong_AsSsize_t(PyTuple_GET_ITEM(shape, k))) return 0;
            numbers *= size;
        }
        if (!g->by_sample) return lies(a, numbers, p);
        if (!a->shape[0] || (*samples && *samples != (size_t)a->shape[0])) return 0;
        *samples = a->shape[0];
        return lies(a, numbers, p);
    }
    if (axes) {
        numbers = PyLong_AsSsize_t(PyTuple_GET_ITEM(shape, 0));
        const int is_list = PyList_CheckExact(x) || PyTuple_CheckExact(x);
        if (axes > 1 || !is_list || Py_SIZE(x) != numbers) return 0;
        if (!(to = g->copy = PyMem_Malloc(numbers * sizeof *to))) return 0;
        p->at = g->copy, p->numbers = numbers;
    }
    for (Py_ssize_t k = 0; k < numbers; k++) {
        PyObject *number = axes ? PySequence_Fast_GET_ITEM(x, k) : x;
        if (PyFloat_CheckExact(number)) to[k] = PyFloat_AS_DOUBLE(number);
        else if (!PyLong_CheckExact(number)) return 0;
        else if ((to[k] = PyLong_AsDouble(number)) == -1.0 && PyErr_Occurred()) return PyErr_Clear(), 0;
    }
    return 1;
}

/* A new array, of one axis or of two, and where its numbers are. */
static PyObject *array_of(PyObject *shape, Py_buffer *a) {
    PyObject *made = shape ? PyObject_CallOneArg(new_array, shape) : NULL;
    Py_XDECREF(shape);
    if (made && PyObject_GetBuffer(made, a, PyBUF_STRIDES | PyBUF_WRITABLE)) Py_CLEAR(made);
    return made;
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

/* Arrays for the grads by arguments, of which narrow are shared; 0 where there is a list, or a number
   beside samples, whose grad would be a sum. */
static int places(PyObject *wanted, Given *g, Given *dx, Data *d, size_t samples, size_t *narrow) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(wanted); i++) {
        const size_t k = PyLong_AsSize_t(PyTuple_GET_ITEM(wanted, i));
        if (g[k].copy || !(g[k].by_sample || !samples || g[k].is_shared)) return 0;
        Piece to = ONE_NUMBER(dx + k);
        if (g[k].array.obj) {
            PyObject *shape = PyObject_GetAttrString(g[k].array.obj, "shape");
            if (!(dx[k].made = array_of(shape, &dx[k].array))) return -1;
            lies(&dx[k].array, g[k].piece.numbers, &to);
        }
        if (g[k].is_shared) *narrow += to.numbers;
        else d->to[g[k].place] = to;
    }
    return 1;
}

/* The grads by arguments, as they were passed; those by shared ones are in dp. */
static PyObject *grads_of(PyObject *wanted, Given *g, Given *dx, const double *dp) {
    const Py_ssize_t count = PyTuple_GET_SIZE(wanted);
    PyObject *grads = PyTuple_New(count);
    for (Py_ssize_t i = 0; grads && i < count; i++) {
        const size_t k = PyLong_AsSize_t(PyTuple_GET_ITEM(wanted, i)), numbers = g[k].piece.numbers;
        if (g[k].is_shared) {
            memcpy(dx[k].made ? dx[k].array.buf : &dx[k].number, dp, numbers * sizeof *dp);
            dp += numbers;
        }
        PyObject *one = dx[k].made ? Py_NewRef(dx[k].made) : PyFloat_FromDouble(dx[k].number);
        if (!one) Py_CLEAR(grads);
        else PyTuple_SET_ITEM(grads, i, one);
    }
    return grads;
}
