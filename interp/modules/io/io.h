// SPDX-License-Identifier: Apache-2.0
// The module _io: what its files share. Leaves the standard streams' place in sys to sys.c, finding files on a path to whoever opens them.
//
// THREE LAYERS, each a Python object that the next one holds:
//
//     FileIO (raw: a descriptor)  ←  BufferedReader/Writer/Random (bytes)  ←  TextIOWrapper (text)        BytesIO, StringIO: memory
//
// Any layer may be a class written in Python, so a layer talks to the one below by calling its methods, except when that one is exactly our own
// type: then it calls the C function behind it. All of them inherit the mixin methods of _IOBase, whose `__del__` closes what was left open.
//
// LOCKS. Buffered objects and text wrappers have an io_lock that belongs to a thread, not to a call: it is held over calls into the layer below, which may run
// Python code or block in the system. Order: text, then buffered. A thread that meets its own lock (a signal handler or a finalizer that prints while it
// prints) goes on in a text wrapper, whose state is whole before every call out, and gets RuntimeError from a buffered object. Waiting for the lock detaches. A lock whose
// holder did not survive a fork is free. Memory streams have a plain struct lock, under which no Python code runs.
// Blocking system calls are made detached; EINTR looks at the safepoint and tries again.
//
// Fields marked "guarded" belong to the holder of the object's lock. Words that a getter may read from another thread are stored by slot_store.
#ifndef KRAIT_INTERP_MODULES_IO_IO_H
#define KRAIT_INTERP_MODULES_IO_IO_H

#include "interp/core/lock.h"
#include "interp/types/exc.h"
#include "interp/types/instance.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

enum { IO_BUFFER_SIZE = 8192 };

extern struct type type_io_base, type_io_raw_base, type_io_buffered_base, type_io_text_base, type_io_file, type_io_bytes, type_io_bytes_view, type_io_reader, type_io_writer,
    type_io_random, type_io_pair, type_io_newline_decoder, type_io_decoder, type_io_text, type_io_string;
extern struct type *io_unsupported; // io.UnsupportedOperation: made by io_start, kept for good
extern value io_open_function;      // the built-in open, immortal; made by io_start

#define IO_NAMES(X)                                                                                                                          \
    X(read) X(read1) X(readall) X(readinto) X(readinto1) X(readline) X(readlines) X(write) X(flush) X(close) X(closed) X(seek) X(tell) X(truncate)  \
    X(seekable) X(readable) X(writable) X(fileno) X(isatty) X(name) X(mode) X(raw) X(peek) X(decode) X(encode) X(getstate) X(setstate) X(reset)      \
    X(incrementaldecoder) X(incrementalencoder) X(newlines) X(_dealloc_warn) X(__IOBase_closed) X(_finalizing) X(encoding) X(errors) X(extend)       \
    X(__fspath__) X(_is_text_encoding) X(__dict__) X(warnings) X(buffer) X(strict)
enum io_name {
#define X(n) IO_NAME_##n,
    IO_NAMES(X)
#undef X
    IO_NAME_COUNT
};
extern value io_names[IO_NAME_COUNT];
#define IO(n) io_names[IO_NAME_##n]

// Readies the types and names of this folder, once; sys calls it before the module is imported. false: exception.
bool io_start(struct thread *t) MUST_CHECK;
// open(): returns new. encoding, errors, newline: NULL or a C string.
value io_open(struct thread *t, vref file, const char *mode, int64_t buffering, vref encoding, vref errors, vref newline, bool closefd, vref opener);
// A standard stream over a descriptor: TextIOWrapper, or None if the descriptor is not open. returns new.
value io_standard_stream(struct thread *t, int fd, const char *encoding, const char *errors, bool unbuffered);
// file.write(text) without a method object when file is exactly a TextIOWrapper. returns new.
value io_write_text(struct thread *t, vref file, vref text);
const char *io_locale_encoding(void); // what the locale says; "utf-8" for the C locale
void io_fork_child(void);             // locks whose holders stayed in the parent are free from now on

// ---- locks ----
struct io_lock {
    _Atomic uint8_t byte;
    uint32_t depth;          // holder only
    _Atomic uint32_t era;    // how many forks lay behind when it was taken
    _Atomic uint64_t holder; // thread id, 0: free
};
enum io_lock_result { IO_LOCK_FAILED, IO_LOCK_TAKEN, IO_LOCK_NESTED };
// Waits detached. NESTED: the calling thread has it already (counted: give it back as often). FAILED: RuntimeError, only at shutdown.
enum io_lock_result io_lock_take(struct thread *t, struct io_lock *l, vref self);
void io_lock_give(struct io_lock *l);

// ---- calls and arguments (support.c) ----
value io_call0(struct thread *t, vref o, vref name);
value io_call1(struct thread *t, vref o, vref name, vref a);
bool io_discard(struct thread *t, value r);                         // takes r; false if it was V_NULL
int io_truth(struct thread *t, vref o, vref name);                  // truth of o.name(): 1 0 -1
int io_is_closed(struct thread *t, vref o);                         // truth of o.closed
bool io_size_arg(struct thread *t, vref v, int64_t *out) MUST_CHECK; // absent or None: -1. TypeError "argument should be integer or None, not 'x'"
bool io_int_arg(struct thread *t, vref v, int64_t fallback, int64_t *out) MUST_CHECK;
bool io_offset(struct thread *t, vref v, int64_t *out) MUST_CHECK;  // a position in a file: any int that fits
value io_unsupported_raise(struct thread *t, const char *what);     // UnsupportedOperation(what): V_NULL
bool io_check(struct thread *t, vref o, vref method, const char *message) MUST_CHECK; // o.readable() and its kind is True, or UnsupportedOperation
// The pending exception is set aside as `first`; a second one that came after it gets it as context. Takes first (V_NULL: none).
void io_chain(struct thread *t, value first);
bool io_retry(struct thread *t); // the pending exception is InterruptedError: cleared, safepoint passed, call again
int io_writable_member(struct thread *t, vref self, vref v); // marks a NATIVE_MEMBER that may be assigned; never called
void io_warn_unclosed(struct thread *t, vref source);        // ResourceWarning; exceptions are reported, not raised

// The lifetime of types with instance attributes: what destroy and traverse do last.
static inline void io_release_instance(struct thread *t, struct object *o) {
    if (!(object_type(o)->flags & TYPE_HEAP)) instance_release(t, o);
}
#define IO_TYPE_FLAGS (TYPE_GC | TYPE_BASE | TYPE_HAS_DICT | TYPE_HAS_WEAK | TYPE_DEL) // TYPE_DEL: _IOBase.__del__

// ---- raw files (fileio.c) ----
struct io_file {
    struct object head;
    _Atomic int fd;          // -1: closed
    bool created, readable, writable, appending, closefd;
    bool finalizing;
    _Atomic int8_t seekable; // -1: not asked yet
    int64_t block_size;
};
static inline struct io_file *as_io_file(vref v) { return (struct io_file *)as_object(v); }
static inline bool io_is_file(vref v) { return is_pointer(v) && object_type(as_object(v)) == &type_io_file; }
// read(2), write(2): the count, -1 with an exception, -2 would block. fd of an open file.
int64_t io_read_fd(struct thread *t, int fd, void *p, size_t n);
int64_t io_write_fd(struct thread *t, int fd, const void *p, size_t n);
int64_t io_file_seek(struct thread *t, struct io_file *f, int64_t offset, int whence); // -1: exception

// ---- memory that methods below may write into (support.c) ----
// Calls o.method(memory of n bytes), copies what came back to p. The count (0..n), -1 exception, -2 None.
int64_t io_read_into(struct thread *t, vref o, vref method, void *p, size_t n);

// ---- newlines (newline.c) ----
enum { SEEN_CR = 1, SEEN_LF = 2, SEEN_CRLF = 4 };
struct io_newline_decoder {
    struct object head;
    value decoder;   // owned; V_NONE: input is text already
    value errors;
    bool translate, pending_cr, ready;
    uint8_t seen;    // SEEN_
};
value io_newline_decoder_new(struct thread *t, vref decoder, bool translate);
// Decodes input by any incremental decoder: our own ones without a method call. returns new str.
value io_decode(struct thread *t, vref decoder, vref input, bool final);
// One that is built in: UTF-8, Latin-1, ASCII. V_NULL without exception: not such an encoding.
value io_decoder_new(struct thread *t, const char *encoding, vref errors);
enum io_simple { IO_NOT_SIMPLE = -1, IO_UTF8, IO_LATIN1, IO_ASCII };
enum io_simple io_encoding_kind(const char *encoding);
// The end of the line that begins at `from` in text of `length` units: one past its last, or -1 if there is none. translated: only \n ends lines.
int64_t io_line_end(const uint8_t *p, unsigned width, int64_t from, int64_t length, bool translated, bool universal, const char *newline);
// newline argument: None, '', '\n', '\r', '\r\n'. false: exception. *out: NULL or one of those.
bool io_newline_arg(struct thread *t, vref v, const char *function, const char **out) MUST_CHECK;

// ---- buffered (buffered.h has the struct) ----
value io_buffered_new(struct thread *t, struct type *type, vref raw, int64_t size);
value io_buffered_write(struct thread *t, vref self, const uint8_t *p, size_t n); // of exactly our writers: returns new int

#endif
