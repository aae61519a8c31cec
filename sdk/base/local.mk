# SPDX-License-Identifier: Apache-2.0
# libbase: the small shared parts. Leaf: libc and pthreads only.

noinst_LTLIBRARIES += libbase.la
libbase_la_SOURCES = \
	sdk/base/arena.c sdk/base/arena.h \
	sdk/base/buf.c sdk/base/buf.h \
	sdk/base/clock.c sdk/base/clock.h \
	sdk/base/conf.c sdk/base/conf.h sdk/base/conf_parse.c \
	sdk/base/err.c sdk/base/err.h \
	sdk/base/heap.c sdk/base/heap.h \
	sdk/base/id.c sdk/base/id.h \
	sdk/base/list.h \
	sdk/base/log.c sdk/base/log.h sdk/base/log_options.h \
	sdk/base/map.c sdk/base/map.h \
	sdk/base/mem.c sdk/base/mem.h \
	sdk/base/slice.h \
	sdk/base/url.c sdk/base/url.h
libbase_la_LIBADD = $(PTHREAD_LIBS)

EXTRA_DIST += sdk/base/embed.sh

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/sdk_base_buf tests/unit/sdk_base_map tests/unit/sdk_base_id tests/unit/sdk_base_conf
tests_unit_sdk_base_buf_SOURCES = tests/unit/sdk_base_buf.c tests/unit/unit.h
tests_unit_sdk_base_buf_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_sdk_base_buf_LDADD = libbase.la $(CMOCKA_LIBS)
tests_unit_sdk_base_map_SOURCES = tests/unit/sdk_base_map.c tests/unit/unit.h
tests_unit_sdk_base_map_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_sdk_base_map_LDADD = libbase.la $(CMOCKA_LIBS)
tests_unit_sdk_base_id_SOURCES = tests/unit/sdk_base_id.c tests/unit/unit.h
tests_unit_sdk_base_id_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_sdk_base_id_LDADD = libbase.la $(CMOCKA_LIBS)
tests_unit_sdk_base_conf_SOURCES = tests/unit/sdk_base_conf.c tests/unit/unit.h
tests_unit_sdk_base_conf_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_sdk_base_conf_LDADD = libbase.la $(CMOCKA_LIBS)
endif
