# bytearray against a list of ints: cut and filled at both ends and in the middle, with views on it.
import random

r = random.Random(7)
for round in range(60):
    b, l = bytearray(), []
    for step in range(300):
        n = len(l)
        what = r.randrange(14)
        some = bytes(r.randrange(256) for _ in range(r.randrange(1, 40)))
        i, j = sorted((r.randrange(n + 3), r.randrange(n + 3)))
        if what < 3:
            b += some
            l += some
        elif what == 3:
            b.extend(some)
            l.extend(some)
        elif what == 4:
            del b[:i]
            del l[:i]
        elif what == 5:
            del b[i:]
            del l[i:]
        elif what == 6:
            b[i:j] = some
            l[i:j] = some
        elif what == 7 and n:
            k = r.randrange(-n, n)
            assert b.pop(k) == l.pop(k)
        elif what == 8:
            b.insert(i, some[0])
            l.insert(i, some[0])
        elif what == 9:
            step_by = r.choice((2, 3, -1, -2))
            del b[i:j:step_by]
            del l[i:j:step_by]
        elif what == 10:
            b.append(some[0])
            l.append(some[0])
        elif what == 11:
            b.reverse()
            l.reverse()
        elif what == 12 and n:
            m = memoryview(b)
            m[n // 2] = l[n // 2] = some[0]
            for change in (lambda: b.append(1), lambda: b.__delitem__(slice(0, 1)), lambda: b.pop(), lambda: b.clear()):
                try:
                    change()
                except BufferError as e:
                    pass
                else:
                    print('no BufferError')
            b[0:1] = b[0:1]
            m.release()
        elif what == 13 and n:
            b[r.randrange(n)] = b[0]
            l = list(b)
        assert list(b) == l and len(b) == len(l) and bytes(b) == bytes(l), (round, step, what)
    print(len(b), sum(b))

buffer, fed, eaten = bytearray(), 0, 0
while eaten < 200000:                       # as a protocol does: filled behind, eaten in front
    while len(buffer) < 4000:
        buffer += b'%06d\n' % fed
        fed += 1
    line = buffer[:7]
    assert line == b'%06d\n' % eaten, line
    del buffer[:7]
    eaten += 1
print(len(buffer), fed - eaten)
for f in (lambda: bytearray().pop(), lambda: bytearray(b'a').pop(3), lambda: bytearray(b'a').__setitem__(1, 2), lambda: bytearray(b'abcd').__setitem__(slice(0, 4, 2), b'x'),
          lambda: bytearray(b'a').remove(9), lambda: bytearray(b'a').__delitem__(-2)):
    try:
        f()
    except Exception as e:
        print(type(e).__name__, e)
