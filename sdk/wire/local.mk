# SPDX-License-Identifier: Apache-2.0
# libwire: frames and messages. Uses sdk/base and protobuf-c; only msg.c sees the generated code.
#
# noinst_LTLIBRARIES += libwirepb.la libwire.la
# libwirepb_la_SOURCES =
# nodist_libwirepb_la_SOURCES = sdk/wire/krait.pb-c.c sdk/wire/krait.pb-c.h
# libwirepb_la_CFLAGS = $(GENERATED_CFLAGS) $(PROTOBUF_C_CFLAGS)
# libwire_la_SOURCES = sdk/wire/frame.c sdk/wire/frame.h sdk/wire/msg.c sdk/wire/msg.h …
# libwire_la_CFLAGS = $(AM_CFLAGS) $(PROTOBUF_C_CFLAGS)
# libwire_la_LIBADD = libwirepb.la libbase.la $(PROTOBUF_C_LIBS)
# BUILT_SOURCES += sdk/wire/krait.pb-c.h
# CLEANFILES += sdk/wire/krait.pb-c.c sdk/wire/krait.pb-c.h
# EXTRA_DIST += sdk/wire/krait.proto sdk/wire/PROTOCOL.md
#
# sdk/wire/krait.pb-c.c: sdk/wire/krait.proto
# 	$(AM_V_GEN)$(MKDIR_P) sdk/wire && $(PROTOC_C) -I$(srcdir)/sdk/wire --c_out=sdk/wire $(srcdir)/sdk/wire/krait.proto
# sdk/wire/krait.pb-c.h: sdk/wire/krait.pb-c.c
