# SPDX-License-Identifier: Apache-2.0
# krait-broker. Uses sdk/base, sdk/wire, libevent, hiredis, OpenSSL; never interp/ or sdk/client.

broker_functions = broker/functions/record.lua broker/functions/group.lua broker/functions/enqueue.lua broker/functions/claim.lua \
	broker/functions/ack.lua broker/functions/session.lua broker/functions/look.lua broker/functions/admin.lua

noinst_LIBRARIES += libbroker.a
libbroker_a_SOURCES = broker/broker.h broker/settings.h broker/settings.c broker/loop.h broker/loop.c \
	broker/stream.h broker/stream.c broker/record.h broker/record.c broker/resp.h \
	broker/redis_reply.h broker/redis_reply.c broker/redis_link.h broker/redis_link.c \
	broker/redis_child.h broker/redis_child.c broker/away.h broker/away.c broker/store.h broker/store.c broker/part.c broker/defaults.c broker/batch.c \
	broker/conn.h broker/conn.c broker/session.h broker/session.c broker/owner.c broker/lease.c broker/retry.h broker/retry.c \
	broker/token.h broker/token.c broker/op.h broker/op.c broker/op_submit.c broker/op_lease.c \
	broker/op_finish.c broker/op_result.c broker/op_admin.c broker/op_worker.c \
	broker/op_call.c broker/op_queue.c broker/op_tasks.c broker/op_events.c broker/op_part.c broker/op_workers.c \
	broker/http.h broker/http.c broker/metrics.h broker/metrics.c
nodist_libbroker_a_SOURCES = broker/functions.c
libbroker_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(HIREDIS_CFLAGS) $(OPENSSL_CFLAGS)

bin_PROGRAMS += krait-broker
krait_broker_SOURCES = broker/main.c
krait_broker_CFLAGS = $(libbroker_a_CFLAGS)
krait_broker_LDADD = libbroker.a libwire.la libbase.la $(EVENT_LIBS) $(HIREDIS_LIBS) $(OPENSSL_LIBS)

# One Redis function library from all files, in this order.
broker/krait.lua: $(broker_functions)
	$(AM_V_GEN)$(MKDIR_P) broker && { echo '#!lua name=krait_v2' && (cd $(srcdir) && cat $(broker_functions)); } >$@.tmp && mv $@.tmp $@

broker/functions.c: broker/krait.lua sdk/base/embed.sh
	$(AM_V_GEN)$(EMBED) broker_functions broker/krait.lua >$@.tmp && mv $@.tmp $@

CLEANFILES += broker/functions.c broker/krait.lua
EXTRA_DIST += $(broker_functions) broker/STATES.md broker/BLOCKS.md broker/README.md

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/broker_parts
tests_unit_broker_parts_SOURCES = tests/unit/broker_parts.c tests/unit/unit.h
tests_unit_broker_parts_CFLAGS = $(libbroker_a_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_broker_parts_LDADD = libbroker.a libwire.la libbase.la $(EVENT_LIBS) $(HIREDIS_LIBS) $(OPENSSL_LIBS) $(CMOCKA_LIBS)
endif
