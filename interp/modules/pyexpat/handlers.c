// SPDX-License-Identifier: Apache-2.0
// From expat's callbacks to Python's handlers: arguments made, names interned, characters gathered. Leaves the parser object to parser.c.
#include "interp/modules/pyexpat/expat_module.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/words.h"

static bool has_handler(const struct parser *p, enum expat_handler h) { return atomic_load_explicit((_Atomic value *)(uintptr_t)&p->handlers[h], memory_order_relaxed) != V_NULL; }

// ---- texts ----

static value text_of(struct parser *p, const XML_Char *s) { return s ? str_from_utf8(p->t, s, strlen(s)) : V_NONE; }

// The same str for the same name each time, by the parser's dict.
static value name_of(struct parser *p, const XML_Char *s) {
    value v = text_of(p, s);
    if (!v || !p->intern) return v;
    value known = dict_setdefault(p->t, p->intern, v, v);
    release(p->t, v);
    return known;
}

// ---- calling ----

static int refuse_entity(XML_Parser xml, const XML_Char *context, const XML_Char *base, const XML_Char *system, const XML_Char *public) { return 0; }

// An exception is pending: nobody is called any more.
static void give_up(struct parser *p) {
    for (int h = 0; h < EXPAT_HANDLER_COUNT; h++)
        if (has_handler(p, h)) handler_set(p, h, V_NONE);
    XML_SetExternalEntityRefHandler(p->xml, refuse_entity);
    XML_StopParser(p->xml, XML_FALSE);
}

// Calls handler h with the words in args, which it takes; one that is V_NULL is an exception. returns new; V_NULL: exception, or nobody to call.
static value call(struct parser *p, enum expat_handler h, value *args, size_t n) {
    struct thread *t = p->t;
    bool ok = !raised(t);
    for (size_t i = 0; i < n; i++) ok = ok && args[i];
    value f = ok ? field_load(t, &p->handlers[h]) : V_NULL, r = V_NULL;
    if (f) {
        bool outer = p->in_callback;
        p->in_callback = true;
        r = object_call(t, f, args, n, V_NULL);
        p->in_callback = outer;
        p->t = t;
        release(t, f);
    }
    for (size_t i = 0; i < n; i++) release_opt(t, args[i]);
    if (raised(t)) give_up(p);
    return r;
}
static void call_only(struct parser *p, enum expat_handler h, value *args, size_t n) { release_opt(p->t, call(p, h, args, n)); }
// Of handlers that answer with a number; 0 for an exception.
static int call_int(struct parser *p, enum expat_handler h, value *args, size_t n) {
    value r = call(p, h, args, n);
    int64_t i = 0;
    if (!r) return 0;
    if (!object_as_index(p->t, r, &i)) give_up(p);
    release(p->t, r);
    return raised(p->t) ? 0 : (int)i;
}

static void call_text(struct parser *p, const char *s, int n) { call_only(p, EXPAT_CharacterDataHandler, (value[]){str_from_utf8(p->t, s, (size_t)n)}, 1); }

bool handler_flush(struct parser *p) {
    int n = p->text_used;
    if (!p->text || !n) return !raised(p->t);
    p->text_used = 0;
    if (has_handler(p, EXPAT_CharacterDataHandler)) call_text(p, p->text, n);
    return !raised(p->t);
}

// Before any other handler is called: what came first is handed over first. false: leave it.
static bool ready(struct parser *p, enum expat_handler h) { return !raised(p->t) && has_handler(p, h) && handler_flush(p); }

// ---- elements and text ----

static value attributes(struct parser *p, const XML_Char **at) {
    struct thread *t = p->t;
    int n = p->specified ? XML_GetSpecifiedAttributeCount(p->xml) : 0;
    while (!p->specified && at[n]) n += 2;
    value all = p->ordered ? list_new(t, (size_t)n) : dict_new(t);
    for (int i = 0; all && i < n; i += 2) {
        value name = name_of(p, at[i]), v = name ? text_of(p, at[i + 1]) : V_NULL;
        bool ok = v && (p->ordered ? list_append(t, all, name) && list_append(t, all, v) : dict_set(t, all, name, v));
        release_opt(t, name);
        release_opt(t, v);
        if (!ok) release_field(t, &all);
    }
    return all;
}

static void on_StartElementHandler(void *data, const XML_Char *name, const XML_Char **at) {
    struct parser *p = data;
    if (!ready(p, EXPAT_StartElementHandler)) return;
    value v = name_of(p, name);
    call_only(p, EXPAT_StartElementHandler, (value[]){v, v ? attributes(p, at) : V_NULL}, 2);
}
static void on_EndElementHandler(void *data, const XML_Char *name) {
    struct parser *p = data;
    if (ready(p, EXPAT_EndElementHandler)) call_only(p, EXPAT_EndElementHandler, (value[]){name_of(p, name)}, 1);
}
static void on_CharacterDataHandler(void *data, const XML_Char *s, int n) {
    struct parser *p = data;
    if (raised(p->t)) return;
    if (!p->text) {
        call_text(p, s, n);
        return;
    }
    if (p->text_used + n > p->text_size && (!handler_flush(p) || !has_handler(p, EXPAT_CharacterDataHandler))) return;
    if (!p->text || n > p->text_size) {
        call_text(p, s, n);
        return;
    }
    memcpy(p->text + p->text_used, s, (size_t)n);
    p->text_used += n;
}
static void ignore_text(void *data, const XML_Char *s, int n) {}

static void on_ProcessingInstructionHandler(void *data, const XML_Char *target, const XML_Char *s) {
    struct parser *p = data;
    if (ready(p, EXPAT_ProcessingInstructionHandler)) call_only(p, EXPAT_ProcessingInstructionHandler, (value[]){name_of(p, target), text_of(p, s)}, 2);
}
static void on_CommentHandler(void *data, const XML_Char *s) {
    struct parser *p = data;
    if (ready(p, EXPAT_CommentHandler)) call_only(p, EXPAT_CommentHandler, (value[]){text_of(p, s)}, 1);
}
static void on_StartCdataSectionHandler(void *data) {
    struct parser *p = data;
    if (ready(p, EXPAT_StartCdataSectionHandler)) call_only(p, EXPAT_StartCdataSectionHandler, NULL, 0);
}
static void on_EndCdataSectionHandler(void *data) {
    struct parser *p = data;
    if (ready(p, EXPAT_EndCdataSectionHandler)) call_only(p, EXPAT_EndCdataSectionHandler, NULL, 0);
}
static void on_DefaultHandler(void *data, const XML_Char *s, int n) {
    struct parser *p = data;
    if (ready(p, EXPAT_DefaultHandler)) call_only(p, EXPAT_DefaultHandler, (value[]){str_from_utf8(p->t, s, (size_t)n)}, 1);
}
static void on_DefaultHandlerExpand(void *data, const XML_Char *s, int n) {
    struct parser *p = data;
    if (ready(p, EXPAT_DefaultHandlerExpand)) call_only(p, EXPAT_DefaultHandlerExpand, (value[]){str_from_utf8(p->t, s, (size_t)n)}, 1);
}

// ---- namespaces ----

static void on_StartNamespaceDeclHandler(void *data, const XML_Char *prefix, const XML_Char *uri) {
    struct parser *p = data;
    if (ready(p, EXPAT_StartNamespaceDeclHandler)) call_only(p, EXPAT_StartNamespaceDeclHandler, (value[]){name_of(p, prefix), name_of(p, uri)}, 2);
}
static void on_EndNamespaceDeclHandler(void *data, const XML_Char *prefix) {
    struct parser *p = data;
    if (ready(p, EXPAT_EndNamespaceDeclHandler)) call_only(p, EXPAT_EndNamespaceDeclHandler, (value[]){name_of(p, prefix)}, 1);
}

// ---- the document type ----

static void on_UnparsedEntityDeclHandler(void *data, const XML_Char *name, const XML_Char *base, const XML_Char *system, const XML_Char *public, const XML_Char *notation) {
    struct parser *p = data;
    if (ready(p, EXPAT_UnparsedEntityDeclHandler))
        call_only(p, EXPAT_UnparsedEntityDeclHandler, (value[]){name_of(p, name), name_of(p, base), name_of(p, system), name_of(p, public), name_of(p, notation)}, 5);
}
static void on_NotationDeclHandler(void *data, const XML_Char *name, const XML_Char *base, const XML_Char *system, const XML_Char *public) {
    struct parser *p = data;
    if (ready(p, EXPAT_NotationDeclHandler))
        call_only(p, EXPAT_NotationDeclHandler, (value[]){name_of(p, name), name_of(p, base), name_of(p, system), name_of(p, public)}, 4);
}
static int on_NotStandaloneHandler(void *data) {
    struct parser *p = data;
    return ready(p, EXPAT_NotStandaloneHandler) ? call_int(p, EXPAT_NotStandaloneHandler, NULL, 0) : 0;
}
static int on_ExternalEntityRefHandler(XML_Parser xml, const XML_Char *context, const XML_Char *base, const XML_Char *system, const XML_Char *public) {
    struct parser *p = XML_GetUserData(xml);
    if (!ready(p, EXPAT_ExternalEntityRefHandler)) return 0;
    return call_int(p, EXPAT_ExternalEntityRefHandler, (value[]){text_of(p, context), name_of(p, base), name_of(p, system), name_of(p, public)}, 4);
}
static void on_StartDoctypeDeclHandler(void *data, const XML_Char *name, const XML_Char *system, const XML_Char *public, int internal_subset) {
    struct parser *p = data;
    if (ready(p, EXPAT_StartDoctypeDeclHandler))
        call_only(p, EXPAT_StartDoctypeDeclHandler, (value[]){name_of(p, name), name_of(p, system), name_of(p, public), from_int62(internal_subset)}, 4);
}
static void on_EndDoctypeDeclHandler(void *data) {
    struct parser *p = data;
    if (ready(p, EXPAT_EndDoctypeDeclHandler)) call_only(p, EXPAT_EndDoctypeDeclHandler, NULL, 0);
}
static void on_EntityDeclHandler(void *data, const XML_Char *name, int parameter, const XML_Char *text, int n, const XML_Char *base, const XML_Char *system,
                                 const XML_Char *public, const XML_Char *notation) {
    struct parser *p = data;
    if (!ready(p, EXPAT_EntityDeclHandler)) return;
    value v = text ? str_from_utf8(p->t, text, (size_t)n) : V_NONE;
    call_only(p, EXPAT_EntityDeclHandler,
              (value[]){name_of(p, name), from_int62(parameter), v, name_of(p, base), name_of(p, system), name_of(p, public), name_of(p, notation)}, 7);
}
static void on_SkippedEntityHandler(void *data, const XML_Char *name, int parameter) {
    struct parser *p = data;
    if (ready(p, EXPAT_SkippedEntityHandler)) call_only(p, EXPAT_SkippedEntityHandler, (value[]){name_of(p, name), from_int62(parameter)}, 2);
}
static void on_XmlDeclHandler(void *data, const XML_Char *version, const XML_Char *encoding, int standalone) {
    struct parser *p = data;
    if (ready(p, EXPAT_XmlDeclHandler)) call_only(p, EXPAT_XmlDeclHandler, (value[]){text_of(p, version), text_of(p, encoding), from_int62(standalone)}, 3);
}
static void on_AttlistDeclHandler(void *data, const XML_Char *element, const XML_Char *name, const XML_Char *type, const XML_Char *fallback, int required) {
    struct parser *p = data;
    if (ready(p, EXPAT_AttlistDeclHandler))
        call_only(p, EXPAT_AttlistDeclHandler, (value[]){name_of(p, element), name_of(p, name), text_of(p, type), text_of(p, fallback), from_int62(required)}, 5);
}

// (type, quantifier, name, (children...)) for a content model.
static value model_of(struct parser *p, const XML_Content *model) {
    struct thread *t = p->t;
    if (!recursion_enter(t, " in a content model")) return V_NULL;
    value children = tuple_new(t, model->numchildren), name = V_NULL, r = V_NULL;
    for (unsigned i = 0; children && i < model->numchildren; i++) {
        value c = model_of(p, &model->children[i]);
        if (c) as_tuple(children)->at[i] = c;
        else release_field(t, &children);
    }
    if (children) name = text_of(p, model->name);
    if (name) r = tuple_pack(t, 4, from_int62((int64_t)model->type), from_int62((int64_t)model->quant), name, children);
    release_opt(t, children);
    release_opt(t, name);
    recursion_leave(t);
    return r;
}
static void on_ElementDeclHandler(void *data, const XML_Char *name, XML_Content *model) {
    struct parser *p = data;
    if (ready(p, EXPAT_ElementDeclHandler)) {
        value m = model_of(p, model);
        call_only(p, EXPAT_ElementDeclHandler, m ? (value[]){name_of(p, name), m} : (value[]){V_NULL, V_NULL}, 2);
    }
    XML_FreeContentModel(p->xml, model);
}

// ---- encodings that expat does not know: any that maps each byte to one character ----

int handler_unknown_encoding(void *data, const XML_Char *name, XML_Encoding *info) {
    struct parser *p = data;
    struct thread *t = p->t;
    uint8_t every[256];
    if (raised(t)) return XML_STATUS_ERROR;
    for (int i = 0; i < 256; i++) every[i] = (uint8_t)i;
    value s = str_decode(t, every, 256, name, "replace");
    if (s && as_str(s)->length != 256) raise(t, &exc_ValueError, "multi-byte encodings are not supported");
    for (size_t i = 0; s && !raised(t) && i < 256; i++) {
        uint32_t c = str_at(as_str(s), i);
        info->map[i] = c == 0xfffd ? -1 : (int)c;
    }
    info->data = NULL;
    info->convert = NULL;
    info->release = NULL;
    release_opt(t, s);
    return raised(t) ? XML_STATUS_ERROR : XML_STATUS_OK;
}

// ---- who is called ----

static void install(struct parser *p, enum expat_handler h, bool on) {
    switch (h) {
#define X(name)                                                 \
    case EXPAT_##name: XML_Set##name(p->xml, on ? on_##name : NULL); return;
        EXPAT_HANDLERS(X)
#undef X
    case EXPAT_HANDLER_COUNT: break;
    }
}

void handlers_install(struct parser *p) {
    for (int h = 0; h < EXPAT_HANDLER_COUNT; h++)
        if (has_handler(p, h)) install(p, h, true);
}

void handler_set(struct parser *p, enum expat_handler h, vref f) {
    if (!is_none(f)) install(p, h, true);
    else if (h == EXPAT_CharacterDataHandler && p->in_callback) XML_SetCharacterDataHandler(p->xml, ignore_text); // expat may be about to call it
    else install(p, h, false);
    field_store(p->t, &p->head, &p->handlers[h], is_none(f) ? V_NULL : own(p->t, f));
}
