# SPDX-License-Identifier: Apache-2.0
# krait-broker. Uses sdk/base, sdk/wire, libevent, hiredis, OpenSSL; never interp/ or sdk/client.
#
# noinst_LIBRARIES += libbroker.a
# libbroker_a_SOURCES = broker/broker.h broker/loop.c …
# nodist_libbroker_a_SOURCES = broker/functions.c
# libbroker_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(HIREDIS_CFLAGS)
# bin_PROGRAMS += krait-broker
# krait_broker_SOURCES = broker/main.c
# krait_broker_LDADD = libbroker.a libwire.la libbase.la $(EVENT_LIBS) $(EVENT_SSL_LIBS) $(HIREDIS_LIBS) $(OPENSSL_LIBS)
#
# A text file as a C array (broker_functions, broker_functions_len):
# broker/functions.c: broker/functions/krait.lua sdk/base/embed.sh
# 	$(AM_V_GEN)$(MKDIR_P) broker && $(EMBED) broker_functions $(srcdir)/broker/functions/krait.lua >$@.tmp && mv $@.tmp $@
# CLEANFILES += broker/functions.c
# EXTRA_DIST += broker/functions/krait.lua
