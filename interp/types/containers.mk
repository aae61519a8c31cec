# SPDX-License-Identifier: Apache-2.0
# The containers, their iterators and the exceptions.
libinterp_a_SOURCES += \
	interp/types/words.h interp/types/sequence.h interp/types/sequence.c \
	interp/types/seq.h interp/types/list.h interp/types/list.c interp/types/list_methods.c interp/types/list_slice.c \
	interp/types/tuple.c interp/types/slice.c interp/types/range.c interp/types/iter.h interp/types/iter.c interp/types/iter_tools.c interp/types/sort.c \
	interp/types/dict.h interp/types/dict_table.h interp/types/dict_table.c interp/types/dict.c interp/types/dict_merge.c \
	interp/types/dict_methods.c interp/types/dict_views.c \
	interp/types/set.h interp/types/set_table.h interp/types/set_table.c interp/types/set.c interp/types/set_methods.c \
	interp/types/exc.h interp/types/exc_list.h interp/types/exc_types.h interp/types/exc.c interp/types/exc_types.c \
	interp/types/exc_os.c interp/types/exc_text.c interp/types/exc_group.c interp/types/traceback.c \
	interp/types/exc_source.h interp/types/exc_source.c interp/types/exc_print.c interp/types/suggest.h interp/types/suggest.c
