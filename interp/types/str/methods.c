// SPDX-License-Identifier: Apache-2.0
// The table of str's methods, and the few that need no file of their own. Leaves the others to join.c, split.c, seek.c, pad.c, case.c, predicates.c,
// translate.c, construct.c and format.c.
#include "interp/types/str/methods.h"
#include "interp/types/exc.h"
#include "interp/types/seq.h"

static value m_format(struct thread *t, const vref *args, size_t nargs, vref kwnames) {
    return str_format_method(t, args[0], args + 1, nargs - 1, kwnames);
}

static value m_format_spec(struct thread *t, const vref *a) {
    if (!is_str(a[1])) return raise(t, &exc_TypeError, "__format__() argument must be str, not %T", a[1]);
    return str_format_spec(t, a[0], a[1]);
}

static value m_sizeof(struct thread *t, const vref *a) {
    const struct str *s = as_str(a[0]);
    return from_int62((int64_t)(str_need(s->length, s->width, str_is_ascii(s)) + s->slack));
}

static value m_getnewargs(struct thread *t, const vref *a) {
    value exact = str_exact(t, a[0]);
    if (!exact) return V_NULL;
    value out = tuple_pack(t, 1, exact);
    release(t, exact);
    return out;
}

const struct native str_natives[] = {
    {.name = "encode", .kind = NATIVE_METHOD, .sig = "($self, /, encoding='utf-8', errors='strict')", .fn = str_m_encode,
     .doc = "Encode the string using the codec registered for encoding.\n\n  encoding\n    The encoding in which to encode the string.\n  errors\n    The error handling scheme to use for encoding errors.\n    The default is 'strict' meaning that encoding errors raise a\n    UnicodeEncodeError.  Other possible values are 'ignore', 'replace' and\n    'xmlcharrefreplace' as well as any other name registered with\n    codecs.register_error that can handle UnicodeEncodeErrors."},
    {.name = "replace", .kind = NATIVE_METHOD, .sig = "($self, old, new, count=-1, /)", .fn = str_m_replace,
     .doc = "Return a copy with all occurrences of substring old replaced by new.\n\n  count\n    Maximum number of occurrences to replace.\n    -1 (the default value) means replace all occurrences.\n\nIf the optional argument count is given, only the first count occurrences are\nreplaced."},
    {.name = "split", .kind = NATIVE_METHOD, .sig = "($self, /, sep=None, maxsplit=-1)", .fn = str_m_split,
     .doc = "Return a list of the substrings in the string, using sep as the separator string."},
    {.name = "rsplit", .kind = NATIVE_METHOD, .sig = "($self, /, sep=None, maxsplit=-1)", .fn = str_m_rsplit,
     .doc = "Return a list of the substrings in the string, using sep as the separator string, from the end."},
    {.name = "join", .kind = NATIVE_METHOD, .sig = "($self, iterable, /)", .fn = str_m_join,
     .doc = "Concatenate any number of strings.\n\nThe string whose method is called is inserted in between each given string.\nThe result is returned as a new string.\n\nExample: '.'.join(['ab', 'pq', 'rs']) -> 'ab.pq.rs'"},
    {.name = "capitalize", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_capitalize,
     .doc = "Return a capitalized version of the string."},
    {.name = "casefold", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_casefold,
     .doc = "Return a version of the string suitable for caseless comparisons."},
    {.name = "title", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_title,
     .doc = "Return a version of the string where each word is titlecased."},
    {.name = "center", .kind = NATIVE_METHOD, .sig = "($self, width, fillchar=' ', /)", .fn = str_m_center,
     .doc = "Return a centered string of length width.\n\nPadding is done using the specified fill character (default is a space)."},
    {.name = "count", .kind = NATIVE_METHOD, .sig = "($self, sub, start=None, end=None, /)", .fn = str_m_count,
     .doc = "S.count(sub[, start[, end]]) -> int"},
    {.name = "expandtabs", .kind = NATIVE_METHOD, .sig = "($self, /, tabsize=8)", .fn = str_m_expandtabs,
     .doc = "Return a copy where all tab characters are expanded using spaces."},
    {.name = "find", .kind = NATIVE_METHOD, .sig = "($self, sub, start=None, end=None, /)", .fn = str_m_find,
     .doc = "S.find(sub[, start[, end]]) -> int"},
    {.name = "partition", .kind = NATIVE_METHOD, .sig = "($self, sep, /)", .fn = str_m_partition,
     .doc = "Partition the string into three parts using the given separator."},
    {.name = "index", .kind = NATIVE_METHOD, .sig = "($self, sub, start=None, end=None, /)", .fn = str_m_index,
     .doc = "S.index(sub[, start[, end]]) -> int"},
    {.name = "ljust", .kind = NATIVE_METHOD, .sig = "($self, width, fillchar=' ', /)", .fn = str_m_ljust,
     .doc = "Return a left-justified string of length width."},
    {.name = "lower", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_lower,
     .doc = "Return a copy of the string converted to lowercase."},
    {.name = "lstrip", .kind = NATIVE_METHOD, .sig = "($self, chars=None, /)", .fn = str_m_lstrip,
     .doc = "Return a copy of the string with leading whitespace removed."},
    {.name = "rfind", .kind = NATIVE_METHOD, .sig = "($self, sub, start=None, end=None, /)", .fn = str_m_rfind,
     .doc = "S.rfind(sub[, start[, end]]) -> int"},
    {.name = "rindex", .kind = NATIVE_METHOD, .sig = "($self, sub, start=None, end=None, /)", .fn = str_m_rindex,
     .doc = "S.rindex(sub[, start[, end]]) -> int"},
    {.name = "rjust", .kind = NATIVE_METHOD, .sig = "($self, width, fillchar=' ', /)", .fn = str_m_rjust,
     .doc = "Return a right-justified string of length width."},
    {.name = "rstrip", .kind = NATIVE_METHOD, .sig = "($self, chars=None, /)", .fn = str_m_rstrip,
     .doc = "Return a copy of the string with trailing whitespace removed."},
    {.name = "rpartition", .kind = NATIVE_METHOD, .sig = "($self, sep, /)", .fn = str_m_rpartition,
     .doc = "Partition the string into three parts using the given separator, from the end."},
    {.name = "splitlines", .kind = NATIVE_METHOD, .sig = "($self, /, keepends=False)", .fn = str_m_splitlines,
     .doc = "Return a list of the lines in the string, breaking at line boundaries."},
    {.name = "strip", .kind = NATIVE_METHOD, .sig = "($self, chars=None, /)", .fn = str_m_strip,
     .doc = "Return a copy of the string with leading and trailing whitespace removed."},
    {.name = "swapcase", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_swapcase,
     .doc = "Convert uppercase characters to lowercase and lowercase characters to uppercase."},
    {.name = "translate", .kind = NATIVE_METHOD, .sig = "($self, table, /)", .fn = str_m_translate,
     .doc = "Replace each character in the string using the given translation table."},
    {.name = "upper", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_upper,
     .doc = "Return a copy of the string converted to uppercase."},
    {.name = "startswith", .kind = NATIVE_METHOD, .sig = "($self, prefix, start=None, end=None, /)", .fn = str_m_startswith,
     .doc = "S.startswith(prefix[, start[, end]]) -> bool"},
    {.name = "endswith", .kind = NATIVE_METHOD, .sig = "($self, suffix, start=None, end=None, /)", .fn = str_m_endswith,
     .doc = "S.endswith(suffix[, start[, end]]) -> bool"},
    {.name = "removeprefix", .kind = NATIVE_METHOD, .sig = "($self, prefix, /)", .fn = str_m_removeprefix,
     .doc = "Return a str with the given prefix string removed if present."},
    {.name = "removesuffix", .kind = NATIVE_METHOD, .sig = "($self, suffix, /)", .fn = str_m_removesuffix,
     .doc = "Return a str with the given suffix string removed if present."},
    {.name = "isascii", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_isascii,
     .doc = "Return True if all characters in the string are ASCII, False otherwise."},
    {.name = "islower", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_islower,
     .doc = "Return True if the string is a lowercase string, False otherwise."},
    {.name = "isupper", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_isupper,
     .doc = "Return True if the string is an uppercase string, False otherwise."},
    {.name = "istitle", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_istitle,
     .doc = "Return True if the string is a title-cased string, False otherwise."},
    {.name = "isspace", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_isspace,
     .doc = "Return True if the string is a whitespace string, False otherwise."},
    {.name = "isdecimal", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_isdecimal,
     .doc = "Return True if the string is a decimal string, False otherwise."},
    {.name = "isdigit", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_isdigit,
     .doc = "Return True if the string is a digit string, False otherwise."},
    {.name = "isnumeric", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_isnumeric,
     .doc = "Return True if the string is a numeric string, False otherwise."},
    {.name = "isalpha", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_isalpha,
     .doc = "Return True if the string is an alphabetic string, False otherwise."},
    {.name = "isalnum", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_isalnum,
     .doc = "Return True if the string is an alpha-numeric string, False otherwise."},
    {.name = "isidentifier", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_isidentifier,
     .doc = "Return True if the string is a valid Python identifier, False otherwise."},
    {.name = "isprintable", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_isprintable,
     .doc = "Return True if the string is printable, False otherwise."},
    {.name = "zfill", .kind = NATIVE_METHOD, .sig = "($self, width, /)", .fn = str_m_zfill,
     .doc = "Pad a numeric string with zeros on the left, to fill a field of the given width."},
    {.name = "format_map", .kind = NATIVE_METHOD, .sig = "($self, mapping, /)", .fn = str_m_format_map,
     .doc = "S.format_map(mapping) -> str"},
    {.name = "maketrans", .kind = NATIVE_STATIC, .sig = "(x, y=<unrepresentable>, z=<unrepresentable>, /)", .fn = str_m_maketrans,
     .doc = "Return a translation table usable for str.translate()."},
    {.name = "format", .kind = NATIVE_METHOD, .sig = "($self, /, *args, **kwargs)", .raw = m_format, .doc = "S.format(*args, **kwargs) -> str"},
    {.name = "__format__", .kind = NATIVE_METHOD, .sig = "($self, format_spec, /)", .fn = m_format_spec,
     .doc = "Return a formatted version of the string as described by format_spec."},
    {.name = "__sizeof__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = m_sizeof, .doc = "Return the size of the string in memory, in bytes."},
    {.name = "__getnewargs__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = m_getnewargs},
    {.name = NULL},
};
