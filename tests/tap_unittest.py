# SPDX-License-Identifier: Apache-2.0
"""Runs the unittest classes of one file and reports each test method as a TAP line.

Usage: tap_unittest.py FILE [NAME…]. What to build and where the programs lie is left to the environment:
KRAIT_BUILD and KRAIT_SOURCE, as tests/run sets them (from a clone they default to ./build and the clone).
"""

import importlib.util
import os
import pathlib
import sys
import time
import traceback
import unittest


class TapResult(unittest.TestResult):
    """Prints as it goes, so that a file that hangs still shows which case it hangs in."""

    def __init__(self):
        super().__init__()
        self.number = 0
        self.buffer = False
        self.began = time.monotonic()
        self.subtest_failures = []

    def line(self, ok, test, extra=""):
        self.number += 1
        name = test.id().split(".", 1)[-1]
        print(f"{'ok' if ok else 'not ok'} {self.number} - {name}{extra}", flush=True)

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()
        self.subtest_failures = []
        print(f"# start {test.id().split('.', 1)[-1]}", flush=True)

    def stopTest(self, test):
        print(f"# {time.monotonic() - self.began:.2f} s", flush=True)

    def addSuccess(self, test):
        self.line(not self.subtest_failures, test)

    def trouble(self, test, err):
        print("\n".join("# " + l for l in "".join(traceback.format_exception(*err)).splitlines()), flush=True)
        self.line(False, test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.trouble(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self.trouble(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.subtest_failures.append(subtest)
            print(f"# subtest {subtest.id()}")
            print("\n".join("# " + l for l in "".join(traceback.format_exception(*err)).splitlines()), flush=True)
            # unittest does not call addSuccess after a failed subtest, so the case is reported here, once.
            if len(self.subtest_failures) == 1:
                self.line(False, test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.line(True, test, f" # SKIP {reason}")

    def addExpectedFailure(self, test, err):
        self.line(True, test)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.line(False, test, " (was expected to fail)")


def main():
    path = pathlib.Path(sys.argv[1]).resolve()
    top = pathlib.Path(__file__).resolve().parent.parent
    os.environ.setdefault("KRAIT_SOURCE", str(top))
    os.environ.setdefault("KRAIT_BUILD", str(top / "build"))
    sys.path[:0] = [str(path.parent), str(top / "sdk/python")]
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    loader = unittest.defaultTestLoader
    names = sys.argv[2:]
    suite = loader.loadTestsFromNames(names, module) if names else loader.loadTestsFromModule(module)
    print(f"1..{suite.countTestCases()}", flush=True)
    result = TapResult()
    suite.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
