// SPDX-License-Identifier: Apache-2.0
// The _warnings module, and warnings raised by C code: filters, registries, where a warning comes from. Leaves showing it to the library's warnings module once that is
// imported; until then it writes the plain text itself.
#include "interp/modules/row.h"
#include "interp/modules/sys/sys.h"
#include "interp/types/exc_source.h"
#include "interp/types/names.h"
#include "interp/types/object_type.h"
#include "interp/vm/frame.h"

static value *slot(struct thread *t, enum sys_slot which) { return &t->interp->slots[which]; }

// ---- state ----

static bool add_filter(struct thread *t, vref list, const char *action, struct type *category, const char *module) {
    value a = str_from_cstr(t, action), m = module ? str_from_cstr(t, module) : V_NONE;
    value row = a && m ? tuple_pack(t, 5, a, V_NONE, type_ref(category), m, from_int62(0)) : V_NULL;
    release_opt(t, a);
    release_opt(t, m);
    return row && list_append_take(t, list, row);
}
static bool start(struct thread *t) {
    if (*slot(t, SYS_WARN_FILTERS)) return true;
    value filters = list_new(t, 5), once = dict_new(t), action = str_from_cstr(t, "default");
    bool ok = filters && once && action && add_filter(t, filters, "default", &exc_DeprecationWarning, "__main__") &&
              add_filter(t, filters, "ignore", &exc_DeprecationWarning, NULL) && add_filter(t, filters, "ignore", &exc_PendingDeprecationWarning, NULL) &&
              add_filter(t, filters, "ignore", &exc_ImportWarning, NULL) && add_filter(t, filters, "ignore", &exc_ResourceWarning, NULL);
    if (ok) {
        *slot(t, SYS_WARN_FILTERS) = filters;
        *slot(t, SYS_WARN_ONCE) = once;
        *slot(t, SYS_WARN_ACTION) = action;
        *slot(t, SYS_WARN_VERSION) = from_int62(0);
        return true;
    }
    release_opt(t, filters);
    release_opt(t, once);
    release_opt(t, action);
    return false;
}
// warnings.NAME if that module is loaded (or load: can be); V_NULL without exception if not.
static value library(struct thread *t, const char *name, bool load) {
    vref key = str_intern_cstr(t, "warnings");
    value m = load && t->interp->importlib ? import_cached(t, key) : dict_get(t, t->interp->modules, key), v = V_NULL;
    if (!m) return raised_clear(t), V_NULL;
    if (m != V_NONE && object_lookup_attr(t, m, str_intern_cstr(t, name), &v) < 0) raised_clear(t);
    release(t, m);
    return v;
}
// warnings.NAME, or what this module holds under that number. returns new.
static value current(struct thread *t, const char *name, enum sys_slot which) {
    value v = library(t, name, false);
    return v ? v : own(t, *slot(t, which));
}

// ---- registries ----

// 1: that key has warned before; 0: not; -1.
static int already(struct thread *t, vref registry, vref key, bool set) {
    if (!registry || registry == V_NONE) return 0;
    if (!is_dict(registry)) return raise(t, &exc_TypeError, "'registry' must be a dict or None"), -1;
    value version = dict_get_str(t, registry, "version");
    if (!version || !is_same(version, *slot(t, SYS_WARN_VERSION))) {
        release_opt(t, version);
        if (raised(t) || !dict_clear(t, registry) || !dict_set_str(t, registry, "version", *slot(t, SYS_WARN_VERSION))) return -1;
    } else {
        value seen = dict_get(t, registry, key);
        if (!seen && raised(t)) return -1;
        int yes = seen ? object_truth(t, seen) : 0;
        release_opt(t, seen);
        if (yes) return yes;
    }
    return !set || dict_set(t, registry, key, V_TRUE) ? 0 : -1;
}
static int already_text(struct thread *t, vref registry, vref text, vref category) {
    value key = tuple_pack(t, 2, text, category);
    int r = key ? already(t, registry, key, true) : -1;
    release_opt(t, key);
    return r;
}

// ---- filters ----

static int matches(struct thread *t, vref pattern, vref text) {
    if (pattern == V_NONE) return 1;
    if (has_shape(pattern, SHAPE_STR)) return is_str(text) && str_equal(pattern, text);
    value r = object_call_method_cstr(t, pattern, "match", &text, 1);
    int yes = r ? object_truth(t, r) : -1;
    release_opt(t, r);
    return yes;
}
static int filter_fits(struct thread *t, vref f, vref text, vref category, vref module, vref line) {
    int r = matches(t, tuple_at(f, 1), text);
    if (r > 0) r = matches(t, tuple_at(f, 3), module);
    if (r > 0) r = object_is_subclass(t, category, tuple_at(f, 2));
    int64_t want;
    if (r > 0) r = !object_as_index(t, tuple_at(f, 4), &want) ? -1 : want == 0 || object_equal(t, tuple_at(f, 4), line) > 0;
    return r;
}
// What is to be done: a str. *item: the filter that said so, or V_NONE. returns new; both owned.
static value find_action(struct thread *t, vref text, vref category, vref module, vref line, value *item) {
    value filters = current(t, "filters", SYS_WARN_FILTERS), action = V_NULL, f;
    *item = V_NONE;
    if (!is_list(filters)) return release(t, filters), raise(t, &exc_ValueError, "_warnings.filters must be a list");
    for (size_t k = 0; !action && !raised(t) && (f = list_get_or_null(t, filters, k)); k++) {
        int fits = -1;
        if (!is_tuple(f) || tuple_size(f) != 5) raise(t, &exc_ValueError, "_warnings.filters item %zu isn't a 5-tuple", k);
        else if (!is_str(tuple_at(f, 0))) raise(t, &exc_TypeError, "action must be a string, not '%T'", tuple_at(f, 0));
        else fits = filter_fits(t, f, text, category, module, line);
        if (fits > 0) {
            action = own(t, tuple_at(f, 0));
            *item = own(t, f);
        }
        release(t, f);
    }
    release(t, filters);
    return action || raised(t) ? action : current(t, "defaultaction", SYS_WARN_ACTION);
}

// ---- showing ----

static bool show_plain(struct thread *t, vref text, vref category, vref filename, vref line) {
    int64_t n = 0;
    value name = object_getattr(t, category, NAME(__name__)), file = name ? dict_get_str(t, t->interp->sys_dict, "stderr") : V_NULL;
    value first = name ? str_format(t, "%S:%S: %S: %S\n", filename, line, name, text) : V_NULL, source = V_NULL, second = V_NULL;
    if (first && is_str(filename) && is_int62(line) && (n = as_int62(line)) > 0 && (source = source_read_line(t, filename, (int)n))) {
        value stripped = object_call_method_cstr(t, source, "strip", NULL, 0);
        second = stripped ? str_format(t, "  %U\n", stripped) : V_NULL;
        release_opt(t, stripped);
    }
    vref parts[] = {first, second};
    for (int k = 0; k < 2 && file && file != V_NONE; k++) {
        value r = parts[k] ? object_call_method_cstr(t, file, "write", &parts[k], 1) : V_NULL;
        release_opt(t, r);
    }
    release_opt(t, name);
    release_opt(t, file);
    release_opt(t, first);
    release_opt(t, second);
    release_opt(t, source);
    raised_clear(t); // a warning that cannot be written is lost
    return true;
}
static bool show(struct thread *t, vref message, vref text, vref category, vref filename, vref line, vref source) {
    value f = library(t, "_showwarnmsg", source && source != V_NONE), make = V_NULL, record = V_NULL, r = V_NULL;
    if (!f) return show_plain(t, text, category, filename, line);
    if (!object_is_callable(f)) raise(t, &exc_TypeError, "warnings._showwarnmsg() must be set to a callable");
    else if (!(make = library(t, "WarningMessage", false))) raise(t, &exc_RuntimeError, "unable to get warnings.WarningMessage");
    else if ((record = object_call(t, make, (vref[]){message, category, filename, line, V_NONE, V_NONE, source ? source : V_NONE}, 7, V_NULL))) r = object_call1(t, f, record);
    release_opt(t, f);
    release_opt(t, make);
    release_opt(t, record);
    release_opt(t, r);
    return r != V_NULL;
}

// ---- deciding ----

struct place {
    vref filename, line, module, registry; // module, registry may be V_NULL
};
// 1: to be shown; 0: not; -1. Enters it in the registries that its action asks for.
static int enter(struct thread *t, vref action, vref item, vref key, vref text, vref category, vref registry) {
    if (str_equal_cstr(action, "always")) return 1;
    if (registry && registry != V_NONE && !dict_set(t, registry, key, V_TRUE)) return -1;
    int seen = 0;
    if (str_equal_cstr(action, "once")) {
        value once = registry && registry != V_NONE ? own(t, registry) : current(t, "onceregistry", SYS_WARN_ONCE);
        seen = already_text(t, once, text, category);
        release(t, once);
    } else if (str_equal_cstr(action, "module")) seen = already_text(t, registry, text, category);
    else if (!str_equal_cstr(action, "default")) {
        raise(t, &exc_RuntimeError, "Unrecognized action (%R) in warnings.filters:\n %R", action, item);
        return -1;
    }
    return seen < 0 ? -1 : !seen;
}
static value module_from_file(struct thread *t, vref filename) {
    if (!is_str(filename) || as_str(filename)->length == 0) return str_from_cstr(t, "<unknown>");
    size_t n = as_str(filename)->length;
    const char *s = str_utf8(t, filename, NULL);
    if (!s) return raised_clear(t), own(t, filename);
    size_t bytes = strlen(s);
    return bytes > 3 && strcmp(s + bytes - 3, ".py") == 0 ? str_substring(t, filename, 0, (int64_t)n - 3) : own(t, filename);
}
static bool explicit(struct thread *t, vref category, vref message, const struct place *p, vref source) {
    if (p->registry && p->registry != V_NONE && !is_dict(p->registry)) return raise(t, &exc_TypeError, "'registry' must be a dict or None"), false;
    if (p->module == V_NONE) return true;
    bool is_warning = is_instance(message, &exc_Warning);
    value cls = own(t, is_warning ? type_ref(type_of(message)) : category), text = is_warning ? object_str(t, message) : own(t, message);
    value e = is_warning ? own(t, message) : text ? object_call1(t, cls, message) : V_NULL, key = V_NULL, module = V_NULL, action = V_NULL, item = V_NONE;
    bool ok = false;
    if (!text || !e || !(key = tuple_pack(t, 3, text, cls, p->line)) || !(module = p->module ? own(t, p->module) : module_from_file(t, p->filename))) goto done;
    int seen = already(t, p->registry, key, false);
    if (seen) ok = seen > 0;
    else if ((action = find_action(t, text, cls, module, p->line, &item))) {
        if (str_equal_cstr(action, "error")) raise_object(t, e);
        else if (str_equal_cstr(action, "ignore")) ok = true;
        else {
            int go = enter(t, action, item, key, text, cls, p->registry);
            ok = go == 0 || (go > 0 && show(t, e, text, cls, p->filename, p->line, source));
        }
    }
done:
    release_opt(t, cls);
    release_opt(t, text);
    release_opt(t, e);
    release_opt(t, key);
    release_opt(t, module);
    release_opt(t, action);
    release_opt(t, item);
    return ok;
}

// ---- where a warning comes from ----

static bool has(vref filename, const char *part) {
    for (size_t k = 0, n = strlen(part), len = as_str(filename)->length; k + n <= len; k++) {
        size_t j = 0;
        while (j < n && str_at(as_str(filename), k + j) == (uint8_t)part[j]) j++;
        if (j == n) return true;
    }
    return false;
}
static bool internal(const value *R) {
    vref name = frame_code(R)->filename;
    return has(name, "importlib") && has(name, "_bootstrap");
}
static value *outward(value *R) { // the next frame that is not the importer's
    do R = frame_back(R);
    while (R && internal(R));
    return R;
}
static value *frame_at_level(struct thread *t, int64_t level) {
    value *R = t->frame;
    if (level <= 0 || (R && internal(R)))
        while (--level > 0 && R) R = frame_back(R);
    else
        while (--level > 0 && R) R = outward(R);
    return R;
}
static bool warn_at(struct thread *t, vref message, vref category, int64_t level, vref source) {
    if (!start(t)) return false;
    value *R = frame_at_level(t, level);
    value globals = own(t, R ? as_func(R[-4])->globals : t->interp->sys_dict);
    value filename = R ? own(t, frame_code(R)->filename) : str_from_cstr(t, "sys"), module = V_NULL, registry = dict_get_str(t, globals, "__warningregistry__");
    struct position where = {.line = 1};
    if (R && !code_position(frame_code(R), frame_at(R), &where)) where.line = frame_code(R)->firstlineno;
    bool ok = filename && !raised(t);
    if (ok && !registry) ok = (registry = dict_new(t)) && dict_set_str(t, globals, "__warningregistry__", registry);
    if (ok) module = dict_get(t, globals, NAME(__name__));
    if (ok && !raised(t) && (!module || (!is_str(module) && module != V_NONE))) {
        release_opt(t, module);
        module = str_from_cstr(t, "<string>");
    }
    struct place p = {filename, from_int62(where.line), module, registry};
    ok = ok && module && explicit(t, category, message, &p, source);
    release(t, globals);
    release_opt(t, filename);
    release_opt(t, module);
    release_opt(t, registry);
    return ok;
}
bool raise_warning(struct thread *t, struct type *category, int stack_level, const char *format, ...) {
    if (!t->interp->modules || !t->interp->sys_dict) return true; // still starting
    va_list ap;
    va_start(ap, format);
    value text = str_format_va(t, format, ap);
    va_end(ap);
    bool ok = text && warn_at(t, text, type_ref(category), stack_level, V_NULL);
    release_opt(t, text);
    return ok;
}

// ---- the module ----

static vref category_of(struct thread *t, vref message, vref category) {
    if (is_instance(message, &exc_Warning)) return type_ref(type_of(message));
    if (!category || category == V_NONE) return type_ref(&exc_UserWarning);
    if (is_type(category) && type_is_subtype(as_type(category), &exc_Warning)) return category;
    raise(t, &exc_TypeError, "category must be a Warning subclass, not '%T'", category);
    return V_NULL;
}
static value w_warn(struct thread *t, const vref *a) {
    int64_t level = 1;
    vref category = category_of(t, a[0], a[1]);
    if (!category || (a[2] && !object_as_index(t, a[2], &level))) return V_NULL;
    return warn_at(t, a[0], category, level, a[3] == V_NONE ? V_NULL : a[3]) ? V_NONE : V_NULL;
}
static value w_warn_explicit(struct thread *t, const vref *a) {
    struct place p = {a[2], a[3], a[4], a[5]};
    if (!start(t)) return V_NULL;
    if (a[6] && a[6] != V_NONE && !is_dict(a[6])) return raise(t, &exc_TypeError, "module_globals must be a dict, not '%T'", a[6]);
    if (!is_instance(a[0], &exc_Warning) && (!is_type(a[1]) || !type_is_subtype(as_type(a[1]), &exc_Warning)))
        return raise(t, &exc_TypeError, "category must be a Warning subclass, not '%T'", a[1]);
    return explicit(t, a[1], a[0], &p, a[7]) ? V_NONE : V_NULL;
}
static value w_filters_mutated(struct thread *t, const vref *a) {
    (void)a;
    if (!start(t)) return V_NULL;
    *slot(t, SYS_WARN_VERSION) = from_int62(as_int62(*slot(t, SYS_WARN_VERSION)) + 1);
    return V_NONE;
}
static const struct native functions[] = {
    F("warn", "($module, /, message, category=None, stacklevel=1, source=None)", w_warn),
    F("warn_explicit", "($module, /, message, category, filename, lineno, module=<unrepresentable>, registry=None, module_globals=None, source=None)", w_warn_explicit),
    F("_filters_mutated", "($module, /)", w_filters_mutated),
};
value warnings_make(struct thread *t) {
    value m = start(t) ? module_from_natives(t, "_warnings", "The part of warnings that is written in C: filters and what they do.", functions, sizeof functions / sizeof *functions) : V_NULL;
    if (m && module_set(t, m, "filters", own(t, *slot(t, SYS_WARN_FILTERS))) && module_set(t, m, "_onceregistry", own(t, *slot(t, SYS_WARN_ONCE))) &&
        module_set(t, m, "_defaultaction", own(t, *slot(t, SYS_WARN_ACTION)))) return m;
    release_opt(t, m);
    return V_NULL;
}
