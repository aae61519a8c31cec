// SPDX-License-Identifier: Apache-2.0
// What the files that make up `type` share: its lock, the attribute cache, class creation, the table of slots. Leaves the outside view to object.h.
//
// THE TYPE LOCK guards subclasses, rcells, mro and bases, the slots of types made at run time, and shape transitions. It is a leaf: whoever holds it runs
// no Python code, releases nothing, takes no other lock. Values of class attributes change outside it, by slot_store on their cell. Lookups take no lock.
#ifndef KRAIT_INTERP_TYPES_TYPE_H
#define KRAIT_INTERP_TYPES_TYPE_H

#include "interp/types/descr.h"

// ---- cells.c ----
extern struct cell absent_cell;            // what an rcell points to when no class of the MRO has the name
struct rcell *rcell_new(struct thread *t); // NULL: MemoryError
void cells_start(void);

// ---- type_cache.c ----
void type_lock(void);
void type_unlock(void);
struct cell *type_find_cell(struct thread *t, struct type *c, vref name, bool *odd); // walks the MRO, runs no Python; NULL: in none of its classes, or *odd and a key that is no str hides there
bool type_link(struct thread *t, struct type *base, struct type *sub);   // enters sub among base's subclasses; false: MemoryError
void type_unlink(struct type *base, struct type *sub);
value type_subclasses(struct thread *t, struct type *c);                  // returns new list
uint32_t type_next_version(void);
int types_visit(struct interp *interp, visit_fn *visit, void *arg);        // core_hooks.visit_interp
void type_cache_free(struct thread *t, struct type *c);                   // of a dying type
uint32_t shape_for_dict(struct thread *t, struct type *c, unsigned words); // dict-mode shape of c for cells with that many words; 0: MemoryError
vref shape_key(uint32_t shape, unsigned slot);                             // name of a slot that is not a fixed one; immortal
void shape_fill_root(uint32_t id, struct type *type);                      // a fixed shape
bool shape_has_key(const struct type *c, vref name);                      // whether an instance of c may hold attribute name in a slot

// ---- type_ready.c ----
void type_inherit(struct type *c, const struct type *base);              // NULL slots and flags from the base
void type_layout(struct type *c);                                        // instance_extra, instance_size from the rest
bool type_make_shapes(struct thread *t, struct type *c);                 // root_shape and dict_shape

// ---- type_mro.c ----
value type_compute_mro(struct thread *t, struct type *c, vref bases);    // C3: returns new tuple; TypeError
value type_call_mro(struct thread *t, struct type *c);                   // honours a metaclass's mro()
struct type *type_best_base(struct thread *t, vref bases);               // NULL: layout conflict, not a type, not acceptable
struct type *type_best_meta(struct thread *t, struct type *meta, vref bases); // NULL: metaclass conflict

// ---- type_attr.c ----
value type_getattr(struct thread *t, vref self, vref name);
int type_lookup_attr(struct thread *t, vref self, vref name, value *out); // as object_lookup_attr
int type_setattr(struct thread *t, vref self, vref name, vref v);
value type_module_name(struct thread *t, struct type *c);                // returns new str; V_NULL without exception if it has none
value type_full_name(struct thread *t, struct type *c);                  // module.qualname, "builtins." left out
native_fn type_get_name, type_get_qualname, type_get_bases, type_get_module, type_get_abstractmethods, type_get_annotations, type_get_doc, type_get_mro, type_get_dict,
    type_get_base, type_get_text_signature, type_get_basicsize, type_get_itemsize, type_get_flags, type_get_dictoffset, type_get_weakrefoffset;
const char *type_doc_text(const struct type *c); // its doc without the signature in front
typedef int type_set_fn(struct thread *t, vref self, vref v);
type_set_fn type_set_name_attr, type_set_qualname_attr, type_set_bases_attr, type_set_module_attr, type_set_abstractmethods_attr, type_set_annotations_attr,
    type_set_doc_attr;

// ---- type_make.c / type_call.c ----
value type_make_native(struct thread *t, struct type *meta, const vref *args, size_t nargs, vref kwnames); // type.__new__
value type_call(struct thread *t, vref callee, const vref *args, size_t nargs, vref kwnames);
value object_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames);       // object.__new__
int object_default_init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames);
value type_check_abstract(struct thread *t, struct type *cls);           // V_NONE, or V_NULL with the TypeError that names the abstract methods

// ---- slots_table.c ----
void slots_update(struct thread *t, struct type *c);                     // all slots of a heap type from its MRO; under the type lock
void slots_update_name(struct thread *t, struct type *c, vref name);     // the slots that depend on one name; under the type lock
void slots_from_base(struct thread *t, struct type *c, const struct type *base); // slots of a new class with one base
void slots_start(void);
bool slots_add_wrappers(struct thread *t, struct type *c);               // enters wrappers for the C slots that a static type sets itself
bool slots_is_special(vref name);                                        // whether a slot depends on that dunder

#endif
