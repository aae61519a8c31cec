# SPDX-License-Identifier: Apache-2.0
# Small things that CPython's own tests found.
def err(f, *a, **k):
    try: return f(*a, **k)
    except Exception as e: return type(e).__name__, str(e)
class S: __slots__ = ('__doc__', 'x')
s = S(); s.__doc__ = 5; print(s.__doc__, S.__doc__ is S.__dict__['__doc__'])
print(err(lambda: 42 @ 42), err(lambda a: a @ 1.0, 1), err(lambda a: a @ 2**70, 1))
