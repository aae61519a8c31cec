# SPDX-License-Identifier: Apache-2.0
# krait-worker. Uses interp/, sdk/base, sdk/wire and libevent; only exec.c, native.c and convert.c include interp.h.

worker_sources = \
	worker/worker.h worker/supervisor.c \
	worker/settings.h worker/settings.c worker/limit.h worker/limit.c \
	worker/loop.h worker/loop.c worker/uplink.h worker/uplink.c \
	worker/task.h worker/task.c worker/dispatch.h worker/dispatch.c \
	worker/pool.h worker/pool.c worker/chan.h worker/chan.c worker/slot.h worker/slot.c \
	worker/template.h worker/template.c worker/child.h worker/child.c \
	worker/relay.h worker/relay.c worker/desk.h worker/desk.c worker/parts.h worker/parts.c \
	worker/http.h worker/http.c worker/metrics.c

noinst_LIBRARIES += libworker.a
libworker_a_SOURCES = $(worker_sources)
libworker_a_CPPFLAGS = $(AM_CPPFLAGS) -DKRAIT_PYTHON_DIR='"$(kraitpyparentdir)"' -DKRAIT_STDLIB_DIR='"$(stdlibdir)"'
libworker_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)

worker_libs = libwire.la libbase.la $(EVENT_LIBS) $(PTHREAD_LIBS)

bin_PROGRAMS += krait-worker
krait_worker_SOURCES = worker/main.c worker/exec.h worker/exec_priv.h worker/exec.c worker/native.c worker/python.h worker/convert.c
krait_worker_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
krait_worker_LDADD = libworker.a interp/frozen.$(OBJEXT) interp/sealed.o $(worker_libs) $(GMP_LIBS) $(ZLIB_LIBS) $(EXPAT_LIBS) $(MIMALLOC_LIBS) $(M_LIBS)

EXTRA_DIST += worker/README.md

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/worker_slot tests/unit/worker_limit
tests_unit_worker_slot_SOURCES = tests/unit/worker_slot.c tests/unit/unit.h
tests_unit_worker_slot_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_worker_slot_LDADD = libworker.a libbase.la $(CMOCKA_LIBS)
tests_unit_worker_limit_SOURCES = tests/unit/worker_limit.c tests/unit/unit.h
tests_unit_worker_limit_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_worker_limit_LDADD = libworker.a libbase.la $(CMOCKA_LIBS)
endif
