# SPDX-License-Identifier: Apache-2.0
# krait: the command line. Uses libclient (static), never the broker's or the worker's files.
#
# bin_PROGRAMS += krait
# krait_SOURCES = sdk/cli/main.c sdk/cli/cmd_enqueue.c …
# krait_LDADD = libclient.la libwire.la libbase.la $(OPENSSL_LIBS)
