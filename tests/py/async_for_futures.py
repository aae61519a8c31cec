# SPDX-License-Identifier: Apache-2.0
# `async for` over iterators whose __anext__ gives any awaitable: futures, generators with types.coroutine, objects with __await__; and what is none.
import asyncio, types
class Await:
    def __init__(self, v): self.v = v
    def __await__(self):
        yield from asyncio.sleep(0).__await__()
        if self.v is None: raise StopAsyncIteration
        return self.v
@types.coroutine
def old(v):
    yield
    if v is None: raise StopAsyncIteration
    return v
def future(v):
    loop = asyncio.get_running_loop()
    f = loop.create_future()
    if v is None: f.set_exception(StopAsyncIteration())
    elif v % 2: f.set_result(v)
    else: loop.call_soon(f.set_result, v)
    return f
class Items:
    def __init__(self, make): self.make, self.left = make, [5, 4, 3, 2, 1]
    def __aiter__(self): return self
    def __anext__(self): return self.make(self.left.pop() if self.left else None)
async def main():
    for make in (Await, old, future):
        print(make.__name__, [i async for i in Items(make)])
        async for i in Items(make):
            if i == 3: break
        else: print('not here')
        print(i, await anext(Items(make)))
    for make in (lambda v: v, lambda v: (x for x in ())):
        try:
            async for i in Items(make): print(i)
        except TypeError as e: print(e)
asyncio.run(main())
