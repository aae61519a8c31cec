# SPDX-License-Identifier: Apache-2.0
# The CPython package: pure Python, installed into --with-python-dir.
dist_kraitpy_DATA = \
	sdk/python/krait/__init__.py sdk/python/krait/_address.py sdk/python/krait/_admin.py sdk/python/krait/_app.py \
	sdk/python/krait/_calls.py \
	sdk/python/krait/_client.py sdk/python/krait/_errors.py sdk/python/krait/_options.py sdk/python/krait/_proto.py \
	sdk/python/krait/_results.py sdk/python/krait/_values.py sdk/python/krait/_worker.py sdk/python/krait/aio.py \
	sdk/python/krait/py.typed sdk/python/krait/__init__.pyi
EXTRA_DIST += sdk/python/pyproject.toml sdk/python/backend.py sdk/python/README.md
