# Sorting: stability, key, reverse, kinds of keys, lists that change under it, comparisons that fail.
def err(f):
    try:
        return f()
    except BaseException as e:
        return type(e).__name__ + ': ' + str(e)


seed = 12345


def rnd(n):
    global seed
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed // 8 % n


def check(l, **kw):
    key = kw.get('key') or (lambda x: x)
    s = sorted(l, **kw)
    order = all(not key(s[i + 1]) < key(s[i]) for i in range(len(s) - 1)) if not kw.get('reverse') else all(not key(s[i]) < key(s[i + 1]) for i in range(len(s) - 1))
    return order and len(s) == len(l)


for n in (0, 1, 2, 3, 10, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 1000, 2049):
    ints = [rnd(n + 1) for _ in range(n)]
    print(n, check(ints), check(ints, reverse=True), check([float(x) / 3 for x in ints]), check([str(x) for x in ints]), check(ints, key=lambda x: -x),
          check([(x % 7, x) for x in ints]), check([(x % 7, x) for x in ints], key=lambda p: p[0]), check([[x] for x in ints]))

# stability
pairs = [(rnd(10), i) for i in range(500)]
s = sorted(pairs, key=lambda p: p[0])
print(all(s[i] < s[i + 1] for i in range(len(s) - 1)))
s = sorted(pairs, key=lambda p: p[0], reverse=True)
print(all(s[i][0] > s[i + 1][0] or (s[i][0] == s[i + 1][0] and s[i][1] < s[i + 1][1]) for i in range(len(s) - 1)))

# patterns that gallop
up = list(range(300))
down = up[::-1]
for l in (up, down, up + up, up + down, down + up, [0] * 300, up + [5], [500] + up, [x ^ 1 for x in up], [x % 10 for x in up], up[150:] + up[:150],
          [i if i % 50 else 1000 for i in range(400)], [x for p in zip(up, down) for x in p]):
    m = list(l)
    m.sort()
    k = sorted(l, key=str)
    t = sorted((x, i) for i, x in enumerate(l))
    print(m == [x for x, i in t], m[:5], m[-5:], k == sorted(l, key=lambda x: str(x)), sum(m) == sum(l), sum(k) == sum(l))

print(sorted([3, 1.5, 2, True, -7, 2.5]), sorted('hello world'), sorted({'b': 1, 'a': 2}), sorted([(1, 'b'), (1, 'a'), (0, 'c')]))
print(sorted(['é', 'z', 'a', 'ü', 'Z', '', 'a' * 3, '\u4e00', '\U0001f600']), sorted([b'b', b'a']) if False else '')
print(sorted([10 ** 30, 1, -10 ** 30, 5]), sorted([0.0, -0.0, 1e300, -1e300, 5e-324, 1e-300]), sorted([(1.5, 'a'), (0.0, 'b'), (1.5, 'A')]))
print(err(lambda: sorted([1, 'a'])), err(lambda: sorted([1j, 2j])), err(lambda: [1].sort(5)), err(lambda: sorted(5)))
print(err(lambda: sorted([None, 1])), err(lambda: sorted([(1, 'a'), (1, 2)])))


class Fails:
    count = 0

    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        Fails.count += 1
        if Fails.count == 200:
            raise ValueError('enough')
        return self.n < other.n

    def __repr__(self):
        return str(self.n)


l = [Fails(rnd(100)) for _ in range(100)]
ids = sorted(id(x) for x in l)
print(err(l.sort), len(l), ids == sorted(id(x) for x in l))
Fails.count = 0
l = [Fails(rnd(100)) for _ in range(100)]
print(err(lambda: l.sort(key=lambda x: 1 / (x.n - l.__len__()) if False else x)), len(l))


def bad_key(x):
    raise KeyError(x)


l = [3, 2, 1]
print(err(lambda: l.sort(key=bad_key)), l)


class Peeks:
    def __init__(self, n, l):
        self.n, self.l = n, l

    def __lt__(self, other):
        self.l.append(1)
        return self.n < other.n


l = []
l.extend(Peeks(i, l) for i in (3, 1, 2))
print(err(l.sort), len(l), [x.n for x in l])
seen = []
l = [3, 1, 2]
l.sort(key=lambda x: (seen.append(len(l)), x)[1])
print(seen, l)
l = [1, 2, 3]
print(err(lambda: l.sort(key=lambda x: l.clear())), err(lambda: l.sort(reverse='yes')), l)
l.sort(reverse=True)
print(l, min([3, 1, 2]), max('abc'), sorted([3, 1, 2], key=None, reverse=False))


class Rev:
    def __init__(self, v):
        self.v = v

    def __lt__(self, other):
        return other.v < self.v


print([x.v for x in sorted(map(Rev, [1, 3, 2]))], sorted([3, 1, 2], key=Rev))
