// SPDX-License-Identifier: Apache-2.0
// The opcodes of pickles, protocols 0 to 5, as an X-list. Leaves what they do to load*.c, when they are written to save*.c.
//
// A row: name, the byte, what it does to the stack of who reads it ("mark": down to the last mark).
#ifndef KRAIT_INTERP_MODULES_PICKLE_OPCODE_H
#define KRAIT_INTERP_MODULES_PICKLE_OPCODE_H

#define PICKLE_OPCODES(X)                                                                        \
    X(MARK, '(')             /* remembers how high the stack is */                               \
    X(STOP, '.')             /* the top is the result */                                         \
    X(POP, '0')              /* drops the top, or a mark that stands there */                    \
    X(POP_MARK, '1')         /* drops all down to the last mark */                               \
    X(DUP, '2')              /* pushes the top again */                                          \
    X(FLOAT, 'F')            /* pushes a float, a line of text */                                \
    X(INT, 'I')              /* pushes an int, a line; 00 and 01 are False and True */           \
    X(BININT, 'J')           /* … of four bytes, with sign */                                    \
    X(BININT1, 'K')          /* … of one */                                                      \
    X(LONG, 'L')             /* … a line that ends in L */                                       \
    X(BININT2, 'M')          /* … of two bytes */                                                \
    X(NONE, 'N')             /* pushes None */                                                   \
    X(PERSID, 'P')           /* pushes what persistent_load gives for a line */                  \
    X(BINPERSID, 'Q')        /* … for the top */                                                 \
    X(REDUCE, 'R')           /* callable, arguments: the result of the call */                   \
    X(STRING, 'S')           /* pushes the str of Python 2, a quoted line */                     \
    X(BINSTRING, 'T')        /* … of a length of four bytes */                                   \
    X(SHORT_BINSTRING, 'U')  /* … of one */                                                      \
    X(UNICODE, 'V')          /* pushes a str, a line in raw-unicode-escape */                    \
    X(BINUNICODE, 'X')       /* … UTF-8 of a length of four bytes */                             \
    X(APPEND, 'a')           /* list, item: the list */                                          \
    X(BUILD, 'b')            /* object, state: the object */                                     \
    X(GLOBAL, 'c')           /* pushes a module's attribute, two lines */                        \
    X(DICT, 'd')             /* mark: a dict of keys and values */                               \
    X(EMPTY_DICT, '}')       /* pushes {} */                                                     \
    X(APPENDS, 'e')          /* list, mark: the list */                                          \
    X(GET, 'g')              /* pushes from the memo, a line */                                  \
    X(BINGET, 'h')           /* … index of one byte */                                           \
    X(INST, 'i')             /* mark: an instance of a class, two lines */                       \
    X(LONG_BINGET, 'j')      /* … index of four bytes */                                         \
    X(LIST, 'l')             /* mark: a list */                                                  \
    X(EMPTY_LIST, ']')       /* pushes [] */                                                     \
    X(OBJ, 'o')              /* mark, class, arguments: an instance */                           \
    X(PUT, 'p')              /* notes the top in the memo, a line */                             \
    X(BINPUT, 'q')           /* … index of one byte */                                           \
    X(LONG_BINPUT, 'r')      /* … of four */                                                     \
    X(SETITEM, 's')          /* dict, key, value: the dict */                                    \
    X(TUPLE, 't')            /* mark: a tuple */                                                 \
    X(EMPTY_TUPLE, ')')      /* pushes () */                                                     \
    X(SETITEMS, 'u')         /* dict, mark: the dict */                                          \
    X(BINFLOAT, 'G')         /* pushes a float, big-endian */                                    \
    X(PROTO, 0x80)           /* protocol 2: its number */                                        \
    X(NEWOBJ, 0x81)          /* class, tuple: cls.__new__(cls, *tuple) */                        \
    X(EXT1, 0x82)            /* pushes a registered global, code of one byte */                  \
    X(EXT2, 0x83)            /* … two */                                                         \
    X(EXT4, 0x84)            /* … four */                                                        \
    X(TUPLE1, 0x85)          /* the top one as a tuple */                                        \
    X(TUPLE2, 0x86)          /* … two */                                                         \
    X(TUPLE3, 0x87)          /* … three */                                                       \
    X(NEWTRUE, 0x88)         /* pushes True */                                                   \
    X(NEWFALSE, 0x89)        /* pushes False */                                                  \
    X(LONG1, 0x8a)           /* pushes an int, two's complement, of a length of one byte */      \
    X(LONG4, 0x8b)           /* … of four */                                                     \
    X(BINBYTES, 'B')         /* protocol 3: pushes bytes of a length of four bytes */            \
    X(SHORT_BINBYTES, 'C')   /* … of one */                                                      \
    X(SHORT_BINUNICODE, 0x8c) /* protocol 4: pushes a str, UTF-8 of a length of one byte */      \
    X(BINUNICODE8, 0x8d)     /* … of eight */                                                    \
    X(BINBYTES8, 0x8e)       /* pushes bytes of a length of eight bytes */                       \
    X(EMPTY_SET, 0x8f)       /* pushes set() */                                                  \
    X(ADDITEMS, 0x90)        /* set, mark: the set */                                            \
    X(FROZENSET, 0x91)       /* mark: a frozenset */                                             \
    X(NEWOBJ_EX, 0x92)       /* class, tuple, dict: cls.__new__(cls, *tuple, **dict) */          \
    X(STACK_GLOBAL, 0x93)    /* module, name: the module's attribute */                          \
    X(MEMOIZE, 0x94)         /* notes the top in the memo at the next index */                   \
    X(FRAME, 0x95)           /* so many bytes belong together: may be read at once */            \
    X(BYTEARRAY8, 0x96)      /* protocol 5: pushes a bytearray of a length of eight bytes */     \
    X(NEXT_BUFFER, 0x97)     /* pushes the next of the buffers handed over beside */             \
    X(READONLY_BUFFER, 0x98) /* the top, not writable */

enum pickle_opcode {
#define X(name, byte) P_##name = byte,
    PICKLE_OPCODES(X)
#undef X
};

enum { PICKLE_HIGHEST = 5, PICKLE_DEFAULT = 4 };

#endif
