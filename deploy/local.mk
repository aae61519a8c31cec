# SPDX-License-Identifier: Apache-2.0
# What the tarball carries of deploy/; nothing in here is compiled.
EXTRA_DIST += deploy/deps
