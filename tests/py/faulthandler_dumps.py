# SPDX-License-Identifier: Apache-2.0
# What faulthandler writes: the stack of this thread and of all, fatal signals, a watchdog, a signal of the program's own. Numbers of threads are masked.
import faulthandler
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading


def show(text):
    print(re.sub(r"0x[0-9a-f]+", "0x*", text.replace(__file__, "FILE")))


def written(f):
    with tempfile.TemporaryFile("w+") as file:
        f(file)
        file.seek(0)
        show(file.read())


def inner(file, **options):
    faulthandler.dump_traceback(file, **options)


class Méthode:
    def 名前(self, file):
        inner(file, all_threads=False)


written(lambda file: inner(file, all_threads=False))
written(Méthode().名前)
written(lambda file: eval(compile("f()", "a\nb\\ü\U0001F600", "eval"), {"f": lambda: inner(file, all_threads=False)}))


def deep(n, file):
    if n:
        deep(n - 1, file)
    else:
        inner(file, all_threads=False)


written(lambda file: deep(120, file))


def generator(file):
    yield inner(file, all_threads=False)


written(lambda file: list(generator(file)))

ready, go = threading.Event(), threading.Event()


def waiting():
    ready.set()
    go.wait()


thread = threading.Thread(target=waiting)
thread.start()
ready.wait()
with tempfile.TemporaryFile("w+") as file:
    inner(file)
    file.seek(0)
    lines = [line for line in file.read().splitlines() if "threading.py" not in line]
    show("\n".join(lines))
go.set()
thread.join()

# a signal of the program's own, with and without the handler before it
called = []
signal.signal(signal.SIGUSR1, lambda number, frame: called.append(number))
chains = (False,) if os.environ.get("KRAIT_SANITIZER") == "thread" else (False, True) # ThreadSanitizer puts off a signal that a handler raises again: for ever
for chain in chains:
    with tempfile.TemporaryFile("w+") as file:
        faulthandler.register(signal.SIGUSR1, file, all_threads=False, chain=chain)
        signal.raise_signal(signal.SIGUSR1)
        print(faulthandler.unregister(signal.SIGUSR1), faulthandler.unregister(signal.SIGUSR1))
        file.seek(0)
        show(file.read())
    print(called)
for wrong in signal.SIGSEGV, 0, 1000:
    try:
        faulthandler.register(wrong)
    except (RuntimeError, ValueError) as e:
        print(type(e).__name__, e)

# the watchdog: waits for its first report with a deadline
with tempfile.TemporaryFile("w+") as file:
    faulthandler.dump_traceback_later(0.001, file=file)
    for _ in range(10000):
        if os.fstat(file.fileno()).st_size:
            break
        threading.Event().wait(0.005)
    faulthandler.cancel_dump_traceback_later()
    file.seek(0)
    show(file.readline())
faulthandler.dump_traceback_later(3600)
faulthandler.cancel_dump_traceback_later()
faulthandler.cancel_dump_traceback_later()
for wrong in 0, -1, 1e300, "a":
    try:
        faulthandler.dump_traceback_later(wrong)
    except (ValueError, OverflowError, TypeError) as e:
        print(type(e).__name__)

# fatal signals
print(faulthandler.is_enabled(), faulthandler.enable(), faulthandler.is_enabled(), faulthandler.disable(), faulthandler.disable())
mode = ["-X", "gil=%d" % sys._is_gil_enabled()] if hasattr(sys, "_is_gil_enabled") else []


# The signals are ours to report: a sanitizer is to leave them alone.
signals_are_ours = {name: os.environ.get(name, "") + ":handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0"
                    for name in ("ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS") if os.environ.get("KRAIT_SANITIZER")}


def child(code, *options, **env):
    p = subprocess.run([sys.executable, *mode, *options, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **signals_are_ours, **env}, text=True)
    print(p.returncode, end=" ")
    show(p.stdout + p.stderr)


for name in "_sigsegv", "_sigabrt", "_sigfpe", "_read_null", "_stack_overflow":
    child("import faulthandler\ndef f():\n    faulthandler.%s()\nfaulthandler.enable()\nf()" % name)
child("import faulthandler\nfaulthandler.enable(all_threads=False)\nfaulthandler._sigsegv(True)")
child("import faulthandler\nfaulthandler.enable()\nfaulthandler.disable()\nfaulthandler._sigabrt()")
child("import faulthandler; print(faulthandler.is_enabled())")
child("import faulthandler; print(faulthandler.is_enabled())", "-X", "faulthandler")
child("import faulthandler; print(faulthandler.is_enabled())", "-X", "dev")
child("import faulthandler; print(faulthandler.is_enabled())", PYTHONFAULTHANDLER="1")
child("import faulthandler; print(faulthandler.is_enabled())", "-E", PYTHONFAULTHANDLER="1")
child("import faulthandler, time\ndef f():\n    time.sleep(100)\nfaulthandler.dump_traceback_later(0.01, exit=True)\nf()")
