# SPDX-License-Identifier: Apache-2.0
# The C modules, the frozen ones, start and end.
libinterp_a_SOURCES += \
	interp/include/interp.h interp/runtime.c \
	interp/modules/modules.h interp/modules/row.h interp/modules/builtins.h interp/modules/builtins.c interp/modules/build_class.c interp/modules/codecs.c interp/modules/exec.c \
	interp/modules/warnings.c \
	interp/modules/math.c interp/modules/gc.c interp/modules/table.c
libinterp_a_SOURCES += interp/modules/locale.c interp/modules/io/io.h interp/modules/io/support.c interp/modules/io/base.c interp/modules/io/fileio.c \
	interp/modules/io/bytesio.c interp/modules/io/buffered.h interp/modules/io/buffered.c interp/modules/io/buffered_read.c \
	interp/modules/io/buffered_write.c interp/modules/io/pair.c interp/modules/io/newline.c interp/modules/io/text.h interp/modules/io/text.c \
	interp/modules/io/text_write.c interp/modules/io/text_read.c interp/modules/io/text_seek.c interp/modules/io/stringio.c interp/modules/io/module.c
libinterp_a_SOURCES += interp/modules/abc.c interp/modules/aiter.c interp/modules/array.h interp/modules/array.c interp/modules/atexit.c interp/modules/contextvars.c interp/modules/opcode.c interp/modules/queue.c interp/modules/typing.c
libinterp_a_SOURCES += interp/modules/cmath.c
libinterp_a_SOURCES += interp/modules/collections/collections.h interp/modules/collections/collections.c interp/modules/collections/counts.c \
	interp/modules/collections/defaultdict.c interp/modules/collections/odict.c interp/modules/collections/deque.c interp/modules/collections/deque_iter.c \
	interp/modules/collections/deque_type.c
libinterp_a_SOURCES += interp/modules/csv/csv.h interp/modules/csv/dialect.c interp/modules/csv/reader.c interp/modules/csv/writer.c interp/modules/csv/module.c
libinterp_a_SOURCES += interp/modules/datetime/datetime.h interp/modules/datetime/module.c interp/modules/datetime/days.c interp/modules/datetime/delta.c \
	interp/modules/datetime/delta_number.c interp/modules/datetime/date.c interp/modules/datetime/daytime.c interp/modules/datetime/moment.c \
	interp/modules/datetime/moment_make.c interp/modules/datetime/moment_zone.c interp/modules/datetime/zone.c interp/modules/datetime/iso_read.c \
	interp/modules/datetime/iso_write.c interp/modules/datetime/format.c interp/modules/datetime/isoweek.c
libinterp_a_SOURCES += interp/modules/faulthandler/faulthandler.h interp/modules/faulthandler/stack.c interp/modules/faulthandler/later.c \
	interp/modules/faulthandler/user.c interp/modules/faulthandler/module.c
libinterp_a_SOURCES += interp/modules/functools/functools.h interp/modules/functools/key.c interp/modules/functools/lru.c interp/modules/functools/partial.c
libinterp_a_SOURCES += interp/modules/itertools/itertools.h interp/modules/itertools/chain.c interp/modules/itertools/choose.c \
	interp/modules/itertools/combine.c interp/modules/itertools/endless.c interp/modules/itertools/tee.c interp/modules/itertools/tool.c
libinterp_a_SOURCES += interp/modules/operator/operator.h interp/modules/operator/getters.c interp/modules/operator/operator.c
libinterp_a_SOURCES += interp/modules/import/import.h interp/modules/import/import.c interp/modules/import/boot.c interp/modules/import/frozen.c interp/modules/import/imp.c \
	interp/modules/import/image.h interp/modules/import/image_write.c interp/modules/import/image_read.c interp/modules/import/marshal.h interp/modules/import/marshal.c \
	interp/modules/import/cache_tag.h interp/modules/import/cache.c
libinterp_a_SOURCES += interp/modules/sys/sys.h interp/modules/sys/sys.c interp/modules/sys/info.c interp/modules/sys/hooks.c interp/modules/sys/threads.c \
	interp/modules/sys/streams.c interp/modules/sys/names.c
libinterp_a_SOURCES += interp/modules/thread/thread_module.h interp/modules/thread/local.c interp/modules/thread/lock.c interp/modules/thread/module.c \
	interp/modules/time/time_module.h interp/modules/time/calendar.c interp/modules/time/clocks.c interp/modules/fcntl.c interp/modules/termios.c \
	interp/modules/select/select_module.h interp/modules/select/epoll.c interp/modules/select/poll.c interp/modules/select/select.c \
	interp/modules/posixsubprocess/child.h interp/modules/posixsubprocess/child.c interp/modules/posixsubprocess/module.c
libinterp_a_SOURCES += interp/modules/socket/socket_module.h interp/modules/socket/address.c interp/modules/socket/call.c interp/modules/socket/constants.c \
	interp/modules/socket/message.c interp/modules/socket/module.c interp/modules/socket/object.c interp/modules/socket/option.c \
	interp/modules/socket/resolve.c interp/modules/socket/stream.c
libinterp_a_SOURCES += interp/modules/constants.h interp/modules/constants.c interp/modules/errno.c interp/modules/pwd.c interp/modules/resource.c interp/modules/stat.c \
	interp/modules/posix/posix.h interp/modules/posix/conf.c interp/modules/posix/constants.c interp/modules/posix/dir.c interp/modules/posix/exec.c \
	interp/modules/posix/fd.c interp/modules/posix/file.c interp/modules/posix/fork.c interp/modules/posix/ids.c interp/modules/posix/io.c \
	interp/modules/posix/module.c interp/modules/posix/path.c interp/modules/posix/process.c interp/modules/posix/sched.c interp/modules/posix/spawn.c \
	interp/modules/posix/stat.c interp/modules/posix/sys.c interp/modules/posix/tty.c interp/modules/posix/wait.c interp/modules/posix/xattr.c \
	interp/modules/signal/signal.h interp/modules/signal/module.c interp/modules/signal/set.c interp/modules/signal/state.c
libinterp_a_SOURCES += interp/modules/binascii/binascii.h interp/modules/binascii/module.c interp/modules/binascii/base64.c interp/modules/binascii/quoted.c \
	interp/modules/binascii/uu.c
libinterp_a_SOURCES += interp/modules/bisect.c interp/modules/heapq.c
libinterp_a_SOURCES += interp/modules/hash/digest.h interp/modules/hash/merkle.c interp/modules/hash/keccak.c interp/modules/hash/blake2.c interp/modules/hash/module.c
libinterp_a_SOURCES += interp/modules/json/json.h interp/modules/json/text.c interp/modules/json/scanner.c interp/modules/json/encoder.c interp/modules/json/module.c
libinterp_a_SOURCES += interp/modules/unicodedata/unicodedata.h interp/modules/unicodedata/normal.h interp/modules/unicodedata/lookup.c interp/modules/unicodedata/normal.c \
	interp/modules/unicodedata/tables.c interp/modules/unicodedata/names.c interp/modules/unicodedata/module.c
EXTRA_DIST += interp/modules/unicodedata/gen_unicodedata.py
libinterp_a_SOURCES += interp/modules/zlib/zlib_module.h interp/modules/zlib/module.c interp/modules/zlib/compress.c interp/modules/zlib/decompress.c
libinterp_a_SOURCES += interp/modules/pyexpat/expat_module.h interp/modules/pyexpat/module.c interp/modules/pyexpat/parser.c interp/modules/pyexpat/handlers.c
libinterp_a_SOURCES += interp/modules/pickle/pickle.h interp/modules/pickle/opcode.h interp/modules/pickle/memo.c interp/modules/pickle/out.c interp/modules/pickle/save.c \
	interp/modules/pickle/save_container.c interp/modules/pickle/save_global.c interp/modules/pickle/save_reduce.c interp/modules/pickle/save_instance.c \
	interp/modules/pickle/pickler.c interp/modules/pickle/buffer.c interp/modules/pickle/in.c interp/modules/pickle/stack.c interp/modules/pickle/load.c \
	interp/modules/pickle/load_text.c interp/modules/pickle/load_build.c interp/modules/pickle/load_class.c interp/modules/pickle/unpickler.c interp/modules/pickle/module.c
libinterp_a_SOURCES += interp/modules/random/mt.h interp/modules/random/random.c
libinterp_a_SOURCES += interp/modules/sre/sre.h interp/modules/sre/module.c interp/modules/sre/charset.c interp/modules/sre/program.c interp/modules/sre/first.c \
	interp/modules/sre/machine.c interp/modules/sre/machine.inc interp/modules/sre/match.c interp/modules/sre/pattern.c interp/modules/sre/scanner.c \
	interp/modules/sre/subst.c
libinterp_a_SOURCES += interp/modules/foreign.h interp/modules/foreign.c
libinterp_a_SOURCES += interp/modules/mmap.c
libinterp_a_SOURCES += interp/modules/squeeze/squeeze.h interp/modules/squeeze/stream.c interp/modules/squeeze/bz2.c interp/modules/squeeze/lzma.c interp/modules/squeeze/filters.h \
	interp/modules/squeeze/filters.c
libinterp_a_SOURCES += interp/modules/ssl/ssl_module.h interp/modules/ssl/api.h interp/modules/ssl/api.c interp/modules/ssl/error.c interp/modules/ssl/bio.c \
	interp/modules/ssl/context.c interp/modules/ssl/load.c interp/modules/ssl/callbacks.c interp/modules/ssl/connection.c interp/modules/ssl/session.c \
	interp/modules/ssl/peer.c interp/modules/ssl/names.c interp/modules/ssl/module.c
libinterp_a_SOURCES += interp/modules/statistics.c
libinterp_a_SOURCES += interp/modules/string_module.c
libinterp_a_SOURCES += interp/modules/symtable.h interp/modules/symtable.c
libinterp_a_SOURCES += interp/modules/struct/struct.h interp/modules/struct/half.h interp/modules/struct/layout.c interp/modules/struct/codes.c interp/modules/struct/module.c

INTERP_FROZEN = interp/lib/_ast.inc
BUILT_SOURCES += $(INTERP_FROZEN)
CLEANFILES += $(INTERP_FROZEN)
EXTRA_DIST += interp/lib/_ast.py
interp/modules/table.$(OBJEXT): $(INTERP_FROZEN)
interp/lib/_ast.inc: interp/lib/_ast.py sdk/base/embed.sh
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(EMBED) lib__ast $(srcdir)/interp/lib/_ast.py > $@.tmp && mv $@.tmp $@

# The start-up modules of the library, compiled: krait-freeze makes them from its sources, frozen.o carries them into every program that has an interpreter.
noinst_PROGRAMS += krait-freeze
krait_freeze_SOURCES = interp/freeze.c
krait_freeze_LDADD = libinterp.a $(GMP_LIBS) $(ZLIB_LIBS) $(EXPAT_LIBS) $(MIMALLOC_LIBS) $(M_LIBS) $(PTHREAD_LIBS)
interp/frozen.image: krait-freeze$(EXEEXT)
	$(AM_V_GEN)ASAN_OPTIONS=detect_leaks=0 ./krait-freeze$(EXEEXT) $@.tmp $(stdlibdir) && mv $@.tmp $@
# The library is there for its rules: programs take the object, since nothing refers to it strongly.
noinst_LIBRARIES += libfrozen.a
libfrozen_a_SOURCES = interp/frozen.c
interp/frozen.$(OBJEXT): interp/frozen.image
CLEANFILES += interp/frozen.image

# The library compiled, next to the program: `make install` runs the program on the library's sources. A library that changes later is noticed, file by file.
compiledstdlibdir = $(libdir)/krait/stdlib
EXTRA_DIST += interp/lib/compile_stdlib.py
install-exec-hook: install-compiled-stdlib
install-compiled-stdlib: krait-python$(EXEEXT)
	./krait-python$(EXEEXT) -I -S $(srcdir)/interp/lib/compile_stdlib.py '$(stdlibdir)' '$(DESTDIR)$(compiledstdlibdir)'
uninstall-hook:
	rm -rf '$(DESTDIR)$(compiledstdlibdir)'
.PHONY: install-compiled-stdlib
