# SPDX-License-Identifier: Apache-2.0
"""Runs programs of this folder in several threads of one process at once: threads.py THREADS ROUNDS NAME...

Each run of a program has its own globals and prints into a text of its own. Prints a line a program: whether every run printed what the first, alone, printed.
"""

import io
import pathlib
import sys
import threading
import traceback


def run(path, code):
    out = io.StringIO()

    def to_own(*args, file=None, **kw):
        print(*args, file=out if file is None else file, **kw)
    try:
        exec(code, {"__name__": "program_" + path.stem, "__file__": str(path), "print": to_own})
    except BaseException:
        traceback.print_exc(file=out)
        return "raised\n" + out.getvalue()
    return out.getvalue()


def main():
    threads, rounds = int(sys.argv[1]), int(sys.argv[2])
    for name in sys.argv[3:]:
        path = pathlib.Path(__file__).parent / f"use_{name}.py"
        code = compile(path.read_text(), str(path), "exec")
        first, bad = run(path, code), []

        def work():
            for _ in range(rounds):
                text = run(path, code)
                if text != first:
                    bad.append(text)
        started = [threading.Thread(target=work) for _ in range(threads)]
        for t in started:
            t.start()
        for t in started:
            t.join()
        raised = first.startswith("raised\n")
        print(name, len(first), "raised" if raised else f"{len(bad)} of {threads * rounds} differ" if bad else "same", flush=True)
        for text in [first] * raised + bad[:2]:
            pairs = [(a, b) for a, b in zip(first.splitlines() + [""] * 9, text.splitlines() + [""] * 9) if a != b]
            for a, b in pairs[:3]:
                print("   first:", a[:300], "\n   here: ", b[:300])
            if "Traceback" in text:
                print("   ", text.splitlines()[-6:])


main()
