#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes one object of an archive and hides in it each name that one of the other archives defines too:
# `seal.sh OUT.o ARCHIVE OTHER…`, with LD, NM and OBJCOPY from the environment. Linking it is left to its user.
set -eu
export LC_ALL=C
[ $# -ge 3 ] || { echo "usage: seal.sh OUT.o ARCHIVE OTHER…" >&2; exit 2; }
out=$1 archive=$2
shift 2
globals() { $NM -g --defined-only --format=posix "$@" | awk 'NF >= 3 { print $1 }' | sort -u; }
$LD -r -o "$out.tmp" --whole-archive "$archive" --no-whole-archive
globals "$out.tmp" >"$out.own"
globals "$@" >"$out.others"
# objcopy fails on an empty list, so the list starts with a name that nobody has.
{ echo "-"; comm -12 "$out.own" "$out.others"; } >"$out.hide"
$OBJCOPY --localize-symbols="$out.hide" "$out.tmp" "$out"
rm -f "$out.tmp" "$out.own" "$out.others" "$out.hide"
