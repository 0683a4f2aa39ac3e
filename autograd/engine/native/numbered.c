/* What a run did, in numbered nodes, as graph_of would have it (graph.py). */

enum { ROWS, OPERANDS, CONSTANTS, PLACES, PARAMETERS, NODES, NUMBERS };
typedef struct {
    PyObject *values, *nodes; /* inputs and results, and the nodes of those so far, by their index */
    PyObject *leaves, *bundles, *variables, *leaf, **graph;
    PyObject *operands, *constants; /* of the graph of another run, whose tuples serve this one too */
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
    PyObject *number = PyFloat_FromDouble(x), *node = NULL, *none = NULL;
    PyObject *key = !number ? NULL : x && x == x ? Py_NewRef(number) : PyObject_Repr(number);
    if (key && !(node = Py_XNewRef(PyDict_GetItemWithError(n->graph[NODES], key)))) {
        if (!PyErr_Occurred() && (none = PyTuple_New(0)))
            node = added(n, Py_None, Py_NewRef(none), none, Py_None);
        const int failed = !node || PyDict_SetItem(n->graph[NODES], key, node);
        if (failed || PyDict_SetItem(n->graph[NUMBERS], node, number)) Py_CLEAR(node);
    }
    Py_XDECREF(key), Py_XDECREF(number);
    return node;
}

/* A leaf that is met for the first time; in doubt Python decides. */
static PyObject *node_of_leaf(const Numbering *n, PyObject *v) {
    PyObject *none = NULL, *node = NULL;
    if (NODE(v)->op || NODE(v)->flags & INPUT || PyDict_Contains(n->variables, v))
        return PyObject_CallOneArg(n->leaf, v);
    if ((none = PyTuple_New(0))) node = added(n, Py_None, Py_NewRef(none), none, Py_None);
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

/* A tuple of so many, which it takes; NULL if one of them is. That of another run serves if it is equal. */
static PyObject *tuple_of(const Numbering *n, PyObject *known, PyObject **items, Py_ssize_t count) {
    const Py_ssize_t k = PyList_GET_SIZE(n->graph[ROWS]);
    PyObject *made = known && k < PyList_GET_SIZE(known) ? Py_NewRef(PyList_GET_ITEM(known, k)) : NULL;
    int same = made && PyTuple_GET_SIZE(made) == count;
    for (Py_ssize_t i = 0; i < count && same; i++)
        same = items[i] && PyObject_RichCompareBool(PyTuple_GET_ITEM(made, i), items[i], Py_EQ) == 1;
    if (!same) Py_XSETREF(made, PyTuple_New(count));
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!items[i]) Py_CLEAR(made);
        if (made && !same) PyTuple_SET_ITEM(made, i, items[i]);
        else Py_XDECREF(items[i]);
    }
    if (made && count && !same) PyObject_GC_UnTrack(made); /* of numbers, as the collector would */
    return made;
}

static PyObject *operands_of_result(const Numbering *n, Node *v) {
    PyObject *of[3] = {NULL};
    Node *b = SECOND(v);
    int count = 1;
    if (!(v->flags & RECORDED)) return PyTuple_New(0);
    if (v->flags & MANY) of[0] = nodes_of(n, v->many->xs);
    else of[0] = v->flags & A_NUMBER ? node_of_number(n, v->a_number) : node_of(n, v->a);
    if (of[0] && v->flags & MANY && v->many->ys) {
        of[count++] = nodes_of(n, v->many->ys);
        PyObject *c = of[1] && b ? node_of(n, b) : NULL;
        if (of[1]) of[count++] = b ? Py_BuildValue("(N)", c) : PyTuple_New(0);
    } else if (of[0] && v->flags & B_NUMBER) of[count++] = node_of_number(n, v->b_number);
    else if (of[0] && b) of[count++] = node_of(n, b);
    /* Parts of a loop know it by the tuple of its own nodes. */
    return tuple_of(n, Py_TYPE(v->op) == Py_TYPE(CONSTANT) ? n->operands : NULL, of, count);
}

/* Numbers, or the condition of a where that is computed. */
static PyObject *constants_of_result(const Numbering *n, Node *v, PyObject *live) {
    PyObject *of[2] = {NULL}, *condition = NULL;
    if (v->note && PyDict_GET_SIZE(live)) condition = PyDict_GetItemWithError(live, (PyObject *)v);
    if (condition) {
        of[0] = node_of(n, NODE(condition));
        return tuple_of(n, n->constants, of, 1);
    }
    if (v->flags & (ONE | TWO)) {
        of[0] = node_of_number(n, v->db);
        if (v->flags & TWO && of[0]) of[1] = node_of_number(n, v->b_number);
        return tuple_of(n, n->constants, of, v->flags & TWO ? 2 : 1);
    }
    PyObject *given = v->note && PyTuple_Check(v->note) ? PyTuple_GET_ITEM(v->note, 1) : NULL;
    PyObject *made = PyTuple_New(given ? PyTuple_GET_SIZE(given) : 0);
    for (Py_ssize_t i = 0; made && i < PyTuple_GET_SIZE(made); i++) {
        PyObject *node = node_of_number(n, PyFloat_AsDouble(PyTuple_GET_ITEM(given, i)));
        if (node) PyTuple_SET_ITEM(made, i, node);
        else Py_CLEAR(made);
    }
    return made;
}

/* numbered(inputs, results, places, live, variables, leaf, add, outputs, graph, like): what
   graph_of does with each result; the nodes of the outputs. graph is (rows, operands, constants, places,
   parameters, nodes of numbers, numbers), like has the operands and constants of another run; what is
   no plain row is added in Python. */
static PyObject *numbered(PyObject *module, PyObject *args) {
    PyObject *inputs, *results, *places, *live, *add, *outputs, *graph[7], *found = NULL;
    Numbering n = {.graph = graph};
    int failed = 1;
    if (!PyArg_ParseTuple(args, "O!O!OO!O!OOO!(O!O!O!O!O!O!O!)(O!O!)", &PyList_Type, &inputs, &PyList_Type,
                          &results, &places, &PyDict_Type, &live, &PyDict_Type, &n.variables,
                          &n.leaf, &add, &PyList_Type, &outputs, &PyList_Type, &graph[0],
                          &PyList_Type, &graph[1], &PyList_Type, &graph[2], &PyList_Type, &graph[3],
                          &PyDict_Type, &graph[PARAMETERS], &PyDict_Type, &graph[NODES],
                          &PyDict_Type, &graph[NUMBERS],
                          &PyList_Type, &n.operands, &PyList_Type, &n.constants))
        return NULL;
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
        PyObject *of = operands_of_result(&n, v); /* both may meet new leaves */
        PyObject *with = of ? constants_of_result(&n, v, live) : NULL;
        if (!with) {
            Py_XDECREF(of);
            goto done;
        }
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
