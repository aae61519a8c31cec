# SPDX-License-Identifier: Apache-2.0
# libclient and libkrait: connect, submit, wait. Uses sdk/base and sdk/wire.
#
# noinst_LTLIBRARIES += libclient.la
# libclient_la_SOURCES = sdk/client/conn.c sdk/client/conn.h …
# lib_LTLIBRARIES += libkrait.la
# libkrait_la_SOURCES = sdk/client/client.c      (at least one source of its own, marked for export)
# libkrait_la_LIBADD = libclient.la libwire.la libbase.la $(OPENSSL_LIBS)
# libkrait_la_LDFLAGS = $(AM_LDFLAGS) -version-info 0:0:0 -no-undefined
# include_HEADERS += sdk/include/krait.h
# pkgconfig_DATA += sdk/krait.pc                 (made by a rule with sed; CLEANFILES += sdk/krait.pc)
