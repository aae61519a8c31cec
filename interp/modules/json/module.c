// SPDX-License-Identifier: Apache-2.0
// The module _json. Leaves its functions and types to the other files.
#include "interp/modules/json/json.h"
#include "interp/modules/modules.h"
#include "interp/types/exc.h"
#include "interp/types/seq.h"

static value scanstring(struct thread *t, const vref *a) {
    int64_t at;
    int strict = a[2] ? object_truth(t, a[2]) : 1;
    size_t end;
    if (strict < 0 || !size_arg(t, a[1], 0, &at)) return V_NULL;
    if (!is_str(a[0])) return raise(t, &exc_TypeError, "first argument must be a string, not %T", a[0]);
    if (at < 0 || (size_t)at > as_str(a[0])->length) return raise(t, &exc_ValueError, "end is out of bounds");
    value v = json_read_string(t, a[0], (size_t)at, strict, &end);
    return v ? tuple_take_array(t, (value[]){v, from_int62((int64_t)end)}, 2) : V_NULL;
}

static const struct native functions[] = {
    {"encode_basestring", NATIVE_FUNCTION, "($module, string, /)", .fn = json_encode_plain, .doc = "Return string as a JSON string, quotes included."},
    {"encode_basestring_ascii", NATIVE_FUNCTION, "($module, string, /)", .fn = json_encode_ascii,
     .doc = "Return string as a JSON string, quotes included, with \\u escapes for all that is not ASCII."},
    {"scanstring", NATIVE_FUNCTION, "($module, string, end, strict=True, /)", .fn = scanstring,
     .doc = "Return the JSON string that begins at end, behind its quote, without its escapes, and the index behind its closing quote.\n\n"
            "strict forbids control characters within it."},
};
value json_make(struct thread *t) {
    if ((!type_json_scanner.root_shape && !type_ready(t, &type_json_scanner)) || (!type_json_encoder.root_shape && !type_ready(t, &type_json_encoder))) return V_NULL;
    value m = module_from_natives(t, "_json", "json speedups\n", functions, sizeof functions / sizeof *functions);
    bool ok = m && module_set(t, m, "make_scanner", type_ref(&type_json_scanner)) && module_set(t, m, "make_encoder", type_ref(&type_json_encoder));
    return ok ? m : V_NULL;
}
