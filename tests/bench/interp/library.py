#!/usr/bin/python3.11
# SPDX-License-Identifier: Apache-2.0
"""Kernels over the library's C modules: regular expressions and JSON, in the shape of pyperformance's regex_compile, regex_effbot, regex_v8, json_loads.

library.py KRAIT-PYTHON [ROUNDS]: runs each kernel under CPython and under KRAIT-PYTHON in turn, ROUNDS times, and prints the best times and their ratio.
library.py --kernel NAME: one kernel, its seconds on standard output.
"""

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
    texts = [" " * n + "Python" + " " * n for n in (0, 5, 50, 250, 1000)] + ["-" * n for n in (5, 500, 5000)]
    patterns = [re.compile(p) for p in ("Python|Perl", "(Python|Perl)", "(?:Python|Perl|Tcl)", "[a-z]+", "([A-Z])", ".*P", "Python(.*)", "(.*)Python", ".*?n", "[^-]*n", "(?i)python", "^Python$")]
    for _ in range(30):
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


KERNELS = [regex_compile, regex_effbot, regex_v8, json_loads, json_dumps]


def measure(python, name):
    return float(subprocess.run([*python, __file__, "--kernel", name], check=True, capture_output=True, text=True).stdout)


def main():
    if sys.argv[1] == "--kernel":
        kernel = {k.__name__: k for k in KERNELS}[sys.argv[2]]
        best = 1e9
        for _ in range(3):
            start = time.perf_counter()
            kernel()
            best = min(best, time.perf_counter() - start)
        print(best)
        return
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    programs = {"cpython": ["/usr/bin/python3.11"], "gil": [sys.argv[1], "-X", "gil=1"], "ft": [sys.argv[1], "-X", "gil=0"]}
    print("%-14s %10s %10s %10s %8s %8s" % ("kernel", *programs, "gil", "ft"))
    for kernel in KERNELS:
        best = dict.fromkeys(programs, 1e9)
        for _ in range(rounds):
            for name, python in programs.items():
                best[name] = min(best[name], measure(python, kernel.__name__))
        print("%-14s %10.4f %10.4f %10.4f %7.2fx %7.2fx" % (kernel.__name__, *best.values(), best["cpython"] / best["gil"], best["cpython"] / best["ft"]))


if __name__ == "__main__":
    main()
