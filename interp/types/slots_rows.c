// SPDX-License-Identifier: Apache-2.0
// The table of slots.h: one row a special method. Leaves reading it to slots_table.c.
#include "interp/types/slots.h"

#define SLOT(field) (uint16_t) offsetof(struct type, field)
#define ROW(name, field, fn, wrap, sig, doc) {NAME_##name, SLOT(field), 0, (any_fn *)(fn), wrap, sig, doc},
#define UNARY(name, field, doc) ROW(name, field, slot_##field, wrap_unary, "($self, /)", doc)
#define COMPARE(name, op, doc) {NAME_##name, SLOT(compare), op, (any_fn *)slot_compare, wrap_compare, "($self, value, /)", doc},
#define BINARY(N, stem, symbol)                                                                                       \
    ROW(__##stem##__, binary[NB_##N], slot_##stem, wrap_binary, "($self, value, /)", "Return self" symbol "value.")     \
    ROW(__r##stem##__, binary[NB_##N], slot_##stem, wrap_reflected, "($self, value, /)", "Return value" symbol "self.")
#define INPLACE(N, stem, symbol) ROW(__i##stem##__, inplace[NB_##N], slot_i##stem, wrap_binary, "($self, value, /)", "Return self" symbol "=value.")

// pow has a third argument; every other operator comes from BINARY_OPS in object.h.
const struct slot_row slot_rows[] = {
    UNARY(__repr__, repr, "Return repr(self).")
    UNARY(__str__, str, "Return str(self).")
    ROW(__hash__, hash, slot_hash, wrap_hash, "($self, /)", "Return hash(self).")
    ROW(__call__, call, slot_call, wrap_call, "($self, /, *args, **kwargs)", "Call self as a function.")
    ROW(__getattribute__, getattr, slot_getattr, wrap_getattribute, "($self, name, /)", "Return getattr(self, name).")
    ROW(__getattr__, getattr, slot_getattr, NULL, NULL, NULL)
    ROW(__setattr__, setattr, slot_setattr, wrap_setattr, "($self, name, value, /)", "What setattr(self, name, value) does.")
    ROW(__delattr__, setattr, slot_setattr, wrap_delattr, "($self, name, /)", "Implement delattr(self, name).")
    COMPARE(__lt__, CMP_LT, "Return self<value.")
    COMPARE(__le__, CMP_LE, "Return self<=value.")
    COMPARE(__eq__, CMP_EQ, "Return self==value.")
    COMPARE(__ne__, CMP_NE, "Return self!=value.")
    COMPARE(__gt__, CMP_GT, "Return self>value.")
    COMPARE(__ge__, CMP_GE, "Return self>=value.")
    UNARY(__iter__, iter, "Implement iter(self).")
    ROW(__next__, next, slot_next, wrap_next, "($self, /)", "Implement next(self).")
    ROW(__get__, descr_get, slot_descr_get, wrap_get, "($self, instance, owner=None, /)", "What reading the attribute of instance gives, or of owner itself if instance is None.")
    ROW(__set__, descr_set, slot_descr_set, wrap_set, "($self, instance, value, /)", "What setting the attribute of instance does.")
    ROW(__delete__, descr_set, slot_descr_set, wrap_delete, "($self, instance, /)", "What deleting the attribute of instance does.")
    ROW(__init__, init, slot_init, wrap_init, "($self, /, *args, **kwargs)", "Fill in a new object; what arguments it takes, its type says.")
    ROW(__bool__, truth, slot_truth, wrap_truth, "($self, /)", "True if self else False")
    ROW(__len__, length, slot_length, wrap_length, "($self, /)", "Return len(self).")
    ROW(__getitem__, getitem, slot_getitem, wrap_binary, "($self, key, /)", "Return self[key].")
    ROW(__setitem__, setitem, slot_setitem, wrap_setitem, "($self, key, value, /)", "Set self[key] to value.")
    ROW(__delitem__, setitem, slot_setitem, wrap_delitem, "($self, key, /)", "Delete self[key].")
    ROW(__contains__, contains, slot_contains, wrap_contains, "($self, key, /)", "Return key in self.")
    BINARY(ADD, add, "+") BINARY(SUB, sub, "-") BINARY(MUL, mul, "*") BINARY(TRUEDIV, truediv, "/") BINARY(FLOORDIV, floordiv, "//")
    BINARY(MOD, mod, "%") BINARY(LSHIFT, lshift, "<<") BINARY(RSHIFT, rshift, ">>") BINARY(AND, and, "&") BINARY(OR, or, "|")
    BINARY(XOR, xor, "^") BINARY(MATMUL, matmul, "@")
    ROW(__pow__, binary[NB_POW], slot_pow, wrap_power, "($self, value, mod=None, /)", "Return pow(self, value, mod).")
    ROW(__rpow__, binary[NB_POW], slot_pow, wrap_power_reflected, "($self, value, mod=None, /)", "Return pow(value, self, mod).")
    INPLACE(ADD, add, "+") INPLACE(SUB, sub, "-") INPLACE(MUL, mul, "*") INPLACE(TRUEDIV, truediv, "/") INPLACE(FLOORDIV, floordiv, "//")
    INPLACE(MOD, mod, "%") INPLACE(POW, pow, "**") INPLACE(LSHIFT, lshift, "<<") INPLACE(RSHIFT, rshift, ">>") INPLACE(AND, and, "&")
    INPLACE(OR, or, "|") INPLACE(XOR, xor, "^") INPLACE(MATMUL, matmul, "@")
    UNARY(__neg__, negative, "-self")
    UNARY(__pos__, positive, "+self")
    UNARY(__abs__, absolute, "abs(self)")
    UNARY(__invert__, invert, "~self")
    UNARY(__int__, to_int, "int(self)")
    UNARY(__float__, to_float, "float(self)")
    UNARY(__index__, to_index, "Return the int that stands for self where only whole numbers are good, in subscripts for instance.")
    UNARY(__await__, await, "Return the iterator that await drives.")
    UNARY(__aiter__, aiter, "Return the asynchronous iterator that async for drives.")
    UNARY(__anext__, anext, "Return an awaitable for the next item; it raises StopAsyncIteration after the last.")
    {0},
};
