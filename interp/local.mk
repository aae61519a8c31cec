# SPDX-License-Identifier: Apache-2.0
# libinterp and krait-python. Leaf: libc, pthreads, mimalloc, GMP; nothing of sdk/.
# An archive: only programs link it. Programs that link the SDK too take interp/sealed.o instead (Makefile.am says why).

noinst_LIBRARIES += libinterp.a
libinterp_a_SOURCES =

include interp/core/core.mk
include interp/front/front.mk
include interp/vm/vm.mk
include interp/modules/modules.mk
include interp/types/containers.mk
include interp/types/object.mk
include interp/types/scalars.mk

# Where things are: the folders that configure and make were given.
interp/where.h: Makefile
	@$(MKDIR_P) interp
	$(AM_V_GEN){ echo '#define KRAIT_PREFIX "$(prefix)"'; echo '#define KRAIT_STDLIB_DEFAULT "$(stdlibdir)"'; \
	    echo '#define KRAIT_STDLIB_COMPILED "$(libdir)/krait/stdlib"'; } > $@.tmp && mv $@.tmp $@
BUILT_SOURCES += interp/where.h
CLEANFILES += interp/where.h
interp/runtime.$(OBJEXT) interp/modules/sys/sys.$(OBJEXT) interp/modules/import/cache.$(OBJEXT): interp/where.h

bin_PROGRAMS += krait-python
krait_python_SOURCES = interp/program/python.c interp/program/options.h interp/program/options.c interp/program/repl.h interp/program/repl.c \
	interp/program/line.h interp/program/line.c
krait_python_LDADD = interp/frozen.$(OBJEXT) libinterp.a $(EDIT_LIBS) $(GMP_LIBS) $(ZLIB_LIBS) $(EXPAT_LIBS) $(MIMALLOC_LIBS) $(M_LIBS) $(PTHREAD_LIBS)
