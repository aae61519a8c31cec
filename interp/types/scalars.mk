# SPDX-License-Identifier: Apache-2.0
# Numbers, str, bytes and their codecs.
libinterp_a_SOURCES += \
	interp/types/num.h interp/types/args.h interp/types/args.c \
	interp/types/int.h interp/types/int_type.h interp/types/int.c interp/types/int_methods.c interp/types/int_arith.c \
	interp/types/int_big.c interp/types/int_pow.c interp/types/int_text.c interp/types/bool.c \
	interp/types/float.h interp/types/float.c interp/types/float_methods.c interp/types/float_text.c interp/types/float_layout.c \
	interp/types/float_hex.c interp/types/float_pow10.c interp/types/complex.h interp/types/complex.c \
	interp/types/num_format.h interp/types/num_format.c \
	interp/types/str.h interp/types/str/text.h interp/types/str/methods.h interp/types/str/object.c interp/types/str/units.c \
	interp/types/str/hash.c interp/types/str/intern.c interp/types/str/builder.c interp/types/str/c_format.c interp/types/str/find.c \
	interp/types/str/join.c interp/types/str/split.c interp/types/str/seek.c interp/types/str/pad.c interp/types/str/case.c \
	interp/types/str/predicates.c interp/types/str/translate.c interp/types/str/repr.c interp/types/str/iter.c interp/types/str/methods.c \
	interp/types/str/percent.h interp/types/str/percent.c interp/types/str/format.h interp/types/str/format.c \
	interp/types/bytes.h interp/types/bytes.c interp/types/bytes_make.c interp/types/bytearray.c interp/types/bytearray_array.c interp/types/bytes_methods.c interp/types/bytes_text.c \
	interp/types/bytes_repr.c interp/types/bytes_percent.c interp/types/buffer.c interp/types/memoryview.h interp/types/memoryview.c \
	interp/types/str/construct.c interp/types/str/unicode.h interp/types/str/unicode_tables.c \
	interp/types/str/codec.h interp/types/str/codec_error.c interp/types/str/codec_utf8.c interp/types/str/codec_wide.c \
	interp/types/str/codec_registry.c interp/types/str/codec_handlers.c interp/types/str/codec_escape.c interp/types/str/codec_utf7.c \
	interp/types/str/codec_charmap.c interp/types/str/byte_builder.c interp/types/str/utf8.c
EXTRA_DIST += interp/types/gen_pow10.py interp/types/str/gen_unicode.py
