class A:
    __slots__ = ('_name', '__doc__', 'x')
a = A()
a.__doc__ = 'mine'
print(a.__doc__, A.__doc__)
class B(A):
    __slots__ = ('y', 'z', 'y')
b = B()
b.y = 1
b.z = 2
print(b.y, b.z)
class D:
    "text"
    __slots__ = ('q',)
print(D.__doc__)
try:
    class C:
        "text"
        __slots__ = ('__doc__',)
except ValueError as e:
    print(e)
try:
    class E:
        x = 1
        __slots__ = ('x',)
except ValueError as e:
    print(e)
