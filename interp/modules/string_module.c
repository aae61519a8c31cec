// SPDX-License-Identifier: Apache-2.0
// The module _string: the grammar of str.format for string.Formatter. Leaves parsing to types/str/format.c.
#include "interp/modules/modules.h"
#include "interp/types/exc.h"
#include "interp/types/iter.h"
#include "interp/types/str/format.h"

struct pieces {            // formatter_parser, or the rest of a field name
    struct object head;
    value text;            // owned str
    size_t pos;
};
static struct type type_pieces, type_parts;

static value pieces_new(struct thread *t, const struct type *c, vref text, size_t pos) {
    struct pieces *p = object_alloc_gc(t, sizeof *p, c->root_shape);
    if (!p) return V_NULL;
    p->text = own(t, text);
    p->pos = pos;
    return counted_word(p);
}

// (literal, field_name, format_spec, conversion)
static value pieces_next(struct thread *t, vref self) {
    struct pieces *p = (struct pieces *)as_object(self);
    struct format_piece f;
    size_t pos = __atomic_load_n(&p->pos, __ATOMIC_RELAXED);
    int got = format_next(t, as_str(p->text), &pos, as_str(p->text)->length, &f);
    __atomic_store_n(&p->pos, pos, __ATOMIC_RELAXED);
    if (got <= 0) return V_NULL;
    value part[4];
    part[0] = str_cut(t, p->text, f.text_from, f.text_to);
    part[1] = f.has_field ? str_cut(t, p->text, f.name_from, f.name_to) : V_NONE;
    part[2] = f.has_field ? str_cut(t, p->text, f.spec_from, f.spec_to) : V_NONE;
    part[3] = f.conversion ? str_from_char(t, f.conversion) : V_NONE;
    if (part[0] && part[1] && part[2] && part[3]) return tuple_take_array(t, part, 4);
    for (int i = 0; i < 4; i++) release_opt(t, part[i]);
    return V_NULL;
}

// (is_attribute, key)
static value parts_next(struct thread *t, vref self) {
    struct pieces *p = (struct pieces *)as_object(self);
    size_t pos = __atomic_load_n(&p->pos, __ATOMIC_RELAXED);
    bool attribute;
    value key;
    int got = format_next_part(t, p->text, &pos, as_str(p->text)->length, &attribute, &key);
    __atomic_store_n(&p->pos, pos, __ATOMIC_RELAXED);
    return got > 0 ? tuple_take_array(t, (value[]){from_bool(attribute), key}, 2) : V_NULL;
}

static void destroy(struct thread *t, struct object *o) { release_field(t, &((struct pieces *)o)->text); }
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    value text = ((struct pieces *)o)->text;
    return text && is_pointer(text) ? visit(text, arg) : 0;
}
static struct type type_pieces = {
    .name = "formatteriterator", .module = "builtins", .base = &type_object, .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct pieces), .destroy = destroy,
    .traverse = traverse, .iter = iter_self, .next = pieces_next,
};
static struct type type_parts = {
    .name = "fieldnameiterator", .module = "builtins", .base = &type_object, .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct pieces), .destroy = destroy,
    .traverse = traverse, .iter = iter_self, .next = parts_next,
};

static value parser(struct thread *t, const vref *a) {
    return is_str(a[0]) ? pieces_new(t, &type_pieces, a[0], 0) : raise(t, &exc_TypeError, "expected str, got %T", a[0]);
}
static value split(struct thread *t, const vref *a) {
    if (!is_str(a[0])) return raise(t, &exc_TypeError, "expected str, got %T", a[0]);
    size_t end = format_first_end(as_str(a[0]), 0, as_str(a[0])->length);
    value first = format_name_part(t, a[0], 0, end), rest = first ? pieces_new(t, &type_parts, a[0], end) : V_NULL;
    if (rest) return tuple_take_array(t, (value[]){first, rest}, 2);
    release_opt(t, first);
    return V_NULL;
}

static const struct native functions[] = {
    {"formatter_field_name_split", NATIVE_FUNCTION, "($module, field_name, /)", .fn = split,
     .doc = "Split the name of a replacement field: its first part and an iterator over (is attribute, name) of the rest."},
    {"formatter_parser", NATIVE_FUNCTION, "($module, format_string, /)", .fn = parser,
     .doc = "Iterate over (literal text, field name, format spec, conversion) of a format string."},
};
value string_make(struct thread *t) {
    if ((!type_pieces.root_shape && !type_ready(t, &type_pieces)) || (!type_parts.root_shape && !type_ready(t, &type_parts))) return V_NULL;
    return module_from_natives(t, "_string", "string helper module", functions, sizeof functions / sizeof *functions);
}
