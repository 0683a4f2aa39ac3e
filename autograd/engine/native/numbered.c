/* What a run did, in numbered nodes, as graph_of would have it (graph.py). */

enum { ROWS, OPERANDS, CONSTANTS, PLACES, PARAMETERS, NODES, NUMBERS };
typedef struct {
    PyObject *values, *nodes; /* inputs and results, and the nodes of those so far, by their index */
    PyObject *leaves, *bundles, *variables, *leaf, **graph;
    struct Met { uint64_t bits; PyObject *node; } *met; /* numbers of late, and their nodes */
} Numbering;

/* Append, and take the object. */
static int appended(PyObject *list, PyObject *o) {
    const int failed = !o || PyList_Append(list, o);
    Py_XDECREF(o);
    return failed;
}

static PyObject *added(const Numbering *n, PyObject *row, PyObject *operands, PyObject *constants,
                       PyObject *place) {
    const Py_ssize_t k = PyList_GET_SIZE(n->graph[ROWS]);
    int failed = appended(n->graph[OPERANDS], operands);
    failed = appended(n->graph[CONSTANTS], constants) || failed;
    if (failed || PyList_Append(n->graph[ROWS], row) || PyList_Append(n->graph[PLACES], place))
        return NULL;
    return PyLong_FromSsize_t(k);
}

/* Graph.number, whose key of 0 and nan is a text. */
static PyObject *node_of_number(const Numbering *n, double x) {
    const union { double x; uint64_t bits; } of = {x};
    struct Met *const met = n->met + (of.bits * 0x9E3779B97F4A7C15u >> 58);
    if (met->node && met->bits == of.bits) return Py_NewRef(met->node);
    PyObject *number = PyFloat_FromDouble(x), *node = NULL;
    PyObject *key = !number ? NULL : x && x == x ? Py_NewRef(number) : PyObject_Repr(number);
    if (key && !(node = Py_XNewRef(PyDict_GetItemWithError(n->graph[NODES], key)))) {
        if (!PyErr_Occurred()) node = added(n, Py_None, PyTuple_New(0), PyTuple_New(0), Py_None);
        const int failed = !node || PyDict_SetItem(n->graph[NODES], key, node);
        if (failed || PyDict_SetItem(n->graph[NUMBERS], node, number)) Py_CLEAR(node);
    }
    if (node) *met = (struct Met){of.bits, node};
    Py_XDECREF(key), Py_XDECREF(number);
    return node;
}

/* A leaf that is met for the first time; in doubt Python decides. */
static PyObject *node_of_leaf(const Numbering *n, PyObject *v) {
    if (NODE(v)->op || NODE(v)->flags & INPUT || PyDict_Contains(n->variables, v))
        return PyObject_CallOneArg(n->leaf, v);
    PyObject *node = added(n, Py_None, PyTuple_New(0), PyTuple_New(0), Py_None);
    if (node && PyDict_SetItem(n->graph[PARAMETERS], node, v)) Py_CLEAR(node);
    return node;
}

static PyObject *node_of(const Numbering *n, Node *v) {
    PyObject *o = (PyObject *)v;
    if (v->index < (size_t)PyList_GET_SIZE(n->nodes) && PyList_GET_ITEM(n->values, v->index) == o)
        return Py_NewRef(PyList_GET_ITEM(n->nodes, v->index));
    if (v->op == CONSTANT) return node_of_number(n, v->data);
    PyObject *node = Py_XNewRef(PyDict_GetItemWithError(n->leaves, o));
    if (node || PyErr_Occurred()) return node;
    if (v->op == POSITIVE && v->flags & RECORDED && PyDict_Contains(n->variables, o) == 1)
        return node_of(n, v->a); /* a variable of a derivative stands for another Value */
    node = node_of_leaf(n, o);
    if (node && PyDict_SetItem(n->leaves, o, node)) Py_CLEAR(node);
    return node;
}

/* A bundle's nodes; several results may share it. */
static PyObject *nodes_of(const Numbering *n, PyObject *many) {
    const int shared = Py_REFCNT(many) > 1;
    PyObject *key = shared ? PyLong_FromVoidPtr(many) : NULL;
    PyObject *nodes = key ? Py_XNewRef(PyDict_GetItemWithError(n->bundles, key)) : NULL;
    if (!nodes && !PyErr_Occurred() && (nodes = PyTuple_New(Py_SIZE(many)))) {
        for (Py_ssize_t i = 0; nodes && i < Py_SIZE(many); i++) {
            PyObject *node = node_of(n, OF(many)[i]);
            if (node) PyTuple_SET_ITEM(nodes, i, node);
            else Py_CLEAR(nodes);
        }
        if (nodes && Py_SIZE(many)) PyObject_GC_UnTrack(nodes);
        if (nodes && key && PyDict_SetItem(n->bundles, key, nodes)) Py_CLEAR(nodes);
    }
    Py_XDECREF(key);
    return nodes;
}

/* An operand or a constant of a result: a bundle, a node or a number; a bias may be missing. */
typedef struct { PyObject *many; Node *node; double number; int is_bias; } Given;

/* The operands of a result, how many, then its constants: numbers, or the condition of a where. */
static Py_ssize_t given_to(Node *v, PyObject *live, Given *of, Py_ssize_t *constants) {
    PyObject *note = v->note && PyTuple_Check(v->note) ? PyTuple_GET_ITEM(v->note, 1) : NULL;
    PyObject *condition = v->note && PyDict_GET_SIZE(live) ? PyDict_GetItemWithError(live, (PyObject *)v) : NULL;
    Node *b = SECOND(v);
    Py_ssize_t count = v->flags & RECORDED ? b || v->flags & B_NUMBER ? 2 : 1 : 0;
    memset(of, 0, 5 * sizeof *of);
    if (v->flags & MANY) of[0].many = v->many->xs;
    else if (v->flags & A_NUMBER) of[0].number = v->a_number;
    else of[0].node = v->a;
    if (v->flags & MANY && v->many->ys) of[1].many = v->many->ys, of[2].node = b, of[2].is_bias = 1, count = 3;
    else if (b) of[1].node = b;
    else if (v->flags & B_NUMBER) of[1].number = v->b_number;
    *constants = condition || v->flags & ONE ? 1 : v->flags & TWO ? 2 : note ? PyTuple_GET_SIZE(note) : 0;
    of[count].node = NODE(condition);
    if (v->flags & (ONE | TWO)) of[count].number = v->db, of[count + 1].number = v->b_number;
    else for (Py_ssize_t i = 0; i < *constants && !condition; i++)
        of[count + i].number = PyFloat_AsDouble(PyTuple_GET_ITEM(note, i));
    return count;
}

/* The nodes of what is given. */
static PyObject *tuple_of(const Numbering *n, const Given *of, Py_ssize_t count) {
    PyObject *made = PyTuple_New(count);
    for (Py_ssize_t i = 0; made && i < count; i++) {
        PyObject *o = of[i].many ? nodes_of(n, of[i].many) : of[i].node ? node_of(n, of[i].node)
            : of[i].is_bias ? PyTuple_New(0) : node_of_number(n, of[i].number);
        if (o && of[i].is_bias && of[i].node) o = Py_BuildValue("(N)", o);
        if (o) PyTuple_SET_ITEM(made, i, o);
        else Py_CLEAR(made);
    }
    if (made && count) PyObject_GC_UnTrack(made); /* of numbers, as the collector would */
    return made;
}

/* numbered(inputs, results, places, live, variables, leaf, add, outputs, graph): what graph_of does with
   each result; the nodes of the outputs. graph is (rows, operands, constants, places, parameters, nodes of
   numbers, numbers); what is no plain row is added in Python. */
static PyObject *numbered(PyObject *module, PyObject *args) {
    PyObject *inputs, *results, *places, *live, *add, *outputs, *graph[7], *found = NULL;
    struct Met met[64] = {0};
    Numbering n = {.graph = graph, .met = met};
    Py_ssize_t constants;
    Given given[5];
    int failed = 1;
    if (!PyArg_ParseTuple(args, "OOOOOOOO(OOOOOOO)", &inputs, &results, &places, &live, &n.variables, &n.leaf,
                          &add, &outputs, &graph[ROWS], &graph[OPERANDS], &graph[CONSTANTS], &graph[PLACES],
                          &graph[PARAMETERS], &graph[NODES], &graph[NUMBERS])) return NULL;
    const Py_ssize_t first = PyList_GET_SIZE(inputs);
    n.values = PySequence_Concat(inputs, results);
    n.nodes = PyList_New(0);
    n.leaves = PyDict_New();
    n.bundles = PyDict_New();
    if (!n.values || !n.nodes || !n.leaves || !n.bundles || !(found = PyList_New(0))) goto done;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(n.values); i++) {
        Node *v = NODE(PyList_GET_ITEM(n.values, i));
        v->index = (uint32_t)i;
        if (i < first && appended(n.nodes, PyLong_FromSsize_t(i))) goto done;
    }
    for (Py_ssize_t i = first; i < PyList_GET_SIZE(n.values); i++) {
        Node *v = NODE(PyList_GET_ITEM(n.values, i));
        PyObject *place = places == Py_None ? Py_None : PyList_GET_ITEM(places, i - first);
        const Py_ssize_t count = given_to(v, live, given, &constants);
        PyObject *of = tuple_of(&n, given, count); /* both may meet new leaves */
        PyObject *with = of ? tuple_of(&n, given + count, constants) : NULL;
        const int plain = Py_TYPE(v->op) == Py_TYPE(CONSTANT);
        PyObject *node = plain ? added(&n, v->op, of, with, place)
                               : PyObject_CallFunction(add, "ONNO", v->op, of, with, place);
        if (appended(n.nodes, node)) goto done;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(outputs); i++) {
        PyObject *y = PyList_GET_ITEM(outputs, i);
        const int is_node = IS_NODE(y);
        y = is_node ? node_of(&n, NODE(y)) : node_of_number(&n, PyFloat_AsDouble(y));
        if (appended(found, y)) goto done;
    }
    failed = 0;
    for (int i = OPERANDS; i <= PLACES; i++) PyObject_GC_UnTrack(graph[i]); /* no cycle goes through them */
done:
    Py_XDECREF(n.values), Py_XDECREF(n.nodes), Py_XDECREF(n.leaves), Py_XDECREF(n.bundles);
    if (failed) Py_CLEAR(found);
    return found;
}

/* A graph, beside a run that may have done the same: its nodes of the inputs and results so far. */
typedef struct {
    PyObject *values, *variables, *live, *rows, *operands, *constants, *parameters, *numbers;
    uint32_t *nodes, count;
    PyObject *seen[64][2]; /* bundles, and the nodes that they were compared with */
} Repetition;

static int is_number(const Repetition *r, double x, PyObject *node) {
    PyObject *known = PyDict_GetItemWithError(r->numbers, node);
    const double y = known ? PyFloat_AS_DOUBLE(known) : 0.0;
    return known && (x == y ? signbit(x) == signbit(y) : x != x && y != y);
}

static int is_node(const Repetition *r, Node *v, PyObject *node) {
    if (v->index < r->count && PyList_GET_ITEM(r->values, v->index) == (PyObject *)v)
        return r->nodes[v->index] == PyLong_AsUnsignedLong(node);
    if (v->op == CONSTANT) return is_number(r, v->data, node);
    if (v->op == POSITIVE && v->flags & RECORDED && PyDict_Contains(r->variables, (PyObject *)v) == 1)
        return is_node(r, v->a, node);
    return PyDict_GetItemWithError(r->parameters, node) == (PyObject *)v;
}

/* Whether what is given has these nodes. */
static int are_nodes(Repetition *r, const Given *of, Py_ssize_t count, PyObject *nodes) {
    int same = PyTuple_GET_SIZE(nodes) == count;
    for (Py_ssize_t i = 0; same && i < count; i++) {
        PyObject *node = PyTuple_GET_ITEM(nodes, i), *many = of[i].many;
        if (of[i].is_bias) {
            same = PyTuple_GET_SIZE(node) == !!of[i].node;
            if (same && of[i].node) same = is_node(r, of[i].node, PyTuple_GET_ITEM(node, 0));
        } else if (!many) same = of[i].node ? is_node(r, of[i].node, node) : is_number(r, of[i].number, node);
        else {
            PyObject **seen = r->seen[(uintptr_t)many >> 5 & 63];
            const int known = seen[0] == many && seen[1] == node;
            same = Py_SIZE(many) == PyTuple_GET_SIZE(node);
            for (Py_ssize_t k = 0; !known && same && k < Py_SIZE(many); k++)
                same = is_node(r, OF(many)[k], PyTuple_GET_ITEM(node, k));
            if (same) seen[0] = many, seen[1] = node;
        }
    }
    return same;
}

/* repeated(inputs, results, live, variables, outputs, graph): whether a run did what is in a graph, (rows,
   operands, constants, parameters, numbers, nodes of the outputs); False in doubt, as of loops. */
static PyObject *repeated(PyObject *module, PyObject *args) {
    PyObject *inputs, *results, *outputs, *ends;
    Repetition r = {0};
    Py_ssize_t constants;
    Given given[5];
    if (!PyArg_ParseTuple(args, "OOOOO(OOOOOO)", &inputs, &results, &r.live, &r.variables, &outputs, &r.rows,
                          &r.operands, &r.constants, &r.parameters, &r.numbers, &ends)) return NULL;
    const Py_ssize_t size = PyList_GET_SIZE(r.rows), first = PyList_GET_SIZE(inputs);
    Py_ssize_t k = first, count = first + PyList_GET_SIZE(results);
    r.values = PySequence_Concat(inputs, results);
    r.nodes = PyMem_Malloc((count + 1) * sizeof *r.nodes);
    int same = r.values && r.nodes && PyList_GET_SIZE(outputs) == PyList_GET_SIZE(ends);
    for (Py_ssize_t i = 0; same && i < count; i++) {
        Node *v = NODE(PyList_GET_ITEM(r.values, i));
        while (i >= first && k < size && PyList_GET_ITEM(r.rows, k) == Py_None) k++;
        if (i >= first && (same = k < size && v->op == PyList_GET_ITEM(r.rows, k))) {
            const Py_ssize_t n = given_to(v, r.live, given, &constants);
            same = Py_TYPE(v->op) == Py_TYPE(CONSTANT) && are_nodes(&r, given, n, PyList_GET_ITEM(r.operands, k)) &&
                are_nodes(&r, given + n, constants, PyList_GET_ITEM(r.constants, k));
        }
        r.nodes[i] = (uint32_t)(i < first ? i : k++);
        v->index = r.count++;
    }
    while (k < size) if (PyList_GET_ITEM(r.rows, k++) != Py_None) same = 0;
    for (Py_ssize_t i = 0; same && i < PyList_GET_SIZE(outputs); i++) {
        PyObject *y = PyList_GET_ITEM(outputs, i), *end = PyList_GET_ITEM(ends, i);
        same = IS_NODE(y) ? is_node(&r, NODE(y), end) : is_number(&r, PyFloat_AsDouble(y), end);
    }
    Py_XDECREF(r.values);
    PyMem_Free(r.nodes);
    return PyErr_Occurred() ? NULL : PyBool_FromLong(same);
}
