// SPDX-License-Identifier: Apache-2.0
// What the files of the module pyexpat share: the parser object and the list of its handlers. Leaves reading XML to the library expat.
//
// LOCKING. A parser locks itself from parser_enter to parser_leave, also while its handlers run: another thread that wants the same parser waits, detached. The
// holder may come in again (a handler that asks for the line number). A parser for an external entity shares tables with the one that it was made of, so they
// share the lock of the first: `root`. The handlers are slots that anybody may read without it.
//
// ERRORS. The first exception of a handler takes all handlers away and stops expat; what called the parser raises it.
#ifndef KRAIT_INTERP_MODULES_PYEXPAT_EXPAT_MODULE_H
#define KRAIT_INTERP_MODULES_PYEXPAT_EXPAT_MODULE_H

#include "interp/core/lock.h"
#include "interp/types/str.h"

#include <expat.h>

// Every attribute that takes a handler. expat has a function XML_Set… of the same name for each.
#define EXPAT_HANDLERS(X)                                                                                                                      \
    X(StartElementHandler) X(EndElementHandler) X(ProcessingInstructionHandler) X(CharacterDataHandler) X(UnparsedEntityDeclHandler)             \
    X(NotationDeclHandler) X(StartNamespaceDeclHandler) X(EndNamespaceDeclHandler) X(CommentHandler) X(StartCdataSectionHandler)                 \
    X(EndCdataSectionHandler) X(DefaultHandler) X(DefaultHandlerExpand) X(NotStandaloneHandler) X(ExternalEntityRefHandler)                     \
    X(StartDoctypeDeclHandler) X(EndDoctypeDeclHandler) X(EntityDeclHandler) X(XmlDeclHandler) X(ElementDeclHandler) X(AttlistDeclHandler)       \
    X(SkippedEntityHandler)
enum expat_handler {
#define X(name) EXPAT_##name,
    EXPAT_HANDLERS(X)
#undef X
    EXPAT_HANDLER_COUNT
};

struct parser {
    struct object head;
    struct lock lock;                     // of a root: guards expat's state and what stands below
    struct thread *_Atomic holder;        // of a root: who has the lock
    unsigned depth;                       // of a root: how often
    struct parser *root;                  // itself, or backlink that `parent` keeps alive
    value parent;                         // owned: the parser that this one, for an external entity, was made of; or V_NULL
    value intern;                         // owned dict of names, or V_NULL: none is kept. Immutable
    value handlers[EXPAT_HANDLER_COUNT];  // owned or V_NULL; slots
    XML_Parser xml;
    struct thread *t;                     // who is inside
    char *text;                           // buffer_text: characters not yet handed over; NULL: off
    int text_used, text_size;
    bool ordered, specified, prefixes;    // attributes of the same names
    bool parsing, in_callback;
};
extern struct type type_expat_parser, expat_error;
static inline struct parser *as_parser(vref v) { return (struct parser *)as_object(v); }

void parser_enter(struct thread *t, struct parser *p); // may wait, detached
void parser_leave(struct parser *p);
value parser_create(struct thread *t, const vref *a);  // the function ParserCreate
value expat_raise(struct thread *t, struct parser *p); // ExpatError for what expat found. Always V_NULL

// handlers.c. All of them inside the lock.
bool handler_flush(struct parser *p) MUST_CHECK;       // hands over the characters in `text`; false: exception
void handler_set(struct parser *p, enum expat_handler h, vref f_or_none);
void handlers_install(struct parser *p);               // tells expat of every handler that is set
int handler_unknown_encoding(void *data, const XML_Char *name, XML_Encoding *info);

#endif
