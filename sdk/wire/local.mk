# SPDX-License-Identifier: Apache-2.0
# libwire: frames and messages. Uses sdk/base and protobuf-c; only msg*.c see the generated code.

noinst_LTLIBRARIES += libwirepb.la libwire.la

nodist_libwirepb_la_SOURCES = sdk/wire/krait.pb-c.c sdk/wire/krait.pb-c.h
libwirepb_la_SOURCES =
libwirepb_la_CFLAGS = $(GENERATED_CFLAGS) $(PROTOBUF_C_CFLAGS)

libwire_la_SOURCES = \
	sdk/wire/frame.c sdk/wire/frame.h \
	sdk/wire/json.c sdk/wire/json.h sdk/wire/json_priv.h sdk/wire/json_read.c sdk/wire/json_special.c \
	sdk/wire/limits.h \
	sdk/wire/msg.c sdk/wire/msg.h \
	sdk/wire/msg_scan.c sdk/wire/msg_shape.c sdk/wire/msg_shape.h sdk/wire/msg_tables.c sdk/wire/msg_value.c \
	sdk/wire/state.c sdk/wire/state.h \
	sdk/wire/value.h
libwire_la_CFLAGS = $(AM_CFLAGS) $(PROTOBUF_C_CFLAGS)
libwire_la_LIBADD = libwirepb.la $(PROTOBUF_C_LIBS) $(M_LIBS)

BUILT_SOURCES += sdk/wire/krait.pb-c.h
CLEANFILES += sdk/wire/krait.pb-c.c sdk/wire/krait.pb-c.h sdk/wire/gen/krait.proto
EXTRA_DIST += sdk/wire/krait.proto sdk/wire/PROTOCOL.md

# The C side reads every `string` as `bytes`, which are the same on the wire: text keeps its length, may hold NUL and is
# never copied for a terminator (msg_shape.h).
sdk/wire/krait.pb-c.c: $(srcdir)/sdk/wire/krait.proto
	$(AM_V_GEN)$(MKDIR_P) sdk/wire/gen && \
	sed 's/^\( *\)\(repeated \)\{0,1\}string /\1\2bytes /' $(srcdir)/sdk/wire/krait.proto > sdk/wire/gen/krait.proto && \
	$(PROTOC_C) -Isdk/wire/gen --c_out=sdk/wire sdk/wire/gen/krait.proto
sdk/wire/krait.pb-c.h: sdk/wire/krait.pb-c.c

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/sdk_wire_msg tests/unit/sdk_wire_value
tests_unit_sdk_wire_msg_SOURCES = tests/unit/sdk_wire_msg.c tests/unit/unit.h
tests_unit_sdk_wire_msg_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_sdk_wire_msg_LDADD = libwire.la libbase.la $(CMOCKA_LIBS)
tests_unit_sdk_wire_value_SOURCES = tests/unit/sdk_wire_value.c tests/unit/unit.h
tests_unit_sdk_wire_value_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_sdk_wire_value_LDADD = libwire.la libbase.la $(CMOCKA_LIBS)
endif
