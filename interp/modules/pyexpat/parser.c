// SPDX-License-Identifier: Apache-2.0
// The parser object: made, fed, asked. Leaves what expat reports back to handlers.c.
#include "interp/modules/pyexpat/expat_module.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/words.h"

enum { CHUNK = 1 << 20, FILE_CHUNK = 2048, TEXT_ROOM = 8192 };

// ---- the lock ----

void parser_enter(struct thread *t, struct parser *p) {
    struct parser *root = p->root;
    if (atomic_load_explicit(&root->holder, memory_order_relaxed) != t) {
        lock_take(t, &root->lock);
        atomic_store_explicit(&root->holder, t, memory_order_relaxed);
    }
    root->depth++;
    p->t = t;
}
void parser_leave(struct parser *p) {
    struct parser *root = p->root;
    if (--root->depth) return;
    atomic_store_explicit(&root->holder, NULL, memory_order_relaxed);
    lock_give(&root->lock);
}

// ---- life ----

// A str or None as UTF-8 without NUL inside; *out NULL for None or what is absent.
static bool text_arg(struct thread *t, vref v, const char *what, const char **out) {
    size_t n;
    *out = NULL;
    if (!v || is_none(v)) return true;
    if (!is_str(v)) return raise(t, &exc_TypeError, "%s must be str or None, not %T", what, v), false;
    const char *s = str_utf8(t, v, &n);
    if (s && strlen(s) != n) return raise(t, &exc_ValueError, "embedded null character"), false;
    *out = s;
    return s != NULL;
}

// takes intern.
static value parser_new(struct thread *t, value intern) {
    value v = object_new_instance(t, &type_expat_parser);
    if (!v) {
        release_opt(t, intern);
        return V_NULL;
    }
    struct parser *p = as_parser(v);
    p->root = p;
    p->intern = intern;
    p->text_size = TEXT_ROOM;
    p->t = t;
    return v;
}
static value ready(struct thread *t, value v) {
    struct parser *p = as_parser(v);
    if (!p->xml) {
        release(t, v);
        return raise_no_memory(t);
    }
    XML_SetUserData(p->xml, p);
    XML_SetUnknownEncodingHandler(p->xml, handler_unknown_encoding, p);
    return v;
}

value parser_create(struct thread *t, const vref *a) { // encoding, namespace_separator, intern
    const char *encoding, *separator;
    if (!text_arg(t, a[0], "ParserCreate() argument 'encoding'", &encoding)) return V_NULL;
    if (!text_arg(t, a[1], "ParserCreate() argument 'namespace_separator'", &separator)) return V_NULL;
    if (separator && separator[0] && separator[1]) return raise(t, &exc_ValueError, "namespace_separator must be at most one character, omitted, or None");
    if (a[2] && !is_none(a[2]) && !is_dict(a[2])) return raise(t, &exc_TypeError, "intern must be a dictionary");
    value intern = !a[2] ? dict_new(t) : is_none(a[2]) ? V_NULL : own(t, a[2]);
    if (!intern && raised(t)) return V_NULL;
    value v = parser_new(t, intern);
    if (!v) return V_NULL;
    as_parser(v)->xml = XML_ParserCreate_MM(encoding, NULL, separator);
    return ready(t, v);
}

static void clear(struct thread *t, struct object *o) {
    for (int h = 0; h < EXPAT_HANDLER_COUNT; h++) release_field(t, &((struct parser *)o)->handlers[h]);
}
static void destroy(struct thread *t, struct object *o) {
    struct parser *p = (struct parser *)o;
    clear(t, o);
    if (p->xml) XML_ParserFree(p->xml);
    if (p->text) mem_free(t, p->text, (size_t)p->text_size);
    p->xml = NULL;
    p->text = NULL;
    release_field(t, &p->intern);
    release_field(t, &p->parent);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct parser *p = (struct parser *)o;
    int r = p->intern ? visit(p->intern, arg) : 0;
    if (!r && p->parent) r = visit(p->parent, arg);
    for (int h = 0; !r && h < EXPAT_HANDLER_COUNT; h++) r = p->handlers[h] ? visit(p->handlers[h], arg) : 0;
    return r;
}

// ---- reading ----

static bool begin(struct thread *t, struct parser *p) {
    parser_enter(t, p);
    if (!p->parsing) return p->parsing = true;
    parser_leave(p);
    raise(t, &exc_RuntimeError, "a parser cannot be fed from one of its own handlers");
    return false;
}
// What a call of expat came to; ends what begin began.
static value end(struct thread *t, struct parser *p, enum XML_Status status) {
    value r = V_NULL;
    if (raised(t)) {}
    else if (status == XML_STATUS_ERROR) expat_raise(t, p);
    else if (handler_flush(p)) r = from_int62((int64_t)status);
    p->parsing = false;
    parser_leave(p);
    return r;
}
static enum XML_Status feed(struct thread *t, struct parser *p, const uint8_t *s, size_t n, bool final) {
    enum XML_Status status = XML_STATUS_OK;
    for (; status == XML_STATUS_OK && n > CHUNK; n -= CHUNK, s += CHUNK) {
        status = XML_Parse(p->xml, (const char *)s, CHUNK, false);
        if (raised(t) || !safepoint_poll(t)) return XML_STATUS_ERROR;
    }
    return status == XML_STATUS_OK ? XML_Parse(p->xml, (const char *)s, (int)n, final) : status;
}

static value m_parse(struct thread *t, const vref *a) { // data, isfinal
    struct parser *p = as_parser(a[0]);
    struct buffer_view view = {0};
    int final = a[2] ? object_truth(t, a[2]) : 0;
    if (final < 0) return V_NULL;
    if (is_str(a[1])) view.data = (uint8_t *)(uintptr_t)str_utf8(t, a[1], &view.length);
    else if (!buffer_get(t, a[1], &view, false)) return V_NULL;
    if (raised(t)) return V_NULL;
    value r = V_NULL;
    if (begin(t, p)) {
        if (is_str(a[1])) XML_SetEncoding(p->xml, "utf-8");
        r = end(t, p, feed(t, p, view.data ? view.data : (const uint8_t *)"", view.length, final));
    }
    if (!is_str(a[1])) buffer_release(t, &view);
    return r;
}

// Reads the next piece of a file into expat's buffer: its bytes, -1 for an exception.
static int read_piece(struct thread *t, struct parser *p, vref read) {
    char *to = XML_GetBuffer(p->xml, FILE_CHUNK);
    if (!to) return XML_GetErrorCode(p->xml) == XML_ERROR_NO_MEMORY ? raise_no_memory(t) : expat_raise(t, p), -1;
    value piece = object_call1(t, read, from_int62(FILE_CHUNK));
    if (!piece) return -1;
    int n = -1;
    if (!is_bytes(piece) && !is_bytearray(piece)) raise(t, &exc_TypeError, "read() did not return a bytes object (type=%T)", piece);
    else {
        struct buffer_view view;
        if (buffer_get(t, piece, &view, false)) {
            if (view.length > FILE_CHUNK) raise(t, &exc_ValueError, "read() returned too much data: %d bytes requested, %zu returned", FILE_CHUNK, view.length);
            else memcpy(to, view.data, (size_t)(n = (int)view.length));
            buffer_release(t, &view);
        }
    }
    release(t, piece);
    return n;
}
static value m_parse_file(struct thread *t, const vref *a) { // file
    struct parser *p = as_parser(a[0]);
    value read = V_NULL, name = str_intern_cstr(t, "read");
    int found = name ? object_lookup_attr(t, a[1], name, &read) : -1;
    if (found == 0) return raise(t, &exc_TypeError, "argument must have 'read' attribute");
    if (found < 0 || !begin(t, p)) return release_opt(t, read), V_NULL;
    enum XML_Status status = XML_STATUS_OK;
    int n;
    do {
        n = read_piece(t, p, read);
        if (n >= 0) status = XML_ParseBuffer(p->xml, n, n == 0);
    } while (n > 0 && status == XML_STATUS_OK && !raised(t));
    release(t, read);
    return end(t, p, status);
}

// ---- other methods ----

static value m_set_base(struct thread *t, const vref *a) { // base
    const char *base;
    struct parser *p = as_parser(a[0]);
    if (!is_str(a[1])) return raise(t, &exc_TypeError, "SetBase() argument must be str, not %T", a[1]);
    if (!text_arg(t, a[1], "SetBase() argument", &base)) return V_NULL;
    parser_enter(t, p);
    bool ok = XML_SetBase(p->xml, base) == XML_STATUS_OK;
    parser_leave(p);
    return ok ? V_NONE : raise_no_memory(t);
}
static value m_get_base(struct thread *t, const vref *a) {
    struct parser *p = as_parser(a[0]);
    parser_enter(t, p);
    const char *base = XML_GetBase(p->xml);
    value v = base ? str_from_cstr(t, base) : V_NONE;
    parser_leave(p);
    return v;
}
static value m_get_input_context(struct thread *t, const vref *a) {
    struct parser *p = as_parser(a[0]);
    int offset, size;
    parser_enter(t, p);
    const char *s = p->in_callback ? XML_GetInputContext(p->xml, &offset, &size) : NULL;
    value v = s ? bytes_new(t, s + offset, (size_t)(size - offset)) : V_NONE;
    parser_leave(p);
    return v;
}
static value m_set_param_entity_parsing(struct thread *t, const vref *a) { // flag
    struct parser *p = as_parser(a[0]);
    int64_t flag;
    if (!object_as_index(t, a[1], &flag)) return V_NULL;
    parser_enter(t, p);
    int r = XML_SetParamEntityParsing(p->xml, (enum XML_ParamEntityParsing)flag);
    parser_leave(p);
    return from_int62(r);
}
static value m_use_foreign_dtd(struct thread *t, const vref *a) { // flag
    struct parser *p = as_parser(a[0]);
    int flag = a[1] ? object_truth(t, a[1]) : 1;
    if (flag < 0) return V_NULL;
    parser_enter(t, p);
    bool ok = XML_UseForeignDTD(p->xml, (XML_Bool)flag) == XML_ERROR_NONE;
    value r = ok ? V_NONE : expat_raise(t, p);
    parser_leave(p);
    return r;
}

// The child of p, inside p's lock: its handlers and settings, its tables.
static value make_child(struct thread *t, vref self, const char *context, const char *encoding) {
    struct parser *p = as_parser(self);
    value v = parser_new(t, p->intern ? own(t, p->intern) : V_NULL);
    if (!v) return V_NULL;
    struct parser *c = as_parser(v);
    c->parent = own(t, self);
    c->root = p->root;
    c->text_size = p->text_size;
    c->ordered = p->ordered;
    c->specified = p->specified;
    c->prefixes = p->prefixes;
    c->text = p->text ? mem_alloc(t, (size_t)p->text_size) : NULL;
    c->xml = p->text && !c->text ? NULL : XML_ExternalEntityParserCreate(p->xml, context, encoding);
    for (int h = 0; h < EXPAT_HANDLER_COUNT; h++) c->handlers[h] = field_load(t, &p->handlers[h]);
    v = ready(t, v);
    if (v) handlers_install(as_parser(v));
    return v;
}
static value m_external_entity_parser_create(struct thread *t, const vref *a) { // context, encoding
    const char *context, *encoding;
    if (!text_arg(t, a[1], "ExternalEntityParserCreate() argument 1", &context)) return V_NULL;
    if (a[2] && !is_str(a[2])) return raise(t, &exc_TypeError, "ExternalEntityParserCreate() argument 2 must be str, not %T", a[2]);
    if (!text_arg(t, a[2], "ExternalEntityParserCreate() argument 2", &encoding)) return V_NULL;
    struct parser *p = as_parser(a[0]);
    parser_enter(t, p);
    value v = make_child(t, a[0], context, encoding);
    parser_leave(p);
    return v;
}

// ---- attributes ----

#define POSITION(name, ask)                                        \
    static value get_##name(struct thread *t, const vref *a) {     \
        struct parser *p = as_parser(a[0]);                        \
        parser_enter(t, p);                                        \
        int64_t n = (int64_t)ask(p->xml);                          \
        parser_leave(p);                                           \
        return from_int62(n);                                      \
    }
POSITION(error, XML_GetErrorCode)
POSITION(line, XML_GetCurrentLineNumber)
POSITION(column, XML_GetCurrentColumnNumber)
POSITION(index, XML_GetCurrentByteIndex)
#undef POSITION

static int no_delete(struct thread *t, vref v) {
    if (v) return 0;
    raise(t, &exc_RuntimeError, "Cannot delete attribute");
    return -1;
}

static int set_handler(struct thread *t, vref self, vref v, enum expat_handler h) {
    struct parser *p = as_parser(self);
    if (no_delete(t, v)) return -1;
    parser_enter(t, p);
    bool ok = h != EXPAT_CharacterDataHandler || handler_flush(p);
    if (ok) handler_set(p, h, v);
    parser_leave(p);
    return ok ? 0 : -1;
}
static value get_handler(struct thread *t, vref self, enum expat_handler h) {
    value v = field_load(t, &as_parser(self)->handlers[h]);
    return v ? v : V_NONE;
}
#define X(name)                                                                                                                        \
    static value get_##name(struct thread *t, const vref *a) { return get_handler(t, a[0], EXPAT_##name); }                              \
    static int set_##name(struct thread *t, vref self, vref v) { return set_handler(t, self, v, EXPAT_##name); }
EXPAT_HANDLERS(X)
#undef X

#define SWITCH(name)                                                                                                   \
    static value get_##name(struct thread *t, const vref *a) { return from_bool(as_parser(a[0])->name); }               \
    static int set_##name(struct thread *t, vref self, vref v) {                                                       \
        struct parser *p = as_parser(self);                                                                            \
        int on = no_delete(t, v) ? -1 : object_truth(t, v);                                                            \
        if (on < 0) return -1;                                                                                         \
        parser_enter(t, p);                                                                                            \
        p->name = on;                                                                                                  \
        XML_SetReturnNSTriplet(p->xml, p->prefixes);                                                                   \
        parser_leave(p);                                                                                               \
        return 0;                                                                                                      \
    }
SWITCH(ordered)
SWITCH(specified)
SWITCH(prefixes)
#undef SWITCH

// Another buffer, of n bytes (0: none); what the old one held is handed over first.
static bool new_buffer(struct thread *t, struct parser *p, int n) {
    if (!handler_flush(p)) return false;
    char *text = n ? mem_alloc(t, (size_t)n) : NULL;
    if (n && !text) return raise_no_memory(t), false;
    if (p->text) mem_free(t, p->text, (size_t)p->text_size);
    p->text = text;
    if (n) p->text_size = n;
    p->text_used = 0;
    return true;
}
static value get_buffer_text(struct thread *t, const vref *a) {
    struct parser *p = as_parser(a[0]);
    parser_enter(t, p);
    bool on = p->text != NULL;
    parser_leave(p);
    return from_bool(on);
}
static int set_buffer_text(struct thread *t, vref self, vref v) {
    struct parser *p = as_parser(self);
    int on = no_delete(t, v) ? -1 : object_truth(t, v);
    if (on < 0) return -1;
    parser_enter(t, p);
    bool ok = (p->text != NULL) == on || new_buffer(t, p, on ? p->text_size : 0);
    parser_leave(p);
    return ok ? 0 : -1;
}
static value number(struct thread *t, struct parser *p, const int *field) {
    parser_enter(t, p);
    int n = *field;
    parser_leave(p);
    return from_int62(n);
}
static value get_buffer_size(struct thread *t, const vref *a) { return number(t, as_parser(a[0]), &as_parser(a[0])->text_size); }
static int set_buffer_size(struct thread *t, vref self, vref v) {
    struct parser *p = as_parser(self);
    int64_t n;
    if (no_delete(t, v)) return -1;
    if (!is_instance(v, &type_int)) return raise(t, &exc_TypeError, "buffer_size must be an integer"), -1;
    if (!int_as_i64(t, v, &n)) return -1;
    if (n <= 0) return raise(t, &exc_ValueError, "buffer_size must be greater than zero"), -1;
    if (n > INT32_MAX) return raise(t, &exc_ValueError, "buffer_size must not be greater than %d", INT32_MAX), -1;
    parser_enter(t, p);
    bool ok = true;
    if (n != p->text_size && p->text) ok = new_buffer(t, p, (int)n);
    else p->text_size = (int)n;
    parser_leave(p);
    return ok ? 0 : -1;
}
static value get_buffer_used(struct thread *t, const vref *a) { return number(t, as_parser(a[0]), &as_parser(a[0])->text_used); }

static const struct native natives[] = {
    {"Parse", NATIVE_METHOD, "($self, data, isfinal=False, /)", .fn = m_parse, .doc = "Reads data, calling the handlers; isfinal says that no more will come."},
    {"ParseFile", NATIVE_METHOD, "($self, file, /)", .fn = m_parse_file, .doc = "Reads all that file.read() gives."},
    {"SetBase", NATIVE_METHOD, "($self, base, /)", .fn = m_set_base, .doc = "Says what system identifiers are relative to."},
    {"GetBase", NATIVE_METHOD, "($self, /)", .fn = m_get_base, .doc = "What SetBase was given, or None."},
    {"GetInputContext", NATIVE_METHOD, "($self, /)", .fn = m_get_input_context, .doc = "Inside a handler: the input around the event, from its start on; else None."},
    {"ExternalEntityParserCreate", NATIVE_METHOD, "($self, context, encoding=<unrepresentable>,\n                           /)", .fn = m_external_entity_parser_create,
     .doc = "A parser for an external entity, with the same handlers; context is what the handler was given."},
    {"SetParamEntityParsing", NATIVE_METHOD, "($self, flag, /)", .fn = m_set_param_entity_parsing,
     .doc = "Whether parameter entities and the external subset are read: one of the XML_PARAM_ENTITY_PARSING_ constants. True if that could be set."},
    {"UseForeignDTD", NATIVE_METHOD, "($self, flag=True, /)", .fn = m_use_foreign_dtd, .doc = "Asks ExternalEntityRefHandler for a document type even where the document names none."},
#define X(name) {#name, NATIVE_GETSET, .fn = get_##name, .set = set_##name},
    EXPAT_HANDLERS(X)
#undef X
    {"ErrorCode", NATIVE_GETSET, .fn = get_error}, {"ErrorLineNumber", NATIVE_GETSET, .fn = get_line}, {"ErrorColumnNumber", NATIVE_GETSET, .fn = get_column},
    {"ErrorByteIndex", NATIVE_GETSET, .fn = get_index}, {"CurrentLineNumber", NATIVE_GETSET, .fn = get_line},
    {"CurrentColumnNumber", NATIVE_GETSET, .fn = get_column}, {"CurrentByteIndex", NATIVE_GETSET, .fn = get_index},
    {"buffer_size", NATIVE_GETSET, .fn = get_buffer_size, .set = set_buffer_size}, {"buffer_text", NATIVE_GETSET, .fn = get_buffer_text, .set = set_buffer_text},
    {"buffer_used", NATIVE_GETSET, .fn = get_buffer_used}, {"intern", NATIVE_MEMBER, .offset = offsetof(struct parser, intern)},
    {"namespace_prefixes", NATIVE_GETSET, .fn = get_prefixes, .set = set_prefixes}, {"ordered_attributes", NATIVE_GETSET, .fn = get_ordered, .set = set_ordered},
    {"specified_attributes", NATIVE_GETSET, .fn = get_specified, .set = set_specified},
    {.name = NULL},
};
struct type type_expat_parser = {
    .name = "xmlparser", .module = "pyexpat", .doc = "Reads XML by expat and calls handlers.", .base = &type_object, .flags = TYPE_GC | TYPE_NO_NEW,
    .basicsize = sizeof(struct parser), .natives = natives, .destroy = destroy, .clear = clear, .traverse = traverse,
};
