import sys, doctest
print(sys.gettrace(), sys.getprofile(), sys.settrace(None), sys.call_tracing(max, (1, 3)), sys.get_coroutine_origin_tracking_depth())
def f():
    """
    >>> 1 + 1
    2
    """
print(doctest.run_docstring_examples(f, {}))
print(sys.getsizeof([]) > 0, sys.intern("ab" + "c") is sys.intern("abc"), sys.is_finalizing(), sys.getfilesystemencoding())
seen = []
sys.addaudithook(lambda event, args: seen.append((event, args)) if event == "mine" else None)
sys.audit("mine", 1, "x")
print(seen)
sys.displayhook(5)
import builtins
print(builtins._)
try:
    sys.exit("bye")
except SystemExit as e:
    print(e.code)
print(sys.float_info.max, sys.hash_info.modulus, sys.implementation.hexversion == sys.hexversion, "json" in sys.stdlib_module_names, "sys" in sys.builtin_module_names)
