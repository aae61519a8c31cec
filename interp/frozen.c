// SPDX-License-Identifier: Apache-2.0
// The image of the frozen modules as a part of the program. Leaves making it to freeze.c, reading it to modules/import/frozen.c.
__asm__(".section .rodata\n"
        ".balign 4096\n"
        ".globl interp_frozen_image\n"
        ".hidden interp_frozen_image\n"
        "interp_frozen_image:\n"
        ".incbin \"interp/frozen.image\"\n"
        ".balign 8\n"
        ".previous\n");
