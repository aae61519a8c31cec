// SPDX-License-Identifier: Apache-2.0
// The module _csv: named dialects, the limit of a field, constants. Leaves reading and writing to reader.c and writer.c.
#include "interp/modules/csv/csv.h"
#include "interp/modules/constants.h"
#include "interp/modules/modules.h"

enum { FIELD_LIMIT = 128 << 10 };

struct type csv_error = {
    .name = "Error", .module = "_csv", .base = &exc_Exception, .basicsize = offsetof(struct exc, extra), .flags = TYPE_GC | TYPE_BASE | TYPE_EXC | TYPE_HAS_DICT,
    .destroy = exc_drop, .clear = exc_drop, .traverse = exc_traverse, .make = exc_make, .init = exc_init,
};

static vref dialects(struct thread *t) { return t->interp->slots[SLOT_CSV_DIALECTS]; }
int64_t csv_field_limit(struct thread *t) { return as_int62(__atomic_load_n(&t->interp->slots[SLOT_CSV_LIMIT], __ATOMIC_RELAXED)); }

value csv_get_dialect(struct thread *t, vref name) {
    value v = dict_get(t, dialects(t), name);
    return v || raised(t) ? v : raise(t, &csv_error, "unknown dialect");
}
static value f_get_dialect(struct thread *t, const vref *a) { return csv_get_dialect(t, a[0]); }
static value f_unregister(struct thread *t, const vref *a) {
    int r = dict_del(t, dialects(t), a[0]);
    return r > 0 ? V_NONE : r < 0 ? V_NULL : raise(t, &csv_error, "unknown dialect");
}
static value f_list(struct thread *t, const vref *a) { return (void)a, dict_keys_list(t, dialects(t)); }
static value f_register(struct thread *t, const vref *args, size_t nargs, vref kwnames) {
    if (!args_count(t, "register_dialect", nargs, 1, 2)) return V_NULL;
    if (!is_str(args[0])) return raise(t, &exc_TypeError, "dialect name must be a string");
    value d = csv_dialect_new(t, nargs > 1 ? args[1] : V_NULL, args + nargs, kwnames);
    return d && dict_set_take(t, dialects(t), args[0], d) ? V_NONE : V_NULL;
}
static value f_limit(struct thread *t, const vref *a) {
    int64_t n, old = csv_field_limit(t);
    if (a[0]) {
        if (!is_exact_int(a[0])) return raise(t, &exc_TypeError, "limit must be an integer");
        if (!int_as_i64(t, a[0], &n)) return V_NULL;
        if (!fits_int62(n)) n = n < 0 ? INT62_MIN : INT62_MAX;
        __atomic_store_n(&t->interp->slots[SLOT_CSV_LIMIT], from_int62(n), __ATOMIC_RELAXED);
    }
    return from_int62(old);
}

static const struct native functions[] = {
    {"reader", NATIVE_FUNCTION, "($module, iterable, dialect='excel', /, **options)", .raw = csv_reader, .doc = "Makes an iterator of the records in lines of text."},
    {"writer", NATIVE_FUNCTION, "($module, file, dialect='excel', /, **options)", .raw = csv_writer, .doc = "Makes an object that writes records to a file."},
    {"register_dialect", NATIVE_FUNCTION, "($module, name, dialect='excel', /, **options)", .raw = f_register, .doc = "Gives a dialect a name."},
    {"unregister_dialect", NATIVE_FUNCTION, "($module, name)", .fn = f_unregister, .doc = "Forgets the name of a dialect."},
    {"get_dialect", NATIVE_FUNCTION, "($module, name)", .fn = f_get_dialect, .doc = "The dialect of that name."},
    {"list_dialects", NATIVE_FUNCTION, "($module, /)", .fn = f_list, .doc = "The names of all dialects."},
    {"field_size_limit", NATIVE_FUNCTION, "($module, new_limit=<unrepresentable>, /)", .fn = f_limit, .doc = "The largest field that a reader takes; sets it when given."},
};
#define S(n) {#n, n}
static const struct constant rows[] = {S(QUOTE_MINIMAL), S(QUOTE_ALL), S(QUOTE_NONNUMERIC), S(QUOTE_NONE)};

value csv_make(struct thread *t) {
    struct type *const types[] = {&csv_error, &type_csv_dialect, &type_csv_reader, &type_csv_writer};
    for (int i = 0; i < 4; i++)
        if (!types[i]->root_shape && !type_ready(t, types[i])) return V_NULL;
    value *slots = t->interp->slots;
    if (!slots[SLOT_CSV_DIALECTS]) slots[SLOT_CSV_DIALECTS] = dict_new(t);
    slots[SLOT_CSV_LIMIT] = from_int62(FIELD_LIMIT);
    value m = slots[SLOT_CSV_DIALECTS] ? module_from_natives(t, "_csv", "Reading and writing of CSV files.", functions, sizeof functions / sizeof *functions) : V_NULL;
    bool ok = m && constants_add(t, m, rows, sizeof rows / sizeof *rows) && module_set(t, m, "Error", type_ref(&csv_error)) && module_set(t, m, "Dialect", type_ref(&type_csv_dialect)) &&
              module_set(t, m, "Reader", type_ref(&type_csv_reader)) && module_set(t, m, "Writer", type_ref(&type_csv_writer)) &&
              module_set(t, m, "_dialects", own(t, slots[SLOT_CSV_DIALECTS])) && module_set(t, m, "__version__", str_from_cstr(t, "1.0"));
    return ok ? m : V_NULL;
}
