// SPDX-License-Identifier: Apache-2.0
// The tuple that isocalendar() returns: ISO year, week and weekday by name. Leaves the numbers to days.c, all else to tuple.
#include "interp/modules/datetime/datetime.h"

static value fill(struct thread *t, vref year, vref week, vref weekday) {
    struct tuple *u = object_alloc_gc(t, offsetof(struct tuple, at) + 3 * sizeof(value), isoweek_type.root_shape);
    if (!u) return V_NULL;
    u->size = 3;
    atomic_init(&u->hash, -1);
    u->at[0] = own(t, year);
    u->at[1] = own(t, week);
    u->at[2] = own(t, weekday);
    return counted_word(u);
}
value isoweek_new(struct thread *t, int year, int week, int weekday) { return fill(t, from_int62(year), from_int62(week), from_int62(weekday)); }

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"year", "week", "weekday"};
    static const struct args_spec spec = {"IsoCalendarDate", names, 0, 3, 3};
    vref in[3];
    int n[3];
    (void)cls;
    if (!args_bind(t, &spec, args, nargs, kwnames, in)) return V_NULL;
    return datetime_fields(t, &spec, in, 3, 3, n) ? isoweek_new(t, n[0], n[1], n[2]) : V_NULL;
}
static value repr(struct thread *t, vref self) {
    return str_format(t, "datetime.IsoCalendarDate(year=%S, week=%S, weekday=%S)", tuple_at(self, 0), tuple_at(self, 1), tuple_at(self, 2));
}
static value reduce(struct thread *t, const vref *a) {
    value plain = tuple_from_array(t, as_tuple(a[0])->at, 3), args = plain ? tuple_pack(t, 1, plain) : V_NULL;
    value r = args ? tuple_pack(t, 2, type_ref(&type_tuple), args) : V_NULL;
    release_opt(t, plain);
    release_opt(t, args);
    return r;
}
static value get_year(struct thread *t, const vref *a) { return own(t, tuple_at(a[0], 0)); }
static value get_week(struct thread *t, const vref *a) { return own(t, tuple_at(a[0], 1)); }
static value get_weekday(struct thread *t, const vref *a) { return own(t, tuple_at(a[0], 2)); }

static const struct native natives[] = {
    {"year", NATIVE_GETSET, .fn = get_year, .doc = "The year that the week belongs to."},
    {"week", NATIVE_GETSET, .fn = get_week, .doc = "1 to 53"},
    {"weekday", NATIVE_GETSET, .fn = get_weekday, .doc = "Monday is 1, Sunday 7."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", reduce, .doc = "Pickled as a plain tuple."},
    {NULL},
};
struct type isoweek_type = {
    .name = "IsoCalendarDate", .module = "datetime", .base = &type_tuple, .natives = natives, .make = make, .repr = repr,
    .doc = "What isocalendar() returns: (year, week, weekday), the items by name too.",
};
