// SPDX-License-Identifier: Apache-2.0
// The module pyexpat: its functions, its error, its constants and the two modules inside it. Leaves parsers to parser.c.
#include "interp/modules/modules.h"
#include "interp/modules/pyexpat/expat_module.h"
#include "interp/types/exc_types.h"
#include "interp/types/num.h"

struct type expat_error = {
    .name = "ExpatError", .module = "xml.parsers.expat", .base = &exc_Exception, .basicsize = offsetof(struct exc, extra),
    .flags = TYPE_GC | TYPE_BASE | TYPE_EXC | TYPE_HAS_DICT, .destroy = exc_drop, .clear = exc_drop, .traverse = exc_traverse, .make = exc_make, .init = exc_init,
};

static bool set_number(struct thread *t, vref o, const char *name, int64_t n) {
    value key = str_intern_cstr(t, name);
    return key && object_setattr(t, o, key, from_int62(n)) == 0;
}
value expat_raise(struct thread *t, struct parser *p) {
    int code = (int)XML_GetErrorCode(p->xml);
    int64_t line = (int64_t)XML_GetErrorLineNumber(p->xml), column = (int64_t)XML_GetErrorColumnNumber(p->xml);
    const char *why = XML_ErrorString((enum XML_Error)code);
    value text = str_format(t, "%s: line %ld, column %ld", why ? why : "unknown error", line, column);
    value e = text ? object_call1(t, type_ref(&expat_error), text) : V_NULL;
    release_opt(t, text);
    if (e && set_number(t, e, "code", code) && set_number(t, e, "offset", column) && set_number(t, e, "lineno", line)) raise_object(t, e);
    release_opt(t, e);
    return V_NULL;
}

static value f_error_string(struct thread *t, const vref *a) { // code
    int64_t code;
    if (!object_as_index(t, a[0], &code)) return V_NULL;
    const char *s = code >= 0 && code < INT32_MAX ? XML_ErrorString((enum XML_Error)code) : NULL;
    return s ? str_from_cstr(t, s) : V_NONE;
}
static const struct native functions[] = {
    {"ParserCreate", NATIVE_FUNCTION, "($module, /, encoding=None, namespace_separator=None,\n             intern=<unrepresentable>)", .fn = parser_create, .doc = "A new parser of XML."},
    {"ErrorString", NATIVE_FUNCTION, "($module, code, /)", .fn = f_error_string, .doc = "What expat calls the error of that number, or None."},
};

struct constant {
    const char *name;
    int n;
};
#define C(name) {#name, name}
static const struct constant parsing[] = {
    C(XML_PARAM_ENTITY_PARSING_NEVER), C(XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE), C(XML_PARAM_ENTITY_PARSING_ALWAYS), {NULL, 0},
};
static const struct constant models[] = {
    C(XML_CTYPE_EMPTY), C(XML_CTYPE_ANY), C(XML_CTYPE_MIXED), C(XML_CTYPE_NAME), C(XML_CTYPE_CHOICE), C(XML_CTYPE_SEQ),
    C(XML_CQUANT_NONE), C(XML_CQUANT_OPT), C(XML_CQUANT_REP), C(XML_CQUANT_PLUS), {NULL, 0},
};
static const struct constant errors[] = {
    C(XML_ERROR_NO_MEMORY), C(XML_ERROR_SYNTAX), C(XML_ERROR_NO_ELEMENTS), C(XML_ERROR_INVALID_TOKEN), C(XML_ERROR_UNCLOSED_TOKEN), C(XML_ERROR_PARTIAL_CHAR),
    C(XML_ERROR_TAG_MISMATCH), C(XML_ERROR_DUPLICATE_ATTRIBUTE), C(XML_ERROR_JUNK_AFTER_DOC_ELEMENT), C(XML_ERROR_PARAM_ENTITY_REF), C(XML_ERROR_UNDEFINED_ENTITY),
    C(XML_ERROR_RECURSIVE_ENTITY_REF), C(XML_ERROR_ASYNC_ENTITY), C(XML_ERROR_BAD_CHAR_REF), C(XML_ERROR_BINARY_ENTITY_REF),
    C(XML_ERROR_ATTRIBUTE_EXTERNAL_ENTITY_REF), C(XML_ERROR_MISPLACED_XML_PI), C(XML_ERROR_UNKNOWN_ENCODING), C(XML_ERROR_INCORRECT_ENCODING),
    C(XML_ERROR_UNCLOSED_CDATA_SECTION), C(XML_ERROR_EXTERNAL_ENTITY_HANDLING), C(XML_ERROR_NOT_STANDALONE), C(XML_ERROR_UNEXPECTED_STATE),
    C(XML_ERROR_ENTITY_DECLARED_IN_PE), C(XML_ERROR_FEATURE_REQUIRES_XML_DTD), C(XML_ERROR_CANT_CHANGE_FEATURE_ONCE_PARSING), C(XML_ERROR_UNBOUND_PREFIX),
    C(XML_ERROR_UNDECLARING_PREFIX), C(XML_ERROR_INCOMPLETE_PE), C(XML_ERROR_XML_DECL), C(XML_ERROR_TEXT_DECL), C(XML_ERROR_PUBLICID), C(XML_ERROR_SUSPENDED),
    C(XML_ERROR_NOT_SUSPENDED), C(XML_ERROR_ABORTED), C(XML_ERROR_FINISHED), C(XML_ERROR_SUSPEND_PE), C(XML_ERROR_RESERVED_PREFIX_XML),
    C(XML_ERROR_RESERVED_PREFIX_XMLNS), C(XML_ERROR_RESERVED_NAMESPACE_URI), C(XML_ERROR_INVALID_ARGUMENT), C(XML_ERROR_NO_BUFFER),
    C(XML_ERROR_AMPLIFICATION_LIMIT_BREACH), {NULL, 0},
};

static bool add_numbers(struct thread *t, vref m, const struct constant *c) {
    bool ok = true;
    for (; ok && c->name; c++) ok = module_set(t, m, c->name, from_int62(c->n));
    return ok;
}
// The errors by name, and the dicts `codes` and `messages` between text and number.
static bool add_errors(struct thread *t, vref m) {
    value codes = dict_new(t), messages = dict_new(t);
    bool ok = codes && messages;
    for (const struct constant *c = errors; ok && c->name; c++) {
        value s = str_from_cstr(t, XML_ErrorString((enum XML_Error)c->n));
        ok = s && dict_set(t, codes, s, from_int62(c->n)) && dict_set(t, messages, from_int62(c->n), s) && module_set(t, m, c->name, own(t, s));
        release_opt(t, s);
    }
    ok = ok && module_set(t, m, "codes", own(t, codes)) && module_set(t, m, "messages", own(t, messages));
    release_opt(t, codes);
    release_opt(t, messages);
    return ok;
}
// A module inside `m`, importable by its full name. returns borrowed from m, V_NULL: exception.
static vref inner_module(struct thread *t, vref m, const char *full, const char *name, const char *doc) {
    value inner = module_from_natives(t, full, doc, NULL, 0);
    if (!inner) return V_NULL;
    vref kept = borrow(inner);
    return dict_set_str(t, t->interp->modules, full, inner) && module_set(t, m, name, inner) ? kept : V_NULL;
}

static value features(struct thread *t) {
    value all = list_new(t, 8);
    for (const XML_Feature *f = XML_GetFeatureList(); all && f->feature != XML_FEATURE_END; f++) {
        value name = str_from_cstr(t, f->name), row = name ? tuple_pack(t, 2, name, from_int62(f->value)) : V_NULL;
        release_opt(t, name);
        if (!row || !list_append_take(t, all, row)) release_field(t, &all);
    }
    return all;
}

value pyexpat_make(struct thread *t) {
    if (!expat_error.root_shape && !type_ready(t, &expat_error)) return V_NULL;
    if (!type_expat_parser.root_shape && !type_ready(t, &type_expat_parser)) return V_NULL;
    value m = module_from_natives(t, "pyexpat", "Reading XML by the library expat.", functions, sizeof functions / sizeof *functions);
    if (!m) return V_NULL;
    XML_Expat_Version v = XML_ExpatVersionInfo();
    bool ok = module_set(t, m, "ExpatError", type_ref(&expat_error)) && module_set(t, m, "error", type_ref(&expat_error)) &&
              module_set(t, m, "XMLParserType", type_ref(&type_expat_parser)) && module_set(t, m, "EXPAT_VERSION", str_from_cstr(t, XML_ExpatVersion())) &&
              module_set(t, m, "version_info", tuple_pack(t, 3, from_int62(v.major), from_int62(v.minor), from_int62(v.micro))) &&
              module_set(t, m, "native_encoding", str_from_cstr(t, "UTF-8")) && module_set(t, m, "features", features(t)) && add_numbers(t, m, parsing);
    vref e = ok ? inner_module(t, m, "pyexpat.errors", "errors", "What expat complains of.") : V_NULL;
    vref c = e && add_errors(t, e) ? inner_module(t, m, "pyexpat.model", "model", "What content models are made of.") : V_NULL;
    if (c && add_numbers(t, c, models)) return m;
    release(t, m);
    return V_NULL;
}
