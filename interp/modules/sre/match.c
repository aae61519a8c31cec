// SPDX-License-Identifier: Apache-2.0
// The type re.Match: boundaries of groups over the string that was searched. Leaves finding matches to pattern.c, templates to subst.c.
#include "interp/modules/sre/sre.h"
#include "interp/modules/modules.h"
#include "interp/types/bytes.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str/text.h"
#include "interp/types/words.h"

static struct match *as_match(vref v) { return (struct match *)as_object(v); }

value match_new(struct thread *t, vref pattern, const struct matcher *m) {
    uint32_t groups = m->program->groups + 1;
    struct match *r = object_alloc_gc(t, sizeof *r + 2 * groups * sizeof(int64_t), type_sre_match.root_shape);
    if (!r) return V_NULL;
    r->string = own(t, m->subject->string);
    r->pattern = own(t, pattern);
    r->pos = m->pos;
    r->endpos = m->endpos;
    r->lastindex = m->lastindex;
    r->groups = groups;
    for (uint32_t i = 0; i < groups; i++)
        if (!matcher_group(m, i, &r->span[2 * i], &r->span[2 * i + 1])) r->span[2 * i] = r->span[2 * i + 1] = -1;
    return counted_word(r);
}

// ---- groups ----

// The number of the group that key names; -1: IndexError.
static int64_t group_number(struct thread *t, const struct match *m, vref key) {
    int64_t i = -1;
    if (is_int62(key)) i = as_int62(key);
    else if (type_of(key)->to_index) {
        if (!object_as_size_clamped(t, key, &i)) raised_clear(t);
    } else {
        value v = dict_get(t, as_pattern(m->pattern)->groupindex, key);
        if (v && is_int62(v)) i = as_int62(v);
        release_opt(t, v);
        raised_clear(t);
    }
    if (i >= 0 && i < m->groups) return i;
    raise(t, &exc_IndexError, "no such group");
    return -1;
}

// The string opened again, to take slices of it.
static bool open_string(struct thread *t, const struct match *m, struct subject *s) { return subject_open(t, s, m->string); }

static value slice(struct thread *t, const struct match *m, const struct subject *s, int64_t i, vref fallback) {
    return m->span[2 * i] < 0 ? own(t, fallback) : subject_slice(t, s, m->span[2 * i], m->span[2 * i + 1]);
}

static value group_by_key(struct thread *t, const struct match *m, vref key) {
    struct subject s;
    int64_t i = group_number(t, m, key);
    if (i < 0) return V_NULL;
    if (m->span[2 * i] < 0) return V_NONE;
    if (is_str(m->string)) return str_cut(t, m->string, (size_t)m->span[2 * i], (size_t)m->span[2 * i + 1]);
    if (!open_string(t, m, &s)) return V_NULL;
    value v = slice(t, m, &s, i, V_NONE);
    subject_close(t, &s);
    return v;
}

static value m_group(struct thread *t, const vref *args, size_t nargs, vref kwnames) {
    struct match *m = as_match(args[0]);
    if (!args_no_keywords(t, "Match.group", kwnames)) return V_NULL;
    if (nargs == 1) return group_by_key(t, m, from_int62(0));
    if (nargs == 2) return group_by_key(t, m, args[1]);
    value r = tuple_new(t, nargs - 1);
    for (size_t i = 1; r && i < nargs; i++) {
        value v = group_by_key(t, m, args[i]);
        if (!v) {
            release(t, r);
            return V_NULL;
        }
        as_tuple(r)->at[i - 1] = v;
    }
    return r;
}
static value getitem(struct thread *t, vref self, vref key) { return group_by_key(t, as_match(self), key); }

static value m_groups(struct thread *t, const vref *a) {
    struct match *m = as_match(a[0]);
    struct subject s;
    if (!open_string(t, m, &s)) return V_NULL;
    value r = tuple_new(t, m->groups - 1);
    for (uint32_t i = 1; r && i < m->groups; i++) {
        value v = slice(t, m, &s, i, a[1] ? a[1] : V_NONE);
        if (v) as_tuple(r)->at[i - 1] = v;
        else release_field(t, &r);
    }
    subject_close(t, &s);
    return r;
}

static value m_groupdict(struct thread *t, const vref *a) {
    struct match *m = as_match(a[0]);
    struct subject s;
    if (!open_string(t, m, &s)) return V_NULL;
    value r = dict_new(t), key, v;
    for (size_t pos = 0; r && dict_next(t, as_pattern(m->pattern)->groupindex, &pos, &key, &v); release(t, key), release(t, v)) {
        value text = is_int62(v) && as_int62(v) >= 0 && as_int62(v) < m->groups ? slice(t, m, &s, as_int62(v), a[1] ? a[1] : V_NONE) : own(t, V_NONE);
        if (!text || !dict_set_take(t, r, key, text)) release_field(t, &r);
    }
    subject_close(t, &s);
    return r;
}

static value pair(struct thread *t, int64_t a, int64_t b) { return tuple_take_array(t, (value[]){from_int62(a), from_int62(b)}, 2); }
static value m_start(struct thread *t, const vref *a) {
    int64_t i = a[1] ? group_number(t, as_match(a[0]), a[1]) : 0;
    return i < 0 ? V_NULL : from_int62(as_match(a[0])->span[2 * i]);
}
static value m_end(struct thread *t, const vref *a) {
    int64_t i = a[1] ? group_number(t, as_match(a[0]), a[1]) : 0;
    return i < 0 ? V_NULL : from_int62(as_match(a[0])->span[2 * i + 1]);
}
static value m_span(struct thread *t, const vref *a) {
    int64_t i = a[1] ? group_number(t, as_match(a[0]), a[1]) : 0;
    return i < 0 ? V_NULL : pair(t, as_match(a[0])->span[2 * i], as_match(a[0])->span[2 * i + 1]);
}

static value m_expand(struct thread *t, const vref *a) {
    value name = str_intern_cstr(t, "re"), re = name ? import_dotted(t, name) : V_NULL;
    if (!re) return V_NULL;
    value r = object_call_method_cstr(t, re, "_expand", (vref[]){as_match(a[0])->pattern, a[0], a[1]}, 3);
    release(t, re);
    return r;
}
static value m_self(struct thread *t, const vref *a) { return own(t, a[0]); }
static value class_getitem(struct thread *t, const vref *a) { return generic_alias_new(t, a[0], a[1]); }

// ---- attributes ----

static value get_pos(struct thread *t, const vref *a) { return (void)t, from_int62(as_match(a[0])->pos); }
static value get_endpos(struct thread *t, const vref *a) { return (void)t, from_int62(as_match(a[0])->endpos); }
static value get_lastindex(struct thread *t, const vref *a) {
    int64_t i = as_match(a[0])->lastindex;
    return (void)t, i < 0 ? V_NONE : from_int62(i);
}
static value get_lastgroup(struct thread *t, const vref *a) {
    struct match *m = as_match(a[0]);
    vref names = as_pattern(m->pattern)->indexgroup;
    return m->lastindex >= 0 && (size_t)m->lastindex < tuple_size(names) ? own(t, tuple_at(names, (size_t)m->lastindex)) : V_NONE;
}
static value get_regs(struct thread *t, const vref *a) {
    struct match *m = as_match(a[0]);
    value r = tuple_new(t, m->groups);
    for (uint32_t i = 0; r && i < m->groups; i++) {
        value p = pair(t, m->span[2 * i], m->span[2 * i + 1]);
        if (p) as_tuple(r)->at[i] = p;
        else release_field(t, &r);
    }
    return r;
}

static value repr(struct thread *t, vref self) {
    struct match *m = as_match(self);
    value text = group_by_key(t, m, from_int62(0));
    if (!text) return V_NULL;
    value shown = object_repr(t, text), cut = shown ? str_substring(t, shown, 0, 50) : V_NULL;
    value r = cut ? str_format(t, "<re.Match object; span=(%ld, %ld), match=%U>", m->span[0], m->span[1], cut) : V_NULL;
    release_opt(t, shown);
    release_opt(t, cut);
    release(t, text);
    return r;
}

// ---- the type ----

static void destroy(struct thread *t, struct object *o) {
    struct match *m = (struct match *)o;
    release_field(t, &m->string);
    release_field(t, &m->pattern);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct match *m = (struct match *)o;
    int r = m->string && is_pointer(m->string) ? visit(m->string, arg) : 0;
    return r || !m->pattern ? r : visit(m->pattern, arg);
}
static size_t size_of(const struct object *o) { return sizeof(struct match) + 2 * ((const struct match *)o)->groups * sizeof(int64_t); }

#define DEFAULT_DOC "\n\n  default\n    Is used for groups that did not participate in the match."
static const struct native natives[] = {
    {"group", NATIVE_METHOD, NULL, .raw = m_group, .doc = "group([group1, ...]) -> str or tuple.\n    The text of one group (by default of the whole match), or of each named one."},
    {"groups", NATIVE_METHOD, "($self, /, default=None)", m_groups, .doc = "Return a tuple containing all the subgroups of the match, from 1." DEFAULT_DOC},
    {"groupdict", NATIVE_METHOD, "($self, /, default=None)", m_groupdict,
     .doc = "Return a dictionary containing all the named subgroups of the match, keyed by the subgroup name." DEFAULT_DOC},
    {"start", NATIVE_METHOD, "($self, group=0, /)", m_start, .doc = "Return index of the start of the substring matched by group."},
    {"end", NATIVE_METHOD, "($self, group=0, /)", m_end, .doc = "Return index of the end of the substring matched by group."},
    {"span", NATIVE_METHOD, "($self, group=0, /)", m_span, .doc = "For match object m, return the 2-tuple (m.start(group), m.end(group))."},
    {"expand", NATIVE_METHOD, "($self, /, template)", m_expand,
     .doc = "Return the string obtained by doing backslash substitution on the string template, as done by the sub() method."},
    {"__copy__", NATIVE_METHOD, "($self, /)", .fn = m_self},
    {"__deepcopy__", NATIVE_METHOD, "($self, memo, /)", .fn = m_self},
    {"__class_getitem__", NATIVE_CLASS, "($type, key, /)", class_getitem, .doc = "See PEP 585"},
    {"string", NATIVE_MEMBER, .offset = offsetof(struct match, string), .doc = "The string passed to match() or search()."},
    {"re", NATIVE_MEMBER, .offset = offsetof(struct match, pattern), .doc = "The regular expression object."},
    {"pos", NATIVE_GETSET, .fn = get_pos, .doc = "The index into the string at which the RE engine started looking for a match."},
    {"endpos", NATIVE_GETSET, .fn = get_endpos, .doc = "The index into the string beyond which the RE engine will not go."},
    {"lastindex", NATIVE_GETSET, .fn = get_lastindex, .doc = "The integer index of the last matched capturing group."},
    {"lastgroup", NATIVE_GETSET, .fn = get_lastgroup, .doc = "The name of the last matched capturing group."},
    {"regs", NATIVE_GETSET, .fn = get_regs},
    {.name = NULL},
};
struct type type_sre_match = {
    .name = "Match", .module = "re", .base = &type_object, .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct match), .itemsize = 2 * sizeof(int64_t),
    .doc = "The result of re.match() and re.search().\nMatch objects always have a boolean value of True.",
    .natives = natives, .destroy = destroy, .traverse = traverse, .size_of = size_of, .repr = repr, .getitem = getitem,
};
