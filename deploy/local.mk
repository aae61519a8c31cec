# SPDX-License-Identifier: Apache-2.0
# What the tarball carries of deploy/; nothing in here is compiled.

EXTRA_DIST += deploy/README.md deploy/deps deploy/up deploy/image deploy/Dockerfile deploy/demo/tasks.py
