// SPDX-License-Identifier: Apache-2.0
// How files of compiled code are named: `name.TAG.pyc`. Leaves what is in them to marshal.h.
#ifndef KRAIT_INTERP_MODULES_IMPORT_CACHE_TAG_H
#define KRAIT_INTERP_MODULES_IMPORT_CACHE_TAG_H

#define IMPORT_CACHE_TAG "krait-311"

#endif
