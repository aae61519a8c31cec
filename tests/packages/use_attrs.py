# SPDX-License-Identifier: Apache-2.0
# attrs: classes with validators, converters, slots, frozen, evolve, asdict, ordering.
import attr, attrs, functools
@attr.s(auto_attribs=True, order=True)
class Point:
    x: int = attr.ib(validator=attr.validators.instance_of(int))
    y: int = attr.ib(default=0, converter=int)
    tags: list = attr.Factory(list)
@attrs.define
class Slotted:
    a: int
    b: str = attrs.field(default='b', repr=lambda v: f'<{v}>', on_setattr=attrs.setters.validate, validator=attrs.validators.matches_re('[a-z]+'))
    _private: float = 1.5
    def total(self): return bool(super().__repr__()) and self.a
    @property
    def double(self): return self.a * 2
    def __attrs_post_init__(self): self.a += 1
@attrs.frozen(kw_only=True)
class Frozen:
    name: str = attrs.field()
    children: tuple = ()
    depth: int = attrs.field(init=False, eq=False)
    @depth.default
    def _depth(self): return 1 + max((c.depth for c in self.children), default=0)
    @name.validator
    def _check(self, attribute, v):
        if not v: raise ValueError(f'{attribute.name} is empty')
print(Point(1, '2'), Point(1) < Point(2), Point(1, 2) == Point(1, 2), attr.asdict(Point(3, 4, ['x'])), attr.astuple(Point(3)), sorted([Point(2), Point(1, 5), Point(1)]))
s = Slotted(3, private=9); print(s, s.double, s.total(), Slotted.__slots__, hasattr(s, '__dict__'))
f = Frozen(name='root', children=(Frozen(name='leaf'),)); print(f, f.depth, hash(f) == hash(Frozen(name='root', children=(Frozen(name='leaf'),))), attrs.evolve(f, name='other'))
for action in (lambda: Point('x'), lambda: Point(1, 'y'), lambda: Slotted(1, 'B2'), lambda: setattr(s, 'b', '9'), lambda: setattr(s, 'z', 1), lambda: setattr(f, 'name', 'n'), lambda: Frozen(name=''), lambda: Frozen('x'), lambda: Point(), lambda: Point(1, 2, 3, 4)):
    try: print(action())
    except Exception as e: print(type(e).__name__, e.args[0] if e.args else e)
print(attrs.asdict(f, recurse=True), attrs.asdict(f, filter=lambda a, v: a.name != 'depth'), [a.name for a in attrs.fields(Frozen)], attr.has(Point), attrs.fields_dict(Slotted)['b'].default)
Made = attr.make_class('Made', {'p': attr.ib(), 'q': attr.ib(default=7)})
print(Made(1), Made.__mro__[1], Made(1) != Made(2))
print(attrs.resolve_types(Point) is Point, attrs.fields(Point).x.type)
@functools.total_ordering
@attrs.define(eq=False)
class Ordered:
    v: int
    def __eq__(self, o): return self.v == o.v
    def __lt__(self, o): return self.v < o.v
print(max(Ordered(1), Ordered(5)), Ordered(1) >= Ordered(1))
