# SPDX-License-Identifier: Apache-2.0
# The built-in functions aiter, anext and breakpoint.
import asyncio, sys
class Items:
    def __init__(self, n): self.n = n
    def __aiter__(self): return self
    async def __anext__(self):
        if not self.n: raise StopAsyncIteration
        self.n -= 1
        await asyncio.sleep(0)
        return self.n
async def gen():
    try:
        yield 1
        yield 2
    finally: print('closed')
class Hand:
    def __await__(self):
        got = yield 'asked'
        print('sent', got)
        raise StopAsyncIteration
class ByHand:
    def __aiter__(self): return self
    def __anext__(self): return Hand()
class Wrong:
    def __aiter__(self): return 5
    def __anext__(self): return 5
def attempt(f):
    try: print(f())
    except BaseException as e: print(type(e).__name__, e)
async def main():
    for source in (Items(2), gen()):
        it = aiter(source)
        print(it is source, await anext(it), await anext(it, 'd'), await anext(it, 'd'), await anext(it, None))
        try: await anext(it)
        except StopAsyncIteration as e: print('end', e.args)
    g = gen()
    print(await anext(g), await g.aclose(), await anext(g, 'after'))
    try: await anext(Wrong(), 1)
    except TypeError as e: print(e)
    async def failing():
        raise KeyError('x')
        yield
    try: await anext(failing(), 1)
    except KeyError as e: print('KeyError', e)
asyncio.run(main())
for f in (lambda: aiter(3), lambda: aiter(Wrong()), lambda: anext(3), lambda: anext([], 1), lambda: aiter(), lambda: anext(), lambda: anext(1, 2, 3)): attempt(f)
a = anext(ByHand(), 'fallback')
print(type(a).__name__, iter(a) is a, a.send(None))
attempt(lambda: a.send('value'))
a = anext(ByHand(), 'fallback')
next(a)
attempt(lambda: a.throw(StopAsyncIteration))
a = anext(ByHand(), 'fallback')
next(a)
attempt(lambda: a.throw(ValueError('thrown')))
a = anext(ByHand(), 'fallback')
print(a.close())
sys.breakpointhook = lambda *args, **kw: print('hook', args, kw)
breakpoint(1, x=2)
del sys.breakpointhook
attempt(breakpoint)
