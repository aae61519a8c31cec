# SPDX-License-Identifier: Apache-2.0
# Binary search and heaps: positions, keys, bounds, sequences in Python, lists that change meanwhile.
import _bisect, _heapq
def show(f, *args, **kw):
    try: r = f(*args, **kw)
    except BaseException as e: r = type(e).__name__ + ': ' + str(e)
    print(ascii(r))
a = [1, 2, 2, 2, 3, 5, 8]
for x in range(-1, 10): print([f(a, x) for f in (_bisect.bisect_left, _bisect.bisect_right)], [f(a, x, 1, 4) for f in (_bisect.bisect_left, _bisect.bisect_right)])
show(_bisect.bisect_left, a, 3, -1), show(_bisect.bisect_left, a, 'x'), show(_bisect.bisect_left, 5, 3), show(_bisect.bisect_left, a), show(_bisect.bisect_right, a, 3, hi=100)
words = ['a', 'bb', 'ccc', 'dddd']
print(_bisect.bisect_left(words, 3, key=len), _bisect.bisect_right(words, 3, key=len)); _bisect.insort_left(words, 'xx', key=len); _bisect.insort_right(words, 'yy', key=len); print(words)
class Seq:
    def __len__(self): return 100
    def __getitem__(self, i): return i * 2
    def insert(self, i, x): print('insert', i, x)
print(_bisect.bisect_left(Seq(), 51), _bisect.bisect_right(Seq(), 50, lo=3, hi=80)); _bisect.insort_left(Seq(), 33)
b = []
for x in (5, 1, 4, 1, 3, 9, 2, 6): _bisect.insort_right(b, x)
print(b)
h = []
for x in (5, 1, 4, 1, 3, 9, 2, 6, 5, 3, 5): _heapq.heappush(h, x)
print(h, _heapq.heappushpop(h, 0), _heapq.heappushpop(h, 7), _heapq.heapreplace(h, 0), h); print([_heapq.heappop(h) for _ in range(len(h))])
state = 12345
data = []
for _ in range(500): state = (state * 1103515245 + 12345) % 2**31; data.append(state % 1000)
h = data[:]; _heapq.heapify(h); print(h[:20], all(h[i] <= h[j] for i in range(500) for j in (2 * i + 1, 2 * i + 2) if j < 500)); print([_heapq.heappop(h) for _ in range(500)] == sorted(data))
h = data[:]; _heapq._heapify_max(h); print(h[:10], _heapq._heappop_max(h), _heapq._heapreplace_max(h, 5), [_heapq._heappop_max(h) for _ in range(5)])
show(_heapq.heappop, []), show(_heapq.heapreplace, [], 1), show(_heapq.heappush, (), 1), show(_heapq.heapify, ()), show(_heapq.heapify, [1, 'a']), show(_heapq.heappushpop, [], 3), show(_heapq.heappop, [7])
class Evil:
    def __init__(self, l): self.l = l
    def __lt__(self, other): self.l.clear(); return True
l = []; l += [Evil(l) for _ in range(10)]; show(_heapq.heapify, l)
l = [1, 2, 3]; l.append(Evil(l)); show(_heapq.heappush, l, 0)
