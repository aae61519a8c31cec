# SPDX-License-Identifier: Apache-2.0
"""Runs one file of CPython's tests inside the interpreter under test and writes a line a case: driver.py REPORT test.NAME

Uses of the library only what unittest itself needs, so that a missing module fails the cases that want it and no others.
Each line is RESULT<tab>CASE<tab>REASON, flushed at once: what ran before a crash is known. Judging is left to run.
"""

import sys
import unittest


class Result(unittest.TestResult):
    def __init__(self, report):
        super().__init__()
        self.report, self.bad = report, set()

    def say(self, what, case, reason=""):
        reason = " ".join(str(reason).split())[:300]
        self.report.write("%s\t%s\t%s\n" % (what, case.id(), reason))
        self.report.flush()

    def last_line(self, err):
        try:
            return "%s: %s" % (err[0].__name__, err[1])
        except Exception:
            return err[0].__name__

    def startTest(self, test):
        super().startTest(test)
        self.say("start", test)

    def addSuccess(self, test):
        self.say("ok", test)

    def addFailure(self, test, err):
        self.say("fail", test, self.last_line(err))

    def addError(self, test, err):
        self.say("error", test, self.last_line(err))

    def addSkip(self, test, reason):
        self.say("skip", test, reason)

    def addExpectedFailure(self, test, err):
        self.say("ok", test)

    def addUnexpectedSuccess(self, test):
        self.say("fail", test, "unexpected success")

    def addSubTest(self, test, subtest, err):
        if err is not None and test.id() not in self.bad:
            self.bad.add(test.id())
            self.say("fail", test, "%s %s" % (subtest._subDescription(), self.last_line(err)))


def main():
    with open(sys.argv[1], "a", encoding="utf-8", errors="backslashreplace") as report:
        try:
            from test import support
            support.use_resources = []      # as regrtest does unless told otherwise: no network, nothing large
            support.verbose = 0
            sys.argv[1:] = []
            suite = unittest.defaultTestLoader.loadTestsFromName(NAME)
        except unittest.SkipTest as e:
            report.write("skipfile\t%s\t%s\n" % (NAME, e))
            return
        result = Result(report)
        suite.run(result)
        report.write("end\t%s\t%d\n" % (NAME, result.testsRun))


NAME = sys.argv[2]
main()
