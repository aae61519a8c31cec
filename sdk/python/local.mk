# SPDX-License-Identifier: Apache-2.0
# The CPython package: pure Python, installed into --with-python-dir.
#
# dist_kraitpy_DATA = sdk/python/krait/__init__.py …      (kraitpydir comes from configure)
