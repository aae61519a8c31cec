// SPDX-License-Identifier: Apache-2.0
// buffer_get: the memory of bytes-like objects, by their type's slot. Leaves each export to its type.
#include "interp/types/exc.h"
#include "interp/types/str.h"

bool buffer_check(vref v) { return type_of(v)->buffer != NULL; }

bool buffer_get(struct thread *t, vref v, struct buffer_view *view, bool writable) {
    struct type *c = type_of(v);
    *view = (struct buffer_view){0};
    if (!c->buffer) {
        if (writable) raise(t, &exc_TypeError, "a read-write bytes-like object is required, not '%T'", v);
        else raise(t, &exc_TypeError, "a bytes-like object is required, not '%T'", v);
        return false;
    }
    if (!c->buffer(t, v, view)) return false;
    if (!view->owner) view->owner = own(t, v); // else it passes another object's memory on
    if (writable && view->readonly) {
        buffer_release(t, view);
        raise(t, &exc_TypeError, "a read-write bytes-like object is required, not '%T'", v);
        return false;
    }
    return true;
}

void buffer_release(struct thread *t, struct buffer_view *view) {
    if (!view->owner) return;
    struct type *c = type_of(view->owner);
    if (c->buffer_drop) c->buffer_drop(t, view->owner);
    release_field(t, &view->owner);
    view->data = NULL;
}
