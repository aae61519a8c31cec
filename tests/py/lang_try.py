# SPDX-License-Identifier: Apache-2.0
# Every way out of try, except, finally and with, and what the handled exception is on each.
import sys


class Manager:
    def __init__(self, name, suppress=False):
        self.name, self.suppress = name, suppress

    def __enter__(self):
        print('enter', self.name)
        return self.name

    def __exit__(self, kind, value, tb):
        print('exit', self.name, kind and kind.__name__, value and value.args, tb is not None)
        return self.suppress


def leave(how, where):
    for i in range(3):
        try:
            try:
                if where == 'body':
                    if how == 'return':
                        return 'body %d' % i
                    if how == 'break':
                        break
                    if how == 'continue':
                        continue
                    if how == 'raise':
                        raise ValueError(i)
                if where != 'else':
                    raise KeyError(i)
            except KeyError as e:
                print('handled', e, sys.exc_info()[0].__name__)
                if where == 'handler':
                    if how == 'return':
                        return 'handler %d' % i
                    if how == 'break':
                        break
                    if how == 'continue':
                        continue
                    if how == 'raise':
                        raise ValueError(i)
            else:
                if how == 'return':
                    return 'else'
                if how == 'break':
                    break
                if how == 'continue':
                    continue
                if how == 'raise':
                    raise ValueError('else')
            finally:
                print('inner finally', i, sys.exc_info()[0])
                if where == 'finally':
                    if how == 'return':
                        return 'finally'
                    if how == 'break':
                        break
                    if how == 'raise':
                        raise ValueError('finally')
        finally:
            print('outer finally', i)
    else:
        return 'loop over'
    return 'broken'


for how in ('return', 'break', 'continue', 'raise', 'nothing'):
    for where in ('body', 'handler', 'else', 'finally'):
        print('--', how, where)
        try:
            print(leave(how, where))
        except ValueError as e:
            print('escaped', e.args, type(e.__context__).__name__)
        print(sys.exc_info())


def override():
    try:
        return 1
    finally:
        return 2


def changed():
    x = 1
    try:
        return x
    finally:
        x = 5


def nested_return():
    for x in 'ab':
        try:
            for y in 'cd':
                with Manager(x + y):
                    return x + y
        finally:
            print('out of', x)


def swallow():
    while True:
        try:
            raise KeyError
        finally:
            break
    return 'swallowed'


print(override(), changed(), nested_return(), swallow())


def managers():
    with Manager('a') as a, Manager('b', True) as b, Manager('c') as c:
        print(a, b, c)
        raise TypeError('x', 1)
    print('after')
    with (Manager('p') as p, Manager('q')):
        pass
    for i in range(2):
        with Manager(i):
            continue
    try:
        with Manager('z'):
            1 / 0
    except ZeroDivisionError as e:
        print('division', e)
    return 'done'


print(managers())


def chain():
    try:
        try:
            raise KeyError('a')
        except KeyError as e:
            raise ValueError('b') from e
    except ValueError as e:
        print(repr(e), repr(e.__cause__), repr(e.__context__), e.__suppress_context__)
    try:
        try:
            raise KeyError('a')
        except KeyError:
            raise ValueError('b') from None
    except ValueError as e:
        print(repr(e.__cause__), repr(e.__context__), e.__suppress_context__)
    try:
        e
    except UnboundLocalError as x:
        print(x)


chain()


def reraise():
    try:
        try:
            raise KeyError(1)
        except Exception:
            try:
                raise ValueError(2)
            except ValueError:
                pass
            raise
    except KeyError as e:
        print('again', e, e.__context__)


reraise()


def handlers(exc):
    try:
        raise exc
    except (KeyError, IndexError) as e:
        return 'lookup ' + type(e).__name__
    except ValueError:
        return 'value'
    except:
        return 'other ' + sys.exc_info()[0].__name__


print(handlers(KeyError()), handlers(IndexError()), handlers(ValueError()), handlers(OSError()))
try:
    try:
        raise KeyError
    except 5:
        pass
except TypeError as e:
    print(e, repr(e.__context__))

try:
    raise
except RuntimeError as e:
    print(e)

x = 10
try:
    raise ValueError
except ValueError as x:
    pass
try:
    x
except NameError as e:
    print(e)


def generator():
    try:
        yield 1
        try:
            yield 2
        except KeyError as e:
            print('thrown', e)
            yield 3
        finally:
            print('generator finally')
    except GeneratorExit:
        print('closing')
        raise


g = generator()
print(next(g), next(g), g.throw(KeyError('k')))
g.close()
g = generator()
next(g)
del g
print('stars')


def groups(*excs):
    try:
        raise ExceptionGroup('eg', list(excs))
    except* ValueError as e:
        print('values', [type(x).__name__ for x in e.exceptions])
    except* (KeyError, TypeError) as e:
        print('others', [type(x).__name__ for x in e.exceptions])
        if len(excs) > 3:
            raise OSError('new')
    else:
        print('else')
    finally:
        print('finally')


groups(ValueError(1), KeyError(2))
try:
    groups(ValueError(1), KeyError(2), MemoryError(3))
except ExceptionGroup as e:
    print(repr(e))
except BaseException as e:
    print('base', repr(e))
try:
    groups(ValueError(1), KeyError(2), TypeError(3), ValueError(4))
except BaseException as e:
    print(repr(e))
try:
    try:
        raise ValueError('naked')
    except* ValueError as e:
        print(repr(e))
except BaseException as e:
    print('no', e)
