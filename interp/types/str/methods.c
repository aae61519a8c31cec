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
     .doc = "Return the bytes that a codec makes of the string.\n\n"
            "errors says what becomes of characters that it lacks: 'strict' raises UnicodeEncodeError, 'ignore', 'replace',\n"
            "'xmlcharrefreplace' and whatever codecs.register_error() knows go on."},
    {.name = "replace", .kind = NATIVE_METHOD, .sig = "($self, old, new, count=-1, /)", .fn = str_m_replace,
     .doc = "Return the string with old replaced by new, the first count times or, if count is -1, each time."},
    {.name = "split", .kind = NATIVE_METHOD, .sig = "($self, /, sep=None, maxsplit=-1)", .fn = str_m_split,
     .doc = "Return the parts between one sep and the next, at most maxsplit cuts from the left.\n\n"
            "Without sep the string is cut at runs of blanks, and none of its parts is empty."},
    {.name = "rsplit", .kind = NATIVE_METHOD, .sig = "($self, /, sep=None, maxsplit=-1)", .fn = str_m_rsplit,
     .doc = "Return the parts between one sep and the next, at most maxsplit cuts from the right.\n\n"
            "Without sep the string is cut at runs of blanks, and none of its parts is empty."},
    {.name = "join", .kind = NATIVE_METHOD, .sig = "($self, iterable, /)", .fn = str_m_join,
     .doc = "Return the strings of the iterable, one after another, with this string between each two.\n\n>>> ', '.join(['one', 'two'])\n'one, two'"},
    {.name = "capitalize", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_capitalize,
     .doc = "Return the string with its first character in title case and the rest in lower case."},
    {.name = "casefold", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_casefold,
     .doc = "Return the string without the difference between capital and small letters, for comparing."},
    {.name = "title", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_title,
     .doc = "Return the string with each word capitalized."},
    {.name = "center", .kind = NATIVE_METHOD, .sig = "($self, width, fillchar=' ', /)", .fn = str_m_center,
     .doc = "Return the string in the middle of width characters, with fillchar on both sides."},
    {.name = "count", .kind = NATIVE_METHOD, .sig = "($self, sub, start=None, end=None, /)", .fn = str_m_count,
     .doc = "Return how many times sub comes in the string, between start and end, without overlaps."},
    {.name = "expandtabs", .kind = NATIVE_METHOD, .sig = "($self, /, tabsize=8)", .fn = str_m_expandtabs,
     .doc = "Return the string with each tab replaced by spaces, up to the next multiple of tabsize."},
    {.name = "find", .kind = NATIVE_METHOD, .sig = "($self, sub, start=None, end=None, /)", .fn = str_m_find,
     .doc = "Return where sub first comes in the string, between start and end; -1 if it does not."},
    {.name = "partition", .kind = NATIVE_METHOD, .sig = "($self, sep, /)", .fn = str_m_partition,
     .doc = "Return what stands before the first sep, sep, and what follows; without sep the string and two empty ones."},
    {.name = "index", .kind = NATIVE_METHOD, .sig = "($self, sub, start=None, end=None, /)", .fn = str_m_index,
     .doc = "Return where sub first comes in the string, between start and end; ValueError if it does not."},
    {.name = "ljust", .kind = NATIVE_METHOD, .sig = "($self, width, fillchar=' ', /)", .fn = str_m_ljust,
     .doc = "Return the string filled up to width characters with fillchar on the right."},
    {.name = "lower", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_lower,
     .doc = "Return the string in lower case."},
    {.name = "lstrip", .kind = NATIVE_METHOD, .sig = "($self, chars=None, /)", .fn = str_m_lstrip,
     .doc = "Return the string without the blanks, or the characters in chars, that it begins with."},
    {.name = "rfind", .kind = NATIVE_METHOD, .sig = "($self, sub, start=None, end=None, /)", .fn = str_m_rfind,
     .doc = "Return where sub last comes in the string, between start and end; -1 if it does not."},
    {.name = "rindex", .kind = NATIVE_METHOD, .sig = "($self, sub, start=None, end=None, /)", .fn = str_m_rindex,
     .doc = "Return where sub last comes in the string, between start and end; ValueError if it does not."},
    {.name = "rjust", .kind = NATIVE_METHOD, .sig = "($self, width, fillchar=' ', /)", .fn = str_m_rjust,
     .doc = "Return the string filled up to width characters with fillchar on the left."},
    {.name = "rstrip", .kind = NATIVE_METHOD, .sig = "($self, chars=None, /)", .fn = str_m_rstrip,
     .doc = "Return the string without the blanks, or the characters in chars, that it ends with."},
    {.name = "rpartition", .kind = NATIVE_METHOD, .sig = "($self, sep, /)", .fn = str_m_rpartition,
     .doc = "Return what stands before the last sep, sep, and what follows; without sep two empty strings and the string."},
    {.name = "splitlines", .kind = NATIVE_METHOD, .sig = "($self, /, keepends=False)", .fn = str_m_splitlines,
     .doc = "Return the lines of the string, with their line ends if keepends is true."},
    {.name = "strip", .kind = NATIVE_METHOD, .sig = "($self, chars=None, /)", .fn = str_m_strip,
     .doc = "Return the string without the blanks, or the characters in chars, at both ends."},
    {.name = "swapcase", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_swapcase,
     .doc = "Return the string with upper and lower case exchanged."},
    {.name = "translate", .kind = NATIVE_METHOD, .sig = "($self, table, /)", .fn = str_m_translate,
     .doc = "Return the string with each character replaced by what table holds for its code point.\n\n"
            "That is a string, a code point or None, which drops it; LookupError leaves it as it is."},
    {.name = "upper", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_upper,
     .doc = "Return the string in upper case."},
    {.name = "startswith", .kind = NATIVE_METHOD, .sig = "($self, prefix, start=None, end=None, /)", .fn = str_m_startswith,
     .doc = "Return whether the string, between start and end, begins with prefix, or with one of a tuple of them."},
    {.name = "endswith", .kind = NATIVE_METHOD, .sig = "($self, suffix, start=None, end=None, /)", .fn = str_m_endswith,
     .doc = "Return whether the string, between start and end, ends with suffix, or with one of a tuple of them."},
    {.name = "removeprefix", .kind = NATIVE_METHOD, .sig = "($self, prefix, /)", .fn = str_m_removeprefix,
     .doc = "Return the string without prefix, if it begins with it."},
    {.name = "removesuffix", .kind = NATIVE_METHOD, .sig = "($self, suffix, /)", .fn = str_m_removesuffix,
     .doc = "Return the string without suffix, if it ends with it."},
    {.name = "isascii", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_isascii,
     .doc = "Return whether all characters are below U+0080."},
    {.name = "islower", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_islower,
     .doc = "Return whether there are letters with a case and all are small."},
    {.name = "isupper", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_isupper,
     .doc = "Return whether there are letters with a case and all are capital."},
    {.name = "istitle", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_istitle,
     .doc = "Return whether there are letters with a case and each word is capitalized."},
    {.name = "isspace", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_isspace,
     .doc = "Return whether there are characters and all are blanks."},
    {.name = "isdecimal", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_isdecimal,
     .doc = "Return whether there are characters and all are decimal digits."},
    {.name = "isdigit", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_isdigit,
     .doc = "Return whether there are characters and all are digits, superscripts and the like included."},
    {.name = "isnumeric", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_isnumeric,
     .doc = "Return whether there are characters and all stand for numbers, fractions and the like included."},
    {.name = "isalpha", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_isalpha,
     .doc = "Return whether there are characters and all are letters."},
    {.name = "isalnum", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_isalnum,
     .doc = "Return whether there are characters and all are letters or stand for numbers."},
    {.name = "isidentifier", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_isidentifier,
     .doc = "Return whether the language takes the string for a name; keyword.iskeyword() tells those that are taken."},
    {.name = "isprintable", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = str_m_isprintable,
     .doc = "Return whether repr() would escape nothing."},
    {.name = "zfill", .kind = NATIVE_METHOD, .sig = "($self, width, /)", .fn = str_m_zfill,
     .doc = "Return the string filled up to width characters with zeros, behind its sign if it has one."},
    {.name = "format_map", .kind = NATIVE_METHOD, .sig = "($self, mapping, /)", .fn = str_m_format_map,
     .doc = "S.format_map(mapping) -> str"},
    {.name = "maketrans", .kind = NATIVE_STATIC, .sig = "(x, y=<unrepresentable>, z=<unrepresentable>, /)", .fn = str_m_maketrans,
     .doc = "Return a table for translate(): of a dict, or of two strings of equal length and one of characters to drop."},
    {.name = "format", .kind = NATIVE_METHOD, .sig = "($self, /, *args, **kwargs)", .raw = m_format,
     .doc = "Return the string with each {field} replaced by the argument that it names or numbers, formatted."},
    {.name = "__format__", .kind = NATIVE_METHOD, .sig = "($self, format_spec, /)", .fn = m_format_spec,
     .doc = "Return the string as the format specification says: filled, aligned, cut."},
    {.name = "__sizeof__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = m_sizeof, .doc = "Return how many bytes of memory the string takes."},
    {.name = "__getnewargs__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = m_getnewargs},
    {.name = NULL},
};
