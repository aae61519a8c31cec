# SPDX-License-Identifier: Apache-2.0
# The unit tests (cmocka, one program a source file, mirrored names) and what the tarball carries of the rest.
#
# A test of sdk/base/buf.c:
#   if HAVE_CMOCKA
#   check_PROGRAMS += tests/unit/sdk_base_buf
#   tests_unit_sdk_base_buf_SOURCES = tests/unit/sdk_base_buf.c
#   tests_unit_sdk_base_buf_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
#   tests_unit_sdk_base_buf_LDADD = libbase.la $(CMOCKA_LIBS)
#   endif
# It stands in the local.mk of the folder that it tests (so that owners do not meet in this file);
# TESTS takes all of check_PROGRAMS.

TESTS += $(check_PROGRAMS)

if !HAVE_CMOCKA
check-local:
	@echo "make check: libcmocka is missing, so the unit tests did not run; on Debian: apt-get install libcmocka-dev" >&2
	@exit 1
endif

# Whole folders: each script in them is found by itself.
EXTRA_DIST += tests/layers tests/style tests/run tests/runner.py tests/tap_unittest.py tests/skips tests/README.md tests/py tests/cpython tests/system tests/container tests/fuzz tests/scale tests/bench/functions tests/chaos tests/bench/queue
