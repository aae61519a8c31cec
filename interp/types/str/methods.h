// SPDX-License-Identifier: Apache-2.0
// The methods of str as natives, by file: what methods.c puts into one table. Leaves shared helpers to text.h.
#ifndef KRAIT_INTERP_TYPES_STR_METHODS_H
#define KRAIT_INTERP_TYPES_STR_METHODS_H

#include "interp/types/str/text.h"

// join.c
native_fn str_m_join, str_m_replace;
// split.c
native_fn str_m_split, str_m_rsplit, str_m_splitlines, str_m_partition, str_m_rpartition, str_m_strip, str_m_lstrip, str_m_rstrip;
// seek.c
native_fn str_m_find, str_m_rfind, str_m_index, str_m_rindex, str_m_count, str_m_startswith, str_m_endswith, str_m_removeprefix, str_m_removesuffix;
// pad.c
native_fn str_m_center, str_m_ljust, str_m_rjust, str_m_zfill, str_m_expandtabs;
// case.c
native_fn str_m_lower, str_m_upper, str_m_casefold, str_m_swapcase, str_m_title, str_m_capitalize;
// predicates.c
native_fn str_m_isalnum, str_m_isalpha, str_m_isascii, str_m_isdecimal, str_m_isdigit, str_m_isidentifier, str_m_islower, str_m_isnumeric,
    str_m_isprintable, str_m_isspace, str_m_istitle, str_m_isupper;
// translate.c
native_fn str_m_translate, str_m_maketrans;
// construct.c
native_fn str_m_encode;
// format.c
native_fn str_m_format_map;

#endif
