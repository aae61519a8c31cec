// SPDX-License-Identifier: Apache-2.0
// Scanners: one match after the other, for finditer and for re.Scanner. Leaves matching to the machine.
//
// A scanner keeps its subject open and where to go on. Two threads at one scanner: the second gets ValueError.
#include "interp/modules/sre/sre.h"
#include "interp/types/exc.h"
#include "interp/types/func.h"
#include "interp/types/iter.h"
#include "interp/types/num.h"
#include "interp/types/str/text.h"

static struct scanner *as_scanner(vref v) { return (struct scanner *)as_object(v); }

value pattern_scanner(struct thread *t, const vref *a) {
    int64_t pos, endpos;
    struct subject s;
    if (!size_arg(t, a[2], 0, &pos) || !size_arg(t, a[3], INT64_MAX, &endpos) || !pattern_open(t, as_pattern(a[0]), &s, a[1])) return V_NULL;
    int64_t length = (int64_t)s.length;
    struct scanner *c = object_alloc_gc(t, sizeof *c, type_sre_scanner.root_shape);
    if (!c) {
        subject_close(t, &s);
        return V_NULL;
    }
    c->pattern = own(t, a[0]);
    c->subject = s;
    c->pos = pos < 0 ? 0 : pos > length ? length : pos;
    c->endpos = endpos < 0 ? 0 : endpos > length ? length : endpos;
    c->advance = false;
    atomic_init(&c->busy, false);
    return counted_word(c);
}

// The next match: a match object, None at the end.
static value step(struct thread *t, struct scanner *c, int (*find)(struct thread *t, struct matcher *m)) {
    struct pattern *p = as_pattern(c->pattern);
    struct matcher m;
    if (c->pos < 0) return V_NONE;
    value r = V_NULL;
    if (matcher_open(t, &m, p->program, &c->subject, c->pos, c->endpos)) {
        m.advance = c->advance;
        int found = find(t, &m);
        r = found > 0 ? match_new(t, c->pattern, &m) : found == 0 ? V_NONE : V_NULL;
        if (found > 0) {
            c->advance = m.end == m.start;
            c->pos = m.end;
        } else
            c->pos = -1;
        matcher_close(t, &m);
    }
    return r;
}

static value guarded_step(struct thread *t, vref self, int (*find)(struct thread *t, struct matcher *m)) {
    struct scanner *c = as_scanner(self);
    if (atomic_exchange_explicit(&c->busy, true, memory_order_acquire)) return raise(t, &exc_ValueError, "regular expression scanner already executing");
    value r = step(t, c, find);
    atomic_store_explicit(&c->busy, false, memory_order_release);
    return r;
}
static value s_match(struct thread *t, const vref *a) { return guarded_step(t, a[0], matcher_match); }
static value s_search(struct thread *t, const vref *a) { return guarded_step(t, a[0], matcher_search); }

// ---- finditer ----

static value find_next(struct thread *t, vref self) {
    value r = guarded_step(t, self, matcher_search);
    return r == V_NONE ? V_NULL : r;
}
static struct type type_find_iter;

value pattern_finditer(struct thread *t, const vref *a) {
    value v = pattern_scanner(t, a);
    if (v) __atomic_store_n(&as_object(v)->shape, type_find_iter.root_shape, __ATOMIC_RELAXED); // nobody else knows it yet
    return v;
}

// ---- the types ----

static void destroy(struct thread *t, struct object *o) {
    struct scanner *c = (struct scanner *)o;
    buffer_release(t, &c->subject.view);
    release_field(t, &c->subject.string);
    release_field(t, &c->pattern);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct scanner *c = (struct scanner *)o;
    const value words[] = {c->subject.string, c->subject.view.owner, c->pattern};
    int r = 0;
    for (int i = 0; !r && i < 3; i++) r = words[i] && is_pointer(words[i]) ? visit(words[i], arg) : 0;
    return r;
}
static const struct native natives[] = {
    {"match", NATIVE_METHOD, "($self, /)", .fn = s_match},
    {"search", NATIVE_METHOD, "($self, /)", .fn = s_search},
    {"pattern", NATIVE_MEMBER, .offset = offsetof(struct scanner, pattern)},
    {.name = NULL},
};
struct type type_sre_scanner = {
    .name = "SRE_Scanner", .module = "_sre", .base = &type_object, .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct scanner), .natives = natives,
    .destroy = destroy, .traverse = traverse,
};
static struct type type_find_iter = {
    .name = "callable_iterator", .module = "builtins", .base = &type_object, .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct scanner),
    .destroy = destroy, .traverse = traverse, .iter = iter_self, .next = find_next,
};
bool scanner_ready(struct thread *t) {
    return (type_sre_scanner.root_shape || type_ready(t, &type_sre_scanner)) && (type_find_iter.root_shape || type_ready(t, &type_find_iter));
}
