# SPDX-License-Identifier: Apache-2.0
# The generator: the same numbers from the same seeds, its state, its errors.
import _random
def show(f, *args, **kw):
    try: r = f(*args, **kw)
    except BaseException as e: r = type(e).__name__ + ': ' + str(e)
    print(ascii(r))
for seed in (0, 1, -1, 5, 2**31, 2**32, 2**64 - 1, 2**100 + 7, -2**200, True, 1.5, 10**400):
    r = _random.Random(seed)
    print([r.random() for _ in range(5)], [r.getrandbits(k) for k in (0, 1, 7, 31, 32, 33, 64, 65, 100, 1000)])
r = _random.Random(42)
for _ in range(2000): r.random()
state = r.getstate(); print(len(state), hash(state), state[:3], state[-1])
a = [r.random() for _ in range(3)]; r.setstate(state); print(a == [r.random() for _ in range(3)])
show(r.getrandbits, -1), show(r.getrandbits, 2**70), show(r.getrandbits, 1.5), show(r.setstate, 1), show(r.setstate, (1, 2)), show(r.setstate, (1,) * 624 + (700,)), show(r.setstate, (-1,) * 625)
show(r.setstate, ('x',) * 625), show(r.seed, [1]), show(_random.Random, 1, 2), show(_random.Random, a=1), show(r.seed, 1, 2)
class R(_random.Random):
    def __init__(self, *args, **kw): self.got = args, kw
    def random(self): return 0.5
x = R(1, 2, z=3); print(x.got, x.random()); x.seed(3); print(x.getrandbits(40))
u = _random.Random(); v = _random.Random(); print(u.random() != v.random(), 0 <= u.random() < 1)
