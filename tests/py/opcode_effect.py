# SPDX-License-Identifier: Apache-2.0
# _opcode.stack_effect for every number, argument and way to ask.
from _opcode import stack_effect
def err(*a, **k):
    try: return stack_effect(*a, **k)
    except Exception as e: return type(e).__name__, str(e)
for op in list(range(256)) + [300, 'x']:
    for jump in (None, True, False, 5):
        print(op, err(op, jump=jump) if not isinstance(op, int) or op < 90 else [err(op, a, jump=jump) for a in (0, 1, 2, 3, 4, 5, 7, 8, 15, 255, 256, 257, 1000)])
print(err(), err(1, 2), err(100), err(100, 'a'))
