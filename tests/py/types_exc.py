# Exceptions: their fields, texts, chains and groups.
import sys


def err(f):
    try:
        return f()
    except BaseException as e:
        return type(e).__name__ + ': ' + str(e)


def show(e):
    return type(e).__name__, str(e), repr(e), e.args


for e in (Exception(), Exception(1), Exception(1, 2), ValueError('x'), KeyError('k'), KeyError('a', 'b'), KeyError(), KeyError(()), StopIteration(), StopIteration(5), StopIteration(1, 2),
          SystemExit(), SystemExit(3), SystemExit(1, 2), OSError(), OSError(2), OSError(2, 'text'), OSError(2, 'text', 'file'), OSError(2, 'text', 'f1', None, 'f2'),
          OSError(1, 2, 3, 4, 5, 6), OSError('single'), ImportError('m', name='n', path='p'), ImportError(), ImportError('a', 'b'), AttributeError('a', name='n', obj=5), NameError('nm', name='x'),
          UnboundLocalError('u'), SyntaxError(), SyntaxError('msg'), SyntaxError('msg', ('f.py', 3, 5, 'text')), SyntaxError('msg', ('/a/b/f.py', 3, 5, 'text', 4, 6)),
          SyntaxError('msg', (None, 3, 5, 'text')), UnicodeDecodeError('utf-8', b'ab\xff', 2, 3, 'bad'), UnicodeDecodeError('utf-8', b'abc', 0, 2, 'bad'),
          UnicodeEncodeError('ascii', 'a\xe9', 1, 2, 'no'), UnicodeEncodeError('ascii', '\u4e00', 0, 1, 'no'), UnicodeEncodeError('ascii', '\U0001f600b', 0, 1, 'no'),
          UnicodeEncodeError('ascii', 'abc', 0, 3, 'no'), UnicodeTranslateError('a\xe9', 1, 2, 'no'), UnicodeTranslateError('abc', 0, 2, 'no'), AssertionError('a'), MemoryError('m'),
          RecursionError('r'), NotImplementedError(), Warning('w'), ExceptionGroup('g', [ValueError(1), TypeError(2)]), BaseExceptionGroup('b', [KeyboardInterrupt()]),
          BaseExceptionGroup('b', [ValueError()]), ExceptionGroup('one', [KeyError('k')])):
    print(*show(e))
for n, cls in sorted(vars(sys.modules['builtins']).items()):
    if isinstance(cls, type) and issubclass(cls, BaseException):
        print(n, cls.__name__, cls.__qualname__, cls.__module__, [b.__name__ for b in cls.__bases__], len(cls.__mro__))
for n in (1, 2, 3, 4, 10, 11, 13, 17, 20, 21, 22, 32, 103, 104, 110, 111, 114, 115, 999):
    print(n, type(OSError(n, 'x')).__name__, type(OSError(n)).__name__, end='; ')
print()
o = OSError(2, 'No such', 'name')
print(o.errno, o.strerror, o.filename, o.filename2, o.args, err(lambda: o.characters_written), o.__reduce__()[1], type(o).__name__)
b = BlockingIOError(11, 'again', 5)
print(b.characters_written, b.filename, b.args, str(b))
print(isinstance(o, OSError), IOError is OSError, EnvironmentError is OSError, err(lambda: OSError(1, 'a', x=1)), type(PermissionError(2, 'x')).__name__)


class MyOS(OSError):
    def __init__(self, a, b, c):
        super().__init__(a, b)
        self.c = c


m = MyOS(2, 'two', 'three')
print(m, m.errno, m.c, m.args, type(m).__name__)


class MyOSNew(OSError):
    def __new__(cls, *args):
        return super().__new__(cls, *args[:2])

    def __init__(self, *args):
        pass


print(MyOSNew(2, 'x', 'y').args, MyOSNew(2, 'x', 'y').errno)
s = StopIteration(5)
print(s.value, StopIteration().value, SystemExit(3).code, SystemExit().code, SystemExit(1, 2).code)
s.value = 6
print(s.value, s.args)
i = ImportError('m', name='n', path='p')
print(i.msg, i.name, i.path, err(lambda: ImportError(foo=1)), ModuleNotFoundError('x', name='y').name, ImportError().msg)
print(AttributeError('a', name='n', obj=5).obj, AttributeError().name, err(lambda: ValueError(x=1)), NameError('x', name='q').name)
y = SyntaxError('msg', ('f.py', 3, 5, 'text', 4, 6))
print(y.msg, y.filename, y.lineno, y.offset, y.text, y.end_lineno, y.end_offset, y.print_file_and_line, err(lambda: SyntaxError('m', (1, 2))), err(lambda: SyntaxError('m', 5)))
u = UnicodeDecodeError('utf-8', b'ab\xff', 2, 3, 'bad')
print(u.encoding, u.object, u.start, u.end, u.reason, err(lambda: UnicodeDecodeError()), err(lambda: UnicodeDecodeError(1, b'', 1, 2, 'x')), err(lambda: UnicodeEncodeError('a', b'', 1, 2, 'x')))
print(err(lambda: UnicodeEncodeError('a', '', 'x', 2, 'x')), err(lambda: UnicodeTranslateError('a', 1, 2)))
u.reason = 'worse'
u.start = 1
print(u)

# chains
try:
    try:
        1 / 0
    except ZeroDivisionError as e:
        raise ValueError('second') from e
except ValueError as e:
    v = e
print(repr(v.__cause__), repr(v.__context__), v.__suppress_context__, v.__traceback__ is not None, v.__traceback__.tb_lineno, v.__traceback__.tb_next)
try:
    try:
        [][1]
    except IndexError:
        {}['k']
except KeyError as e:
    v = e
print(repr(v.__cause__), repr(v.__context__), v.__suppress_context__)
try:
    try:
        [][1]
    except IndexError:
        raise TypeError('t') from None
except TypeError as e:
    v = e
print(repr(v.__cause__), repr(v.__context__), v.__suppress_context__)
w = ValueError('w')
w.__cause__ = TypeError('c')
print(w.__suppress_context__, repr(w.__cause__), err(lambda: setattr(w, '__cause__', 5)), err(lambda: setattr(w, '__context__', 5)), err(lambda: setattr(w, '__traceback__', 5)), err(lambda: delattr(w, '__cause__')))
w.__context__ = None
print(w.with_traceback(None) is w, w.__traceback__, err(lambda: w.with_traceback(5)))
w.args = [1, 2]
print(w.args, str(w), err(lambda: setattr(w, 'args', 5)))
w.attr = 'mine'
w.add_note('a note')
w.add_note('another')
print(w.attr, w.__notes__, w.__dict__, err(lambda: w.add_note(5)), w.__reduce__())
e1, e2 = ValueError(1), ValueError(2)
try:
    try:
        raise e1
    except ValueError:
        raise e2
except ValueError:
    pass
try:
    try:
        raise e2
    except ValueError:
        raise e1
except ValueError:
    pass
print(repr(e1.__context__), repr(e2.__context__))


class Custom(Exception):
    def __init__(self, a, b=5):
        self.a, self.b = a, b

    def __str__(self):
        return f'custom {self.a}'


c = Custom(1, b=2)
print(str(c), repr(c), c.args, c.a, c.b, isinstance(c, Exception))


class Multi(ValueError, KeyError):
    pass


print(str(Multi('m')), repr(Multi('m')), [k.__name__ for k in Multi.__mro__])


class Both(AttributeError, KeyError):
    pass


print(Both('x', name='n').name)
try:
    class Bad(OSError, ImportError):
        pass
except TypeError as e:
    print(e)

# groups
g = ExceptionGroup('outer', [ValueError(1), ExceptionGroup('inner', [TypeError(2), KeyError('k')]), OSError(5, 'five')])
print(g.message, g.exceptions, str(g))
print(g.split(ValueError))
print(g.split((TypeError, OSError)))
print(g.subgroup(lambda e: isinstance(e, KeyError)), g.subgroup(ZeroDivisionError), g.split(ExceptionGroup)[1], g.split(lambda e: True)[0] is g)
print(err(lambda: ExceptionGroup('x', [])), err(lambda: ExceptionGroup('x', 5)), err(lambda: ExceptionGroup(5, [ValueError()])), err(lambda: ExceptionGroup('x', [5])), err(lambda: ExceptionGroup('x')))
print(err(lambda: ExceptionGroup('x', [KeyboardInterrupt()])), err(lambda: g.split(5)), err(lambda: g.split(int)), type(BaseExceptionGroup('x', [ValueError()])).__name__)


class MyGroup(ExceptionGroup):
    def derive(self, excs):
        return MyGroup('derived ' + self.message, excs)


h = MyGroup('mine', [ValueError(1), TypeError(2)])
h.add_note('kept')
k = h.split(ValueError)
print(k, [x.__notes__ for x in k], h.derive([KeyError(1)]), ExceptionGroup('p', [ValueError()]).derive([TypeError()]))
try:
    raise ExceptionGroup('star', [ValueError('a'), TypeError('b'), KeyError('c')])
except* ValueError as eg:
    print('value', eg.exceptions)
except* (TypeError, KeyError) as eg:
    print('others', eg.exceptions)
try:
    try:
        raise ExceptionGroup('rest', [ValueError('a'), OSError('o')])
    except* ValueError:
        pass
except ExceptionGroup as eg:
    print('left', eg, eg.exceptions)
try:
    raise ValueError('bare')
except* ValueError as eg:
    print(repr(eg))
try:
    try:
        raise ExceptionGroup('x', [ValueError(1)])
    except* ValueError:
        raise KeyError('from handler')
except BaseException as e:
    print(repr(e), repr(e.__context__))


def gen():
    try:
        yield 1
    except GeneratorExit as e:
        print('exit', repr(e))
        raise


x = gen()
next(x)
x.close()
print(sys.exc_info())
try:
    raise KeyError('k')
except KeyError:
    print(sys.exc_info()[0].__name__, sys.exc_info()[1], type(sys.exc_info()[2]).__name__)
print(err(lambda: (_ for _ in ()).throw(ValueError('thrown'))), BaseException.__doc__ is not None, Exception('x') == Exception('x'), BaseException().__class__)
try:
    raise 5
except TypeError as e:
    print(e)
try:
    raise ValueError from 5
except TypeError as e:
    print(e)
