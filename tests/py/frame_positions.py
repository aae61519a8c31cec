# SPDX-License-Identifier: Apache-2.0
# inspect.getframeinfo of frames and tracebacks: line and columns by f_lasti and tb_lasti.
import inspect, sys
def here():
    return sys._getframe()
def up():
    return inspect.getframeinfo(sys._getframe(1))
def raiser(x):
    try:
        return 1 / x
    finally:
        pass
def caller():
    info = up()
    return info
print(inspect.getframeinfo(here()).lineno, caller().positions, caller().code_context)
try:
    raiser(0)
except ZeroDivisionError as e:
    tb = e.__traceback__
    while tb:
        for x in (tb, tb.tb_frame):
            info = inspect.getframeinfo(x)
            print(info.function, info.lineno, info.positions if x is tb else type(info.positions).__name__, info.index)
        tb = tb.tb_next
def gen():
    yield inspect.getframeinfo(sys._getframe()).positions
    yield 2
g = gen()
print(next(g), inspect.getframeinfo(g.gi_frame).lineno, [(f.function, f.lineno) for f in inspect.stack()])
