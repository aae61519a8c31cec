# SPDX-License-Identifier: Apache-2.0
# sys.set_coroutine_origin_tracking_depth: coroutines remember who made them, others do not.
import sys


async def work():
    return 1


async def agen():
    yield 1


def maker():
    return work()


def outer():
    return (
        maker())


def show(c):
    origin = c.cr_origin
    print(origin and [(line, name) for _, line, name in origin])
    c.close()


print(sys.get_coroutine_origin_tracking_depth())
show(outer())
for depth in (1, 2, 10, 0):
    sys.set_coroutine_origin_tracking_depth(depth)
    print(sys.get_coroutine_origin_tracking_depth())
    show(outer())
    show(next(map(lambda _: work(), [0])))
sys.set_coroutine_origin_tracking_depth(3)
print(hasattr(agen(), 'ag_origin'))
for bad in (-1, 'x', 1.5):
    try:
        sys.set_coroutine_origin_tracking_depth(bad)
    except (TypeError, ValueError) as e:
        print(type(e).__name__)
c = work()
try:
    c.cr_origin = 3
except AttributeError:
    print('read-only')
c.close()
