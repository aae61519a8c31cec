# SPDX-License-Identifier: Apache-2.0
# libbase: the small shared parts. Leaf: libc and pthreads only.
#
# noinst_LTLIBRARIES += libbase.la
# libbase_la_SOURCES = sdk/base/buf.c sdk/base/buf.h sdk/base/list.h …   (headers too: they go into the tarball)
# libbase_la_LIBADD = $(PTHREAD_LIBS)

EXTRA_DIST += sdk/base/embed.sh
