# What a trace function and a profile function see: calls, lines, returns, exceptions, generators, C functions.
import sys
import threading


def show(tag):
    def tracer(frame, event, arg):
        if frame.f_code.co_filename == __file__:
            if event == "exception":
                arg = arg[0].__name__
            name = getattr(arg, "__name__", arg)
            print(tag, frame.f_code.co_name, event, frame.f_lineno - frame.f_code.co_firstlineno, name)
        return tracer
    return tracer


def gen():
    x = yield 1
    yield x


def outer():
    r = yield from gen()
    return r


class Manager:
    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return True


class Thing:
    def __init__(self):
        self.a = 1

    @property
    def prop(self):
        return self.a


def body(n):
    for i in range(n):
        int(i)
    while n:
        n -= 1
    try:
        1 / 0
    except ZeroDivisionError:
        pass
    finally:
        n = 3

    def inner():
        return n
    return [a for a in outer()] + [inner()]


def raises():
    raise KeyError(3)


def through():
    c = Thing()
    c.prop
    try:
        raises()
    finally:
        c = 2


def run():
    body(2)
    try:
        through()
    except KeyError as e:
        str(e)


class Body:
    def __init__(self):
        super().__init__()


def local_changes():
    value = 1
    seen = value
    return seen


def changer(frame, event, arg):
    if event == "line" and "value" in frame.f_locals:
        frame.f_locals["value"] = 42
    return changer


sys.settrace(show("trace"))
run()
Body()
sys.settrace(None)
print(sys.gettrace())

sys.setprofile(show("profile"))
run()
sorted([3, 1])
try:
    len(3)
except TypeError:
    pass
[].append(3)
sys.setprofile(None)
print(sys.getprofile())

sys.settrace(changer)
print(local_changes())
print(sys.gettrace() is changer)
sys.settrace(None)


def middle():
    frame = sys._getframe()
    frame.f_trace = show("middle")
    sys.settrace(lambda *args: None)
    a = 1
    b = 2
    sys.settrace(None)
    return a + b


print(middle())


def fails(frame, event, arg):
    raise RuntimeError("tracer failed")


def traced_badly():
    return 1


sys.settrace(fails)
try:
    traced_badly()
except RuntimeError as e:
    print("caught", e, sys.gettrace())


def no_lines(frame, event, arg):
    print(event, frame.f_lineno - frame.f_code.co_firstlineno)
    frame.f_trace_lines = False
    return no_lines


sys.settrace(no_lines)
local_changes()
sys.settrace(None)

threading.settrace(show("thread"))
worker = threading.Thread(target=local_changes)
worker.start()
worker.join()
threading.settrace(None)
print(sys.gettrace(), traced_badly())


def deep(n):
    return deep(n - 1) if n else 0


count = 0


def counting(frame, event, arg):
    global count
    count += 1
    return counting


sys.settrace(counting)
deep(50)
sys.settrace(None)
print(count)
try:
    sys._getframe().f_lineno = 3
except ValueError:
    print("ValueError")
