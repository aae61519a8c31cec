#!/usr/bin/python3.11
# SPDX-License-Identifier: Apache-2.0
"""Kernels over the library's C modules: regular expressions, JSON, pickle, logging, in the shape of pyperformance's regex_compile, regex_effbot, regex_v8, json_loads,
json_dumps and the three of logging; and pickle.

library.py KRAIT-PYTHON [ROUNDS [KERNEL...]]: runs each kernel under CPython and under KRAIT-PYTHON in turn, ROUNDS times, and prints the best times and their ratio.
Processor seconds are measured, so that other work on the machine disturbs less.
library.py --kernel NAME: one kernel, its seconds on standard output.
"""

import math
import subprocess
import sys
import time


def regex_compile():
    import re
    patterns = [r"(\w+)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)", r"^(?:(\d{4})-(\d\d)-(\d\d))?T?(\d\d):(\d\d)$", r"<(?P<tag>[a-z][\w-]*)(?:\s[^>]*)?>(.*?)</(?P=tag)>",
                r"(?i)\b(?:alpha|beta|gamma|delta)\b", r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", r"(?:a|b|c){2,5}(?!d)x*?y+"]
    for _ in range(20):
        re.purge()
        for p in patterns:
            re.compile(p)


def regex_effbot():
    import re
    texts = [" " * n + "Python" + " " * n for n in (0, 5, 50, 250, 1000)] + ["-" * n for n in (5, 500, 2000)]
    patterns = [re.compile(p) for p in ("Python|Perl", "(Python|Perl)", "(?:Python|Perl|Tcl)", "[a-z]+", "([A-Z])", ".*P", "Python(.*)", "(.*)Python", ".*?n", "[^-]*n", "(?i)python", "^Python$")]
    for _ in range(2):
        for p in patterns:
            for t in texts:
                p.search(t)


def regex_v8():
    import re
    page = "<a href=\"http://example.org/?q=%d&lang=en#top\" class='link big'>text %d</a>; var x = 'a\\'b'; user%d@mail.example.com 12:34:56\n"
    text = "".join(page % (i, i, i) for i in range(150))
    for _ in range(8):
        re.findall(r"<(\w+)\s+href=\"([^\"]*)\"[^>]*>", text)
        re.sub(r"&(\w+)=", r"[\1]", text)
        re.split(r"\s*;\s*", text)
        re.findall(r"[\w.+-]+@[\w-]+\.[\w.-]+", text)
        re.findall(r"(?:(?:[01]?\d|2[0-3]):)(?:[0-5]\d:)?[0-5]\d", text)
        re.sub(r"^\s+|\s+$", "", text)
        sum(m.end() for m in re.finditer(r"'(?:[^'\\]|\\.)*'", text))


def json_loads():
    import json
    document = json.dumps({"items": [{"id": i, "name": "item %d" % i, "price": i * 1.25, "tags": ["a", "b\n", "\u1234"], "on": True, "none": None} for i in range(300)]})
    for _ in range(60):
        json.loads(document)


def json_dumps():
    import json
    document = {"items": [{"id": i, "name": "item %d" % i, "price": i * 1.25, "tags": ["a", "b\n", "\u1234"], "on": True, "none": None} for i in range(300)]}
    for _ in range(60):
        json.dumps(document)


def records():
    return [{"id": i, "name": "user%d" % i, "tags": ["a", "b", "c"], "score": i * 1.5, "at": (i, i + 1), "on": True, "none": None, "more": {"k": "v%d" % i, "n": [1, 2, 3]}} for i in range(300)]


class Record:
    def __init__(self, i):
        self.id, self.name, self.parts = i, "name%d" % i, [i, i + 1]


def pickle_dumps():
    import pickle
    document = records()
    for _ in range(100):
        pickle.dumps(document)


def pickle_loads():
    import pickle
    document = pickle.dumps(records())
    for _ in range(100):
        pickle.loads(document)


def pickle_instances():
    import pickle
    document = [Record(i) for i in range(500)]
    for _ in range(50):
        pickle.loads(pickle.dumps(document))


def logger():
    import io
    import logging
    log = logging.Logger("bench", logging.WARNING)
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(message)s"))
    log.addHandler(handler)
    log.propagate = False
    return log


def logging_silent():
    log = logger()
    for i in range(100000):
        log.debug("nobody reads %s", i)


def logging_simple():
    log = logger()
    for _ in range(4000):
        log.warning("somebody reads this")


def logging_format():
    log = logger()
    for i in range(4000):
        log.warning("task %s took %.1f ms, try %d", "name", i * 0.5, i)


KERNELS = [regex_compile, regex_effbot, regex_v8, json_loads, json_dumps, pickle_dumps, pickle_loads, pickle_instances, logging_silent, logging_simple, logging_format]


def measure(python, file, name):
    out = subprocess.run([*python, file, "--kernel", name], capture_output=True, text=True)
    return float(out.stdout) if out.returncode == 0 else math.nan


def run_one(kernel):
    best = 1e9
    for _ in range(3):
        start = time.process_time()
        kernel()
        best = min(best, time.process_time() - start)
    print(best)


def main(file, kernels):
    """`file`, run as a program, answers --kernel NAME for each of `kernels`."""
    by_name = {k.__name__: k for k in kernels}
    if sys.argv[1:2] == ["--kernel"] and len(sys.argv) == 3 and sys.argv[2] in by_name:
        return run_one(by_name[sys.argv[2]])
    unknown = [k for k in sys.argv[3:] if k not in by_name]
    if len(sys.argv) < 2 or sys.argv[1].startswith("-") or unknown or not (sys.argv[2:] or ["1"])[0].isdecimal():
        sys.exit("usage: %s KRAIT-PYTHON [ROUNDS [KERNEL...]]%s" % (file, "; there is no kernel " + ", ".join(unknown) if unknown else ""))
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    programs = {"cpython": ["/usr/bin/python3.11"], "gil": [sys.argv[1], "-X", "gil=1"], "ft": [sys.argv[1], "-X", "gil=0"]}
    print("%-18s %10s %10s %10s %8s %8s" % ("kernel", *programs, "gil", "ft"))
    ratios = []
    for kernel in sys.argv[3:] or by_name:
        best = dict.fromkeys(programs, 1e9)
        for _ in range(rounds):
            for name, python in programs.items():
                best[name] = min(best[name], measure(python, file, kernel))
        ratios.append((best["cpython"] / best["gil"], best["cpython"] / best["ft"]))
        print("%-18s %10.4f %10.4f %10.4f %7.2fx %7.2fx" % (kernel, *best.values(), *ratios[-1]), flush=True)
    print("%-18s %32s %7.2fx %7.2fx" % ("geomean", "", *(math.exp(sum(map(math.log, column)) / len(ratios)) for column in zip(*ratios))))


if __name__ == "__main__":
    main(__file__, KERNELS)
