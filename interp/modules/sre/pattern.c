// SPDX-License-Identifier: Apache-2.0
// The type re.Pattern: searching, splitting, listing. Leaves substitution to subst.c and iterating to scanner.c.
#include "interp/modules/sre/sre.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str/text.h"

#include <stdio.h>

// ---- making ----

static uint32_t *read_words(struct thread *t, vref list, size_t *n) {
    *n = list_size(list);
    uint32_t *words = mem_alloc(t, (*n + 1) * sizeof *words);
    for (size_t i = 0; words && i < *n; i++) {
        value v = list_get_or_null(t, list, i);
        int64_t w = -1;
        if (v && (is_int62(v) ? (w = as_int62(v), true) : is_int(v) && int_as_i64_overflow(v, &w) == 0) && w >= 0 && w <= UINT32_MAX) words[i] = (uint32_t)w;
        else {
            mem_free(t, words, (*n + 1) * sizeof *words);
            words = NULL;
            raise(t, &exc_OverflowError, "regular expression code size limit exceeded");
        }
        release_opt(t, v);
    }
    return words;
}

static bool check_args(struct thread *t, const vref *a, int64_t *flags, int64_t *groups) {
    if (!is_list(a[2])) raise(t, &exc_TypeError, "compile() argument 'code' must be list, not %T", a[2]);
    else if (!is_dict(a[4])) raise(t, &exc_TypeError, "compile() argument 'groupindex' must be dict, not %T", a[4]);
    else if (!is_tuple(a[5])) raise(t, &exc_TypeError, "compile() argument 'indexgroup' must be tuple, not %T", a[5]);
    else if (!object_as_index(t, a[1], flags) || !object_as_index(t, a[3], groups)) return false;
    else if (*groups < 0 || *groups > SRE_MAXGROUPS) raise(t, &exc_RuntimeError, "invalid SRE code");
    else return true;
    return false;
}

value pattern_make(struct thread *t, const vref *a) {
    int64_t flags, groups;
    size_t n;
    if (!check_args(t, a, &flags, &groups)) return V_NULL;
    uint32_t *words = read_words(t, a[2], &n);
    if (!words) return V_NULL;
    struct program *program = program_new(t, words, n, (size_t)groups);
    mem_free(t, words, (n + 1) * sizeof *words);
    if (!program) return V_NULL;
    value v = object_new_instance(t, &type_sre_pattern);
    if (!v) {
        program_free(t, program);
        return V_NULL;
    }
    struct pattern *p = as_pattern(v);
    p->program = program;
    p->text = own(t, a[0]);
    p->groupindex = own(t, a[4]);
    p->indexgroup = own(t, a[5]);
    p->flags = flags;
    p->is_bytes = is_none(a[0]) ? -1 : !is_str(a[0]);
    return v;
}

bool pattern_open(struct thread *t, struct pattern *p, struct subject *s, vref string) {
    if (!subject_open(t, s, string)) return false;
    if (p->is_bytes < 0 || s->is_bytes == (p->is_bytes == 1)) return true;
    bool is_bytes = s->is_bytes;
    subject_close(t, s);
    if (is_bytes) raise(t, &exc_TypeError, "cannot use a string pattern on a bytes-like object");
    else raise(t, &exc_TypeError, "cannot use a bytes pattern on a string-like object");
    return false;
}

// ---- matching ----

static bool bounds(struct thread *t, vref pos, vref endpos, int64_t *from, int64_t *to) {
    return size_arg(t, pos, 0, from) && size_arg(t, endpos, INT64_MAX, to);
}

enum how { HOW_MATCH, HOW_FULL, HOW_SEARCH };
static value find(struct thread *t, const vref *a, enum how how) {
    struct pattern *p = as_pattern(a[0]);
    struct subject s;
    struct matcher m;
    int64_t pos, endpos;
    if (!bounds(t, a[2], a[3], &pos, &endpos) || !pattern_open(t, p, &s, a[1])) return V_NULL;
    value r = V_NULL;
    if (matcher_open(t, &m, p->program, &s, pos, endpos)) {
        m.full = how == HOW_FULL;
        int found = how == HOW_SEARCH ? matcher_search(t, &m) : matcher_match(t, &m);
        r = found > 0 ? match_new(t, a[0], &m) : found == 0 ? V_NONE : V_NULL;
        matcher_close(t, &m);
    }
    subject_close(t, &s);
    return r;
}
static value m_match(struct thread *t, const vref *a) { return find(t, a, HOW_MATCH); }
static value m_fullmatch(struct thread *t, const vref *a) { return find(t, a, HOW_FULL); }
static value m_search(struct thread *t, const vref *a) { return find(t, a, HOW_SEARCH); }

// What findall lists for one match.
static value found_text(struct thread *t, const struct matcher *m, vref empty) {
    uint32_t groups = m->program->groups;
    if (groups < 2) return matcher_group_text(t, m, groups, empty);
    value r = tuple_new(t, groups);
    for (uint32_t i = 0; r && i < groups; i++) {
        value v = matcher_group_text(t, m, i + 1, empty);
        if (v) as_tuple(r)->at[i] = v;
        else release_field(t, &r);
    }
    return r;
}

static value m_findall(struct thread *t, const vref *a) {
    struct pattern *p = as_pattern(a[0]);
    struct subject s;
    struct matcher m;
    int64_t pos, endpos;
    if (!bounds(t, a[2], a[3], &pos, &endpos) || !pattern_open(t, p, &s, a[1])) return V_NULL;
    value list = list_new(t, 0);
    vref empty = s.is_bytes ? bytes_empty : str_empty;
    if (list && matcher_open(t, &m, p->program, &s, pos, endpos)) {
        int found;
        for (; (found = matcher_search(t, &m)) > 0; matcher_next(&m)) {
            value v = found_text(t, &m, empty);
            if (!v || !list_append_take(t, list, v)) break;
        }
        matcher_close(t, &m);
        if (found) release_field(t, &list);
    } else
        release_field(t, &list);
    subject_close(t, &s);
    return list;
}

// Appends what lies before the match, and its groups.
static bool split_at(struct thread *t, vref list, const struct matcher *m, int64_t last) {
    value v = subject_slice(t, m->subject, last, m->start);
    if (!v || !list_append_take(t, list, v)) return false;
    for (uint32_t i = 1; i <= m->program->groups; i++)
        if (!(v = matcher_group_text(t, m, i, V_NONE)) || !list_append_take(t, list, v)) return false;
    return true;
}

static value m_split(struct thread *t, const vref *a) {
    struct pattern *p = as_pattern(a[0]);
    struct subject s;
    struct matcher m;
    int64_t most, last = 0;
    if (!size_arg(t, a[2], 0, &most) || !pattern_open(t, p, &s, a[1])) return V_NULL;
    value list = list_new(t, 0);
    if (list && matcher_open(t, &m, p->program, &s, 0, INT64_MAX)) {
        int found = 0;
        for (int64_t n = 0; (most == 0 || n < most) && (found = matcher_search(t, &m)) > 0; n++) {
            if (!split_at(t, list, &m, last)) {
                found = -1;
                break;
            }
            last = m.end;
            matcher_next(&m);
        }
        value rest = found < 0 ? V_NULL : subject_slice(t, &s, last, m.endpos);
        if (!rest || !list_append_take(t, list, rest)) release_field(t, &list);
        matcher_close(t, &m);
    } else
        release_field(t, &list);
    subject_close(t, &s);
    return list;
}

static value m_self(struct thread *t, const vref *a) { return own(t, a[0]); }
static value class_getitem(struct thread *t, const vref *a) { return generic_alias_new(t, a[0], a[1]); }

// ---- attributes ----

static value get_flags(struct thread *t, const vref *a) { return int_from_i64(t, as_pattern(a[0])->flags); }
static value get_groups(struct thread *t, const vref *a) { return (void)t, from_int62(as_pattern(a[0])->program->groups); }
static value get_groupindex(struct thread *t, const vref *a) { return object_call1(t, type_ref(&type_mappingproxy), as_pattern(a[0])->groupindex); }

static const struct {
    const char *name;
    uint32_t bit;
} flag_names[] = {
    {"re.TEMPLATE", FLAG_TEMPLATE}, {"re.IGNORECASE", FLAG_IGNORECASE}, {"re.LOCALE", FLAG_LOCALE}, {"re.MULTILINE", FLAG_MULTILINE}, {"re.DOTALL", FLAG_DOTALL},
    {"re.UNICODE", FLAG_UNICODE}, {"re.VERBOSE", FLAG_VERBOSE}, {"re.DEBUG", FLAG_DEBUG}, {"re.ASCII", FLAG_ASCII},
};
enum { REPR_MOST = 200 };

static void show_flags(struct str_builder *b, int64_t flags) {
    const char *before = ", ";
    for (size_t i = 0; i < sizeof flag_names / sizeof *flag_names; i++)
        if (flags & flag_names[i].bit) {
            builder_cstr(b, before);
            builder_cstr(b, flag_names[i].name);
            flags &= ~(int64_t)flag_names[i].bit;
            before = "|";
        }
    if (!flags) return;
    char number[24];
    snprintf(number, sizeof number, "0x%lx", (long)flags);
    builder_cstr(b, before);
    builder_cstr(b, number);
}

static value repr(struct thread *t, vref self) {
    struct pattern *p = as_pattern(self);
    int64_t flags = p->flags;
    if (p->is_bytes == 0 && (flags & (FLAG_LOCALE | FLAG_UNICODE | FLAG_ASCII)) == FLAG_UNICODE) flags &= ~FLAG_UNICODE; // a str pattern's default
    value text = object_repr(t, p->text);
    if (!text) return V_NULL;
    struct str_builder b;
    builder_init(&b, t);
    builder_cstr(&b, "re.compile(");
    builder_slice(&b, text, 0, as_str(text)->length < REPR_MOST ? as_str(text)->length : REPR_MOST);
    show_flags(&b, flags);
    builder_char(&b, ')');
    release(t, text);
    return builder_finish(&b);
}

static int64_t hash(struct thread *t, vref self) {
    struct pattern *p = as_pattern(self);
    int64_t h = object_hash(t, p->text);
    if (h == -1) return -1;
    h ^= hash_bytes(p->program->words, p->program->nwords * sizeof(uint32_t)) ^ p->flags ^ (int64_t)p->is_bytes ^ (int64_t)p->program->groups;
    return h == -1 ? -2 : h;
}

static value compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if ((op != CMP_EQ && op != CMP_NE) || type_of(a) != &type_sre_pattern || type_of(b) != &type_sre_pattern) return V_NOTIMPL;
    const struct pattern *x = as_pattern(a), *y = as_pattern(b);
    int same = x == y;
    if (!same && x->flags == y->flags && x->is_bytes == y->is_bytes && x->program->nwords == y->program->nwords &&
        !memcmp(x->program->words, y->program->words, x->program->nwords * sizeof(uint32_t))) // patterns that differ in the text alone make other errors
        same = object_equal(t, x->text, y->text);
    return same < 0 ? V_NULL : from_bool(same == (op == CMP_EQ));
}

// ---- the type ----

static void destroy(struct thread *t, struct object *o) {
    struct pattern *p = (struct pattern *)o;
    program_free(t, p->program);
    p->program = NULL;
    release_field(t, &p->text);
    release_field(t, &p->groupindex);
    release_field(t, &p->indexgroup);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct pattern *p = (struct pattern *)o;
    const value words[] = {p->text, p->groupindex, p->indexgroup};
    int r = 0;
    for (int i = 0; !r && i < 3; i++) r = words[i] && is_pointer(words[i]) ? visit(words[i], arg) : 0;
    return r;
}

#define RANGE_SIG "($self, /, string, pos=0, endpos=sys.maxsize)"
static const struct native natives[] = {
    {"match", NATIVE_METHOD, RANGE_SIG, m_match, .doc = "Matches zero or more characters at the beginning of the string."},
    {"fullmatch", NATIVE_METHOD, RANGE_SIG, m_fullmatch, .doc = "Matches against all of the string."},
    {"search", NATIVE_METHOD, RANGE_SIG, m_search,
     .doc = "Scan through string looking for a match, and return a corresponding match object instance.\n\nReturn None if no position in the string matches."},
    {"sub", NATIVE_METHOD, "($self, /, repl, string, count=0)", pattern_sub,
     .doc = "Return the string obtained by replacing the leftmost non-overlapping occurrences of pattern in string by the replacement repl."},
    {"subn", NATIVE_METHOD, "($self, /, repl, string, count=0)", pattern_subn,
     .doc = "Return the tuple (new_string, number_of_subs_made) found by replacing the leftmost non-overlapping occurrences of pattern with the replacement repl."},
    {"findall", NATIVE_METHOD, RANGE_SIG, m_findall, .doc = "Return a list of all non-overlapping matches of pattern in string."},
    {"split", NATIVE_METHOD, "($self, /, string, maxsplit=0)", m_split, .doc = "Split string by the occurrences of pattern."},
    {"finditer", NATIVE_METHOD, RANGE_SIG, pattern_finditer,
     .doc = "Return an iterator over all non-overlapping matches for the RE pattern in string.\n\nFor each match, the iterator returns a match object."},
    {"scanner", NATIVE_METHOD, RANGE_SIG, .fn = pattern_scanner},
    {"__copy__", NATIVE_METHOD, "($self, /)", .fn = m_self},
    {"__deepcopy__", NATIVE_METHOD, "($self, memo, /)", .fn = m_self},
    {"__class_getitem__", NATIVE_CLASS, "($type, key, /)", class_getitem, .doc = "See PEP 585"},
    {"pattern", NATIVE_MEMBER, .offset = offsetof(struct pattern, text), .doc = "The pattern string from which the RE object was compiled."},
    {"flags", NATIVE_GETSET, .fn = get_flags, .doc = "The regex matching flags."},
    {"groups", NATIVE_GETSET, .fn = get_groups, .doc = "The number of capturing groups in the pattern."},
    {"groupindex", NATIVE_GETSET, .fn = get_groupindex, .doc = "A dictionary mapping group names to group numbers."},
    {.name = NULL},
};
struct type type_sre_pattern = {
    .name = "Pattern", .module = "re", .base = &type_object, .flags = TYPE_GC | TYPE_NO_NEW | TYPE_HAS_WEAK, .basicsize = sizeof(struct pattern),
    .doc = "Compiled regular expression object.", .natives = natives, .destroy = destroy, .traverse = traverse, .repr = repr, .hash = hash, .compare = compare,
};
