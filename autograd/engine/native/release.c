/* The end of a node, and what the cyclic collector sees: a graph of any depth, without recursion. */

static inline void let_go(Numbers *numbers) {
    if (numbers && !--numbers->refs) PyMem_Free(numbers);
}

static inline void drop(Node **dead, Node *o) {
    if (!o) return;
    if (Py_TYPE(o) != ValueType || Py_REFCNT(o) != 1 || o->flags & TRACKED) {
        Py_DECREF(o);
        return;
    }
    if (o->flags & RECORDED && !(o->flags & (A_NUMBER | MANY))) __builtin_prefetch(o->a);
    Py_SET_REFCNT((PyObject *)o, 0);
    o->next = *dead;
    *dead = o;
}

static void drop_bundle(Node **dead, PyObject *many) {
    if (many && dead && Py_REFCNT(many) == 1 && !PyObject_GC_IsTracked(many)) {
        for (Py_ssize_t i = 0; i < Py_SIZE(many); i++) {
            Node *o = OF(many)[i];
            OF(many)[i] = NULL;
            drop(dead, o);
        }
    }
    Py_XDECREF(many);
}

static void unlink_operands(Node *v, Node **dead) {
    uint32_t flags = v->flags;
    Node *a = flags & (A_NUMBER | MANY) ? NULL : v->a, *b = SECOND(v);
    Many *many = flags & MANY ? v->many : NULL;
    v->flags &= TRACKED | REACHED | ONE | TWO;
    v->a = NULL;
    if (!(flags & TWO)) v->b = NULL;
    if (many) {
        let_go(many->dx);
        let_go(many->dy);
        drop_bundle(dead, many->xs);
        drop_bundle(dead, many->ys);
        PyMem_Free(many);
    }
    if (dead) {
        drop(dead, a);
        drop(dead, b);
    } else {
        Py_XDECREF(a);
        Py_XDECREF(b);
    }
}

static void node_dealloc(PyObject *self);

static void bury(Node *dead) {
    while (dead) {
        Node *o = dead;
        dead = o->next;
        node_dealloc((PyObject *)o);
    }
}

static void node_dealloc(PyObject *self) {
    Node *v = NODE(self), *dead = NULL;
    if (v->flags & TRACKED) {
        PyTypeObject *type = Py_TYPE(self);
        PyObject_GC_UnTrack(self);
        Py_TRASHCAN_BEGIN(self, node_dealloc)
        if (v->weak) PyObject_ClearWeakRefs(self);
        if (v->flags & RECORDED) unlink_operands(v, &dead);
        Py_CLEAR(v->op);
        Py_CLEAR(v->note);
        bury(dead);
        type->tp_free(self);
        Py_DECREF(type);
        Py_TRASHCAN_END
        return;
    }
    for (;;) {
        if (v->weak) PyObject_ClearWeakRefs((PyObject *)v);
        if (v->flags & RECORDED) unlink_operands(v, &dead);
        Py_XDECREF(v->op);
        Py_XDECREF(v->note);
        PyTypeObject *type = Py_TYPE(v);
        if (pooled < POOL && type == ValueType) {
            v->next = pool;
            pool = v;
            pooled++;
        } else {
            PyObject_Free(v);
            Py_DECREF(type);
        }
        if (!(v = dead)) return;
        dead = v->next;
    }
}

/* Collected: a cycle must pass through an instance of a user's subclass, which has a __dict__ and
   is an ordinary object to the collector, and all nodes of the cycle are made from it. So a result
   with a tracked operand is tracked, and no other node is ever visited. */
static int node_is_gc(PyObject *self) { return IS_TRACKED(self) != 0; }

static int node_traverse(PyObject *self, visitproc visit, void *arg) {
    Node *v = NODE(self), *b = SECOND(v);
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(v->op);
    Py_VISIT(v->note);
    if (v->flags & MANY) {
        Py_VISIT(v->many->xs);
        Py_VISIT(v->many->ys);
    } else if (!(v->flags & A_NUMBER)) Py_VISIT(v->a);
    Py_VISIT(b);
    return 0;
}
static int node_clear(PyObject *self) {
    if (NODE(self)->flags & RECORDED) unlink_operands(NODE(self), NULL);
    return 0;
}
