# array.array: items, slices, bytes, errors, buffers.
from array import array, typecodes


def show(f, *a):
    try:
        print('->', f(*a))
    except Exception as e:
        print('!!', type(e).__name__, e)


print(typecodes)
for c in typecodes:
    a = array(c, 'ab' if c == 'u' else [1, 2, 3])
    print(a, a.itemsize, a.typecode, len(a), a.tobytes())
    a.byteswap()
    print(a.tobytes())
for c, n in (('b', 128), ('b', -129), ('B', 256), ('B', -1), ('h', 1 << 15), ('H', -1), ('i', 1 << 31), ('I', 1 << 32), ('I', -1), ('l', 1 << 63), ('b', 1.5), ('d', 'x'), ('u', 'ab')):
    show(array, c, [n])
a = array('i', range(10))
print(a[2], a[-1], a[2:5], a[::-2], 3 in a, 30 in a, a.index(4), a.count(4), a.pop(), a.pop(0), a)
a[1:3] = array('i', [7, 8, 9])
a.insert(1, 5)
a.remove(5)
a.reverse()
del a[::2]
print(a, a + a, a * 2, a == array('i', a), a < array('i', [9]), a == [1])
a += array('i', [1])
a *= 2
print(a, list(a), a.tolist())
show(a.extend, [1, 'x'])
show(a.fromlist, [1, 'x'])
show(a.frombytes, b'abc')
show(a.index, 99)
show(lambda: a[99])
show(lambda: array('i') + array('b'))
show(array, 'z')
show(array, 'i', 'abc')
m = memoryview(a)
print(m.format, m.itemsize, len(m), m[0])
show(a.append, 1)
m.release()
a.append(1)
print(array('d', [1.5, 2]), array('f', [0.5]).tolist(), array('B', b'abc'), bytearray(array('B', b'xy')), array('u', 'h\xe9').tounicode())
import copy
import pickle
print(pickle.loads(pickle.dumps(a)) == a, copy.copy(a) == a)
