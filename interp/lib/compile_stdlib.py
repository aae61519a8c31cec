# SPDX-License-Identifier: Apache-2.0
"""Compiles the standard library into a folder of its own: compile_stdlib.py LIBRARY FOLDER, run by krait-python itself.

Each NAME.py becomes FOLDER/…/NAME.TAG.pyc, which carries the size and the time of its source: the importer takes it only while
both are still so. Tests and folders of packages are left out. A file that does not compile is left to the day when somebody imports it.
"""
import os
import sys
from importlib import _bootstrap_external as external

LEFT_OUT = {"test", "tests", "idle_test", "__pycache__", "dist-packages", "site-packages", "lib-dynload", "lib2to3", "turtledemo"}


def sources(top):
    for folder, below, names in os.walk(top):
        below[:] = sorted(set(below) - LEFT_OUT)
        for name in sorted(names):
            if name.endswith(".py"):
                yield os.path.join(folder, name)


def compile_one(path, target):
    stat = os.stat(path)
    with open(path, "rb") as f:
        code = compile(f.read(), path, "exec", dont_inherit=True, optimize=0)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "wb") as f:
        f.write(external._code_to_timestamp_pyc(code, int(stat.st_mtime), stat.st_size & 0xFFFFFFFF))


def main(library, folder):
    done = failed = 0
    for path in sources(library):
        stem = os.path.relpath(path, library)[:-3]
        try:
            compile_one(path, os.path.join(folder, f"{stem}.{sys.implementation.cache_tag}.pyc"))
            done += 1
        except (SyntaxError, ValueError) as e:
            print(f"{path}: {e}", file=sys.stderr)
            failed += 1
    print(f"compiled {done} modules of {library} into {folder}" + (f", {failed} do not compile" if failed else ""))


if len(sys.argv) != 3:
    sys.exit("usage: compile_stdlib.py LIBRARY FOLDER")
main(*sys.argv[1:])
