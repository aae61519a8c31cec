# SPDX-License-Identifier: Apache-2.0
# libclient and libkrait: connect, submit, wait. Uses sdk/base and sdk/wire. libkrait exports what krait.h marks, no more.

noinst_LTLIBRARIES += libclient.la
libclient_la_SOURCES = \
	sdk/client/change.c \
	sdk/client/client.c sdk/client/client.h \
	sdk/client/conn.c \
	sdk/client/look.c \
	sdk/client/parts.c \
	sdk/client/question.c \
	sdk/client/result.c \
	sdk/client/submit.c \
	sdk/client/task.c \
	sdk/client/tasks.c \
	sdk/client/value.c

lib_LTLIBRARIES += libkrait.la
libkrait_la_SOURCES =
libkrait_la_LIBADD = libclient.la libwire.la libbase.la
libkrait_la_LDFLAGS = $(AM_LDFLAGS) -version-info 0:0:0 -no-undefined -export-symbols-regex '^krait_[a-z]'

include_HEADERS += sdk/include/krait.h
pkgconfig_DATA += sdk/client/krait.pc
CLEANFILES += sdk/client/krait.pc
EXTRA_DIST += sdk/client/krait.pc.in

sdk/client/krait.pc: $(srcdir)/sdk/client/krait.pc.in Makefile
	$(AM_V_GEN)$(MKDIR_P) sdk/client && sed -e 's|[@]prefix[@]|$(prefix)|' -e 's|[@]libdir[@]|$(libdir)|' \
	-e 's|[@]includedir[@]|$(includedir)|' -e 's|[@]VERSION[@]|$(VERSION)|' $(srcdir)/sdk/client/krait.pc.in > $@

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/sdk_client
tests_unit_sdk_client_SOURCES = tests/unit/sdk_client.c tests/unit/unit.h
tests_unit_sdk_client_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_sdk_client_LDADD = libclient.la libwire.la libbase.la $(CMOCKA_LIBS) $(PTHREAD_LIBS)
endif

# The static library keeps its inner names to itself, too: what krait.h does not export becomes local, so that a program may
# have a mem_alloc or buf_put of its own.
noinst_DATA += sdk/client/libkrait.sealed
CLEANFILES += sdk/client/libkrait.sealed sdk/client/libkrait.o
sdk/client/libkrait.sealed: libkrait.la
	$(AM_V_GEN)$(MKDIR_P) sdk/client && if test -f .libs/libkrait.a; then \
	$(LD) -r -o sdk/client/libkrait.o --whole-archive .libs/libkrait.a && \
	$(OBJCOPY) --localize-hidden sdk/client/libkrait.o && rm -f .libs/libkrait.a && \
	$(AR) cr .libs/libkrait.a sdk/client/libkrait.o && $(RANLIB) .libs/libkrait.a; fi && echo sealed > $@
