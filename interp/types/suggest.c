// SPDX-License-Identifier: Apache-2.0
// "Did you mean: …?": the known name that is nearest to the one that was not found. Leaves printing it to exc_print.c.
#include "interp/types/suggest.h"

#include "interp/types/dict.h"
#include "interp/types/exc_types.h"
#include "interp/vm/frame.h"

enum { MOVE = 2, CASE = 1, CANDIDATES_MAX = 750, LENGTH_MAX = 40 };

static unsigned char lower(unsigned char c) { return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c; }

static int64_t substitution(unsigned char a, unsigned char b) {
    if (a == b) return 0;
    return lower(a) == lower(b) ? CASE : MOVE;
}

// The cheapest way to turn a into b: MOVE for a character inserted, dropped or replaced, CASE for one of the other case. More than max: anything above it.
static int64_t distance(const char *a, size_t na, const char *b, size_t nb, int64_t max) {
    while (na && nb && a[0] == b[0]) {
        a++;
        b++;
        na--;
        nb--;
    }
    while (na && nb && a[na - 1] == b[nb - 1]) {
        na--;
        nb--;
    }
    if (na == 0 || nb == 0) return (int64_t)(na + nb) * MOVE;
    if (na > LENGTH_MAX || nb > LENGTH_MAX) return max + 1;
    int64_t row[LENGTH_MAX + 1];
    for (size_t i = 0; i <= na; i++) row[i] = (int64_t)i * MOVE;
    for (size_t j = 1; j <= nb; j++) {
        int64_t diagonal = row[0], least;
        row[0] = least = (int64_t)j * MOVE;
        for (size_t i = 1; i <= na; i++) {
            int64_t replaced = diagonal + substitution((unsigned char)a[i - 1], (unsigned char)b[j - 1]);
            int64_t moved = (row[i] < row[i - 1] ? row[i] : row[i - 1]) + MOVE;
            diagonal = row[i];
            row[i] = replaced < moved ? replaced : moved;
            if (row[i] < least) least = row[i];
        }
        if (least > max) return max + 1;
    }
    return row[na];
}

// The item of a list of names that is nearest to name; not more than a third of the characters may change. returns new str or V_NULL.
static value nearest(struct thread *t, vref names, vref name) {
    size_t n_name, n_item;
    const char *wanted = str_utf8(t, name, &n_name);
    if (!wanted || list_size(names) >= CANDIDATES_MAX) return V_NULL;
    int64_t best = INT64_MAX;
    value found = V_NULL, item;
    for (size_t i = 0; (item = list_get_or_null(t, names, i)) != V_NULL; i++) {
        const char *s = is_str(item) ? str_utf8(t, item, &n_item) : NULL;
        int64_t max = s ? (int64_t)(n_name + n_item + 3) * MOVE / 6 : -1;
        if (max > best - 1) max = best - 1;
        int64_t d = s && !str_equal(item, name) ? distance(wanted, n_name, s, n_item, max) : max + 1;
        if (d <= max) {
            release_opt(t, found);
            found = own(t, item);
            best = d;
        }
        release(t, item);
    }
    return found;
}

static value nearest_key(struct thread *t, vref dict, vref name) {
    value names = dict && is_dict(dict) ? dict_keys_list(t, dict) : V_NULL, found = names ? nearest(t, names, name) : V_NULL;
    release_opt(t, names);
    return found;
}

static value for_attribute(struct thread *t, vref exc) {
    value name = exc_get_extra(t, exc, ATTRIBUTE_NAME), obj = exc_get_extra(t, exc, ATTRIBUTE_OBJ), found = V_NULL;
    if (is_str(name) && as_exc(exc)->extra[ATTRIBUTE_OBJ]) {
        value dir = dict_get_str(t, t->interp->builtins, "dir"), names = dir ? object_call1(t, dir, obj) : V_NULL;
        if (names && is_list(names)) found = nearest(t, names, name);
        release_opt(t, dir);
        release_opt(t, names);
    }
    release(t, name);
    release(t, obj);
    return found;
}

// Among the variables of the innermost function, then its globals, then the builtins.
static value for_name(struct thread *t, vref exc) {
    value name = exc_get_extra(t, exc, NAME_NAME), found = V_NULL;
    value tb = field_load(t, &as_exc(exc)->traceback);
    vref last = tb;
    while (last && ((struct traceback *)as_object(last))->next) last = ((struct traceback *)as_object(last))->next;
    if (last && is_str(name)) {
        const struct frame *f = (struct frame *)as_object(((struct traceback *)as_object(last))->frame);
        value names = list_from_iterable(t, f->code->varnames);
        if (names) found = nearest(t, names, name);
        if (!found && f->func) found = nearest_key(t, as_func(f->func)->globals, name);
        if (!found) found = nearest_key(t, t->interp->builtins, name);
        release_opt(t, names);
    }
    release_opt(t, tb);
    release(t, name);
    return found;
}

value suggest_for(struct thread *t, vref exc) {
    if (is_instance(exc, &exc_AttributeError)) return for_attribute(t, exc);
    if (is_instance(exc, &exc_NameError)) return for_name(t, exc);
    return V_NULL;
}
