# SPDX-License-Identifier: Apache-2.0
# The object core: values, counts, memory, threads, collector; and its unit tests, which bring types of their own.
libinterp_a_SOURCES += \
	interp/core/value.h interp/core/object.h interp/core/hooks.h interp/core/clock.h interp/core/os_signal.h \
	interp/core/mem.h interp/core/mem.c interp/core/slab.h interp/core/slab.c interp/core/qsbr.h interp/core/qsbr.c \
	interp/core/ref.h interp/core/ref.c interp/core/bias.c interp/core/owner.h interp/core/owner.c interp/core/destroy.h interp/core/destroy.c \
	interp/core/weak.h interp/core/weak.c interp/core/lock.h interp/core/lock.c interp/core/gil.h interp/core/gil.c \
	interp/core/stop.h interp/core/stop.c interp/core/thread.h interp/core/thread.c interp/core/safepoint.c \
	interp/core/gc.h interp/core/gc.c interp/core/gc_heap.h interp/core/gc_heap.c interp/core/gc_roots.c interp/core/gc_query.c \
	interp/core/scope.h interp/core/scope.c interp/core/fork.h interp/core/fork.c interp/core/interp.h interp/core/interp.c
EXTRA_DIST += interp/core/README.md

if HAVE_CMOCKA
core_test_libs = libinterp.a $(CMOCKA_LIBS) $(MIMALLOC_LIBS) $(PTHREAD_LIBS)
check_PROGRAMS += tests/unit/interp_core_ref tests/unit/interp_core_mem tests/unit/interp_core_gil tests/unit/interp_core_gc \
	tests/unit/interp_core_stop tests/unit/interp_core_scope tests/unit/interp_core_fork
tests_unit_interp_core_ref_SOURCES = tests/unit/interp_core_ref.c tests/unit/core_fake.h
tests_unit_interp_core_ref_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_interp_core_ref_LDADD = $(core_test_libs)
tests_unit_interp_core_mem_SOURCES = tests/unit/interp_core_mem.c tests/unit/core_fake.h
tests_unit_interp_core_mem_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_interp_core_mem_LDADD = $(core_test_libs)
tests_unit_interp_core_gil_SOURCES = tests/unit/interp_core_gil.c tests/unit/core_fake.h
tests_unit_interp_core_gil_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_interp_core_gil_LDADD = $(core_test_libs)
tests_unit_interp_core_gc_SOURCES = tests/unit/interp_core_gc.c tests/unit/core_fake.h
tests_unit_interp_core_gc_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_interp_core_gc_LDADD = $(core_test_libs)
tests_unit_interp_core_stop_SOURCES = tests/unit/interp_core_stop.c tests/unit/core_fake.h
tests_unit_interp_core_stop_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_interp_core_stop_LDADD = $(core_test_libs)
tests_unit_interp_core_scope_SOURCES = tests/unit/interp_core_scope.c tests/unit/core_fake.h
tests_unit_interp_core_scope_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_interp_core_scope_LDADD = $(core_test_libs)
tests_unit_interp_core_fork_SOURCES = tests/unit/interp_core_fork.c tests/unit/core_fake.h
tests_unit_interp_core_fork_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_interp_core_fork_LDADD = $(core_test_libs)
endif
