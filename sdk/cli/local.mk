# SPDX-License-Identifier: Apache-2.0
# krait: the command line. Uses libclient (static), never the broker's or the worker's files.

bin_PROGRAMS += krait
krait_SOURCES = \
	sdk/cli/cli.h \
	sdk/cli/cmd_bench.c sdk/cli/cmd_cancel.c sdk/cli/cmd_dev.c sdk/cli/cmd_dlq.c sdk/cli/cmd_enqueue.c sdk/cli/cmd_events.c \
	sdk/cli/cmd_pause.c sdk/cli/cmd_queues.c sdk/cli/cmd_result.c sdk/cli/cmd_settings.c sdk/cli/cmd_tasks.c sdk/cli/cmd_top.c \
	sdk/cli/cmd_workers.c \
	sdk/cli/select.c sdk/cli/select.h \
	sdk/cli/cost.c sdk/cli/cost.h \
	sdk/cli/main.c sdk/cli/out.c sdk/cli/run.c \
	sdk/cli/proc.c sdk/cli/proc.h \
	sdk/cli/stack.c sdk/cli/stack.h
krait_LDADD = libclient.la libwire.la libbase.la $(PTHREAD_LIBS)
