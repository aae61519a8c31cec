#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes `configure` and its helpers (all of them ignored by git). Building is left to configure and make.
set -eu
cd "$(dirname "$0")"
for tool in autoreconf automake libtoolize pkg-config; do
    command -v "$tool" >/dev/null || {
        echo "autogen.sh: $tool is missing; on Debian: apt-get install autoconf automake libtool pkg-config" >&2
        exit 1
    }
done
mkdir -p build-aux/m4
autoreconf -fi -Wno-obsolete
