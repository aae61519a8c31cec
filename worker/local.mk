# SPDX-License-Identifier: Apache-2.0
# krait-worker. Uses interp/, sdk/base, sdk/wire and libevent; only exec.c and convert.c include interp.h.
#
# bin_PROGRAMS += krait-worker
# krait_worker_SOURCES = worker/main.c worker/worker.h …
# krait_worker_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
# krait_worker_LDADD = interp/sealed.o libwire.la libbase.la $(EVENT_LIBS) $(EVENT_SSL_LIBS) $(OPENSSL_LIBS) $(GMP_LIBS) $(MIMALLOC_LIBS) $(M_LIBS)
# (interp/sealed.o, never libinterp.a: see Makefile.am)
