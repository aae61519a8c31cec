// SPDX-License-Identifier: Apache-2.0
// Chooses the C slots of classes made at run time from what their MRO holds, and gives static types wrappers for the slots they set. Leaves the
// rows to slots_rows.c.
#include "interp/types/dict.h"
#include "interp/types/seq.h"
#include "interp/types/slots.h"
#include "interp/types/str.h"

// name → first row of its group, by the name's hash; filled once at start.
enum { INDEX_SIZE = 512 };
static uint8_t row_index[INDEX_SIZE];

static const struct slot_row *row_of(vref name) {
    for (uint32_t i = (uint32_t)str_hash(name);; i++) {
        unsigned e = row_index[i % INDEX_SIZE];
        if (!e) return NULL;
        if (as_object(row_name(&slot_rows[e - 1])) == as_object(name)) return &slot_rows[e - 1];
    }
}

void slots_start(void) {
    for (unsigned e = 0; slot_rows[e].offset; e++) {
        uint32_t i = (uint32_t)str_hash(row_name(&slot_rows[e]));
        while (row_index[i % INDEX_SIZE]) i++;
        row_index[i % INDEX_SIZE] = (uint8_t)(e + 1);
    }
}

static bool is_name(vref a, vref b) { return as_object(a) == as_object(b); }

bool slots_is_special(vref name) {
    return row_of(name) != NULL || is_name(name, NAME(__new__)) || is_name(name, NAME(__del__)) || is_name(name, NAME(__abstractmethods__));
}

// What the MRO holds under name: borrowed, V_NULL: nothing.
static vref find(struct thread *t, struct type *c, vref name) {
    bool odd = false;
    struct cell *cell = type_find_cell(t, c, name, &odd);
    return cell ? borrow(atomic_load_explicit(&cell->v, memory_order_acquire)) : V_NULL;
}

// The C function that descr, found under row's name, stands for if it is the wrapper of a base; NULL: call it through the generic function.
static any_fn *specific_function(const struct type *c, vref descr, const struct slot_row *row) {
    if (is_name(row_name(row), NAME(__hash__)) && is_none(descr)) return (any_fn *)hash_unhashable;
    if (!has_shape(descr, SHAPE_SLOT_WRAPPER)) return NULL;
    const struct slot_wrapper *w = (const struct slot_wrapper *)as_object(descr);
    if (w->row != row || !type_is_subtype(c, w->type)) return NULL;
    return *slot_field(w->type, row);
}

// Sets the slot of the group that begins at row; returns the row behind it.
static const struct slot_row *update_group(struct thread *t, struct type *c, const struct slot_row *row) {
    const struct slot_row *first = row;
    any_fn *fn = NULL;
    bool generic = false;
    for (; row->offset == first->offset; row++) {
        vref descr = find(t, c, row_name(row));
        if (!descr) continue;
        any_fn *specific = specific_function(c, descr, row);
        generic = generic || !specific || (fn && fn != specific);
        fn = specific;
    }
    *slot_field(c, first) = generic ? first->generic : fn;
    return row;
}

static const struct slot_row *group_of(const struct slot_row *row) {
    while (row > slot_rows && row[-1].offset == row->offset) row--;
    return row;
}

// Others may be reading the flags: they are written only when they change.
static void set_flag(struct type *c, uint32_t flag, bool on) {
    uint32_t flags = on ? c->flags | flag : c->flags & ~flag;
    if (flags != c->flags) __atomic_store_n(&c->flags, flags, __ATOMIC_RELAXED);
}

// `make` and the flags, from what stands in the MRO and the slots.
static void update_rest(struct thread *t, struct type *c) {
    vref new = find(t, c, NAME(__new__));
    bool native = new && has_shape(new, SHAPE_NATIVE) && ((struct native_object *)as_object(new))->type && ((struct native_object *)as_object(new))->def->kind == NATIVE_STATIC;
    c->make = native ? ((struct native_object *)as_object(new))->type->make : slot_make;
    c->power3 = c->binary[NB_POW] == slot_pow ? slot_power3 : c->c_base->power3;
    set_flag(c, TYPE_PY_NEW, !native);
    set_flag(c, TYPE_DEL, find(t, c, NAME(__del__)) != V_NULL);
    set_flag(c, TYPE_PY_GETATTR, c->getattr == slot_getattr);
    set_flag(c, TYPE_PY_SETATTR, c->setattr == slot_setattr);
    set_flag(c, TYPE_PLAIN_NEW, c->make == object_make && !(c->flags & TYPE_ABSTRACT) && type_of(type_ref(c))->call == type_call);
}

void slots_update(struct thread *t, struct type *c) {
    const struct slot_row *row = slot_rows;
    while (row->offset) row = update_group(t, c, row);
    update_rest(t, c);
}

void slots_update_name(struct thread *t, struct type *c, vref name) {
    const struct slot_row *row = row_of(name);
    if (row) update_group(t, c, group_of(row));
    update_rest(t, c);
}

// Slots of a new class with one base: the base's, but for the groups of the names in its own dict.
void slots_from_base(struct thread *t, struct type *c, const struct type *base) {
    for (const struct slot_row *row = slot_rows; row->offset; row++) *slot_field(c, row) = *slot_field(base, row);
    size_t pos = 0;
    value key, v;
    while (dict_next(t, c->dict, &pos, &key, &v)) {
        const struct slot_row *row = is_str(key) ? row_of(key) : NULL;
        if (row) update_group(t, c, group_of(row));
        release(t, key);
        release(t, v);
    }
    update_rest(t, c);
}

// ---- static types ----

// Sequences add from the left only, and take + and * apart from numbers.
static bool hidden_wrapper(const struct type *c, const struct slot_row *row) {
    return row->name == NAME___radd__ && c->getitem;
}

static bool add_wrapper(struct thread *t, struct type *c, const struct slot_row *row) {
    vref name = row_name(row);
    int there = dict_contains(t, c->dict, name);
    if (there) return there > 0;
    if (row->name == NAME___hash__ && c->hash == hash_unhashable) return dict_set(t, c->dict, name, V_NONE);
    value w = slot_wrapper_new(t, c, row);
    return w && dict_set_take(t, c->dict, name, w);
}

bool slots_add_wrappers(struct thread *t, struct type *c) {
    for (const struct slot_row *row = slot_rows; row->offset; row++) {
        if (!row->wrap || !*slot_field(c, row) || hidden_wrapper(c, row)) continue;
        if (!add_wrapper(t, c, row)) return false;
    }
    return true;
}
