# SPDX-License-Identifier: Apache-2.0
"""Builds, finds every test by itself, runs them side by side, counts each case: the inside of tests/run.

What a test checks is left to the test: all it owes is TAP on standard output (cmocka, unittest and the
scripts here all speak it). Installing packages is left to deploy/deps.

The model. An *item* is one process: a unit test program, a file of system tests, a script. An item reports
*cases*; cases are what is counted. An item that reports no case, fewer cases than it planned, or that ends
badly without having said which case failed is itself a failed case, so nothing passes in silence. A skipped
case fails unless tests/skips names it. A *part* is a table row: a way to build and a list of items.
"""

import argparse
import concurrent.futures
import fnmatch
import hashlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

TOP = pathlib.Path(__file__).resolve().parent.parent
PYTHON = "/usr/bin/python3.11"
JOBS = os.cpu_count() or 2
SANITIZED_SLOWER = 8    # a deadline of a test means "hangs", so it is so much later where all is slower
SLOW_MARK = "# tests/run: slow"


class Item:
    """One process to run, and the environment and deadline it runs under."""

    def __init__(self, name, argv, deadline=300, alone=False):
        self.name, self.argv, self.deadline, self.alone = name, [str(a) for a in argv], deadline, alone


class Count:
    """The cases so far; guarded by its lock, since items run side by side."""

    def __init__(self, skips):
        self.lock = threading.Lock()
        self.passed = self.failed = 0
        self.skips, self.skips_used = skips, set()
        self.failures = []
        self.only = None

    def add(self, item, cases, seconds, output):
        with self.lock:
            bad = []
            for ok, name, skip in cases:
                case = f"{item}: {name}"
                if skip is not None:
                    pattern = next((p for p in self.skips if fnmatch.fnmatch(case, p)), None)
                    if pattern is None:
                        bad.append((case, f"skipped ({skip}), and tests/skips does not name it"))
                    else:
                        self.skips_used.add(pattern)
                elif ok:
                    self.passed += 1
                else:
                    bad.append((case, None))
            self.failed += len(bad)
            self.failures += [case for case, _ in bad]
            print(f"{'FAIL' if bad else 'ok  '} {item}  {len(cases)} cases, {seconds:.1f} s", flush=True)
            for case, why in bad:
                print(f"     failed: {case}{': ' + why if why else ''}", flush=True)
            if bad:
                print("\n".join("     | " + line for line in telling(output)), flush=True)


# --- running one item ---

TAP = re.compile(r"^(not )?ok\b\s*\d*\s*(?:- )?(.*)$")
PLAN = re.compile(r"^1\.\.(\d+)")


def parse_tap(text):
    """Returns the cases [(ok, name, skip reason or None)] and how many were planned (None: no plan)."""
    cases, planned = [], None
    for line in text.splitlines():
        if plan := PLAN.match(line):
            planned = (planned or 0) + int(plan[1])
        elif m := TAP.match(line):
            name, mark, reason = m[2].partition("# SKIP")
            cases.append((not m[1], (name.strip() or reason.strip()), reason.strip() or "no reason" if mark else None))
    return cases, planned


def telling(output):
    """Returns the lines of a failed item's output to show: without the cases that passed, of each other the last 100."""
    blocks = [[]]
    for line in output.splitlines():
        blocks[-1].append(line)
        if m := TAP.match(line):
            if m[1]:
                blocks.append([])
            else:
                blocks[-1] = []
    return [line for block in blocks for line in block[-100:]][:400]


def end_group(process):
    """Whatever the item left behind goes with it: it had a session of its own."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run_item(item, env, count):
    start = time.monotonic()
    scratch = tempfile.mkdtemp(prefix="krait-test.")
    reports = pathlib.Path(scratch, "reports")
    reports.mkdir()
    own = dict(env, TMPDIR=scratch)
    for name in ("ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"):
        if name in own:
            own[name] += f":log_path={reports}/{name[:4].lower()}"
    ending = None
    with open(pathlib.Path(scratch, "output"), "w+b") as out:
        process = subprocess.Popen(item.argv, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                   cwd=TOP, env=own, start_new_session=True)
        try:
            rc = process.wait(item.deadline)
            ending = f"ended with {signal.Signals(-rc).name if rc < 0 else f'status {rc}'}" if rc else None
        except subprocess.TimeoutExpired:
            ending = f"did not end within {item.deadline} s"
        end_group(process)
        process.wait()
        out.seek(0)
        output = out.read().decode(errors="replace")
    cases, planned = parse_tap(output)
    if ending and all(ok or skip is not None for ok, _, skip in cases):
        cases.append((False, ending, None))
    elif not cases:
        cases.append((False, "reported no case", None))
    elif planned is not None and planned != len(cases) and not ending:
        cases.append((False, f"planned {planned} cases, reported {len(cases)}", None))
    for report in sorted(reports.iterdir()):
        text = report.read_text(errors="replace")
        if text.strip():
            cases.append((False, f"sanitizer report {report.name}", None))
            output += "\n" + text
    count.add(item.name, cases, time.monotonic() - start, output)
    shutil.rmtree(scratch, ignore_errors=True)


def run_items(items, env, count):
    if count.only:
        items = [i for i in items if fnmatch.fnmatch(i.name, f"*{count.only}*")]
    together = [i for i in items if not i.alone]
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for done in [pool.submit(run_item, i, env, count) for i in together]:
            done.result()
    for item in items:
        if item.alone:
            run_item(item, env, count)


# --- building ---

def sh(argv, cwd, log, env=None):
    """Runs a build command; its output goes to `log` and, if it fails, the end of it to the terminal."""
    with open(log, "ab") as out:
        out.write(f"+ {' '.join(map(str, argv))}\n".encode())
        out.flush()
        rc = subprocess.call([str(a) for a in argv], cwd=cwd, stdin=subprocess.DEVNULL, stdout=out,
                             stderr=subprocess.STDOUT, env=env)
    return rc == 0


def compiler():
    return "CC=ccache gcc" if shutil.which("ccache") else "CC=gcc"


def build(directory, flags, count):
    """Configures and builds into `directory`; one case. Returns whether it worked."""
    start = time.monotonic()
    where = TOP / directory
    where.mkdir(exist_ok=True)
    log = where / "build.log"
    log.unlink(missing_ok=True)
    recipes = sorted(p for p in [TOP / "configure.ac", TOP / "Makefile.am", *TOP.glob("*/**/*.mk")] if not p.is_relative_to(where))
    digest = hashlib.sha256(b"".join(p.read_bytes() for p in recipes)).hexdigest()
    wanted = " ".join(flags + [compiler(), digest])
    stamp = where / "configured-with"
    # automake adds depcomp only once there is a first C file, and make's own rebuild of Makefile.in does not.
    generated = all((TOP / n).exists() for n in ("configure", "Makefile.in", "build-aux/depcomp"))
    ok = generated or sh(["./autogen.sh"], TOP, log)
    if ok and not (stamp.exists() and stamp.read_text() == wanted and (where / "Makefile").exists()):
        # What a library is made of may have changed, which make alone does not see.
        ok = sh(["../configure", *flags, compiler()], where, log) and sh(["make", "clean"], where, log)
        if ok:
            stamp.write_text(wanted)
    ok = ok and sh(["make", f"-j{JOBS}"], where, log) and sh(["make", f"-j{JOBS}", "check-programs"], where, log)
    count.add(f"build {' '.join(flags)}", [(ok, f"builds into {directory}/", None)], time.monotonic() - start,
              log.read_text(errors="replace"))
    return ok


# --- finding the tests ---

def unit_items(where, prefix):
    listed = subprocess.run(["make", "-s", "list-check"], cwd=where, capture_output=True, text=True, check=True)
    return [Item(f"{prefix}{p.removeprefix('tests/')}", [where / p]) for p in listed.stdout.split()]


def is_slow(path):
    return SLOW_MARK in path.read_text(errors="replace")[:2000]


def system_items(prefix, quick=False):
    files = [f for f in sorted((TOP / "tests/system").glob("test_*.py")) if not (quick and is_slow(f))]
    return [Item(f"{prefix}system/{f.stem}", [PYTHON, "-B", TOP / "tests/tap_unittest.py", f], 900) for f in files]


def script_items(prefix, names):
    """Executables that speak TAP and do not depend on how the tree was configured, or that do and are named."""
    found = [TOP / "tests" / n for n in names]
    return [Item(prefix + n, [f], 900) for n, f in zip(names, found) if f.exists()]


def environment(directory, sanitizer=None):
    env = dict(os.environ, KRAIT_SOURCE=str(TOP), KRAIT_BUILD=str(TOP / directory), PYTHONDONTWRITEBYTECODE="1",
               CMOCKA_MESSAGE_OUTPUT="TAP", top_srcdir=str(TOP), top_builddir=str(TOP / directory), LC_ALL="C.UTF-8")
    for name in [n for n in env if n.startswith("KRAIT_") and n not in ("KRAIT_SOURCE", "KRAIT_BUILD")]:
        del env[name]
    env.pop("PYTHONPATH", None)
    if sanitizer:
        env["KRAIT_SANITIZER"] = sanitizer
        env["KRAIT_PATIENCE"] = str(SANITIZED_SLOWER)
        env["ASAN_OPTIONS"] = "detect_leaks=1:exitcode=99:detect_stack_use_after_return=0"
        env["UBSAN_OPTIONS"] = "print_stacktrace=1:halt_on_error=1"
        env["TSAN_OPTIONS"] = "exitcode=66:second_deadlock_stack=1:die_after_fork=0"
        suppressions = TOP / "tests/tsan.supp"
        if suppressions.exists():
            env["TSAN_OPTIONS"] += f":suppressions={suppressions}"
    return env


# --- the parts ---

def part_plain(count, quick=False):
    if not build("build", ["--enable-werror"], count):
        return
    items = script_items("", ["style", "layers"]) + unit_items(TOP / "build", "")
    items += script_items("", ["py/run"]) + system_items("", quick)
    items += [Item(f"cpython/{mode}", [TOP / "tests/cpython/run", mode, "--short", "--jobs", "1"], 900) for mode in ("gil", "free-threaded")]
    if not quick:       # alone: it times how soon tasks of dead workers run elsewhere
        items.append(Item("chaos/run", [TOP / "tests/chaos/run"], 1200, alone=True))
    run_items(items, environment("build"), count)


def part_distcheck(count):
    if not build("build", ["--enable-werror"], count):
        return
    start = time.monotonic()
    log = TOP / "build/distcheck.log"
    log.unlink(missing_ok=True)
    ok = sh(["make", "distcheck", f"-j{JOBS}", f"DISTCHECK_CONFIGURE_FLAGS=--enable-werror '{compiler()}'"],
            TOP / "build", log)
    count.add("distcheck", [(ok, "make distcheck", None)], time.monotonic() - start, log.read_text(errors="replace"))


def sanitized(directory, sanitizer):
    def run(count):
        # Without --enable-werror: under sanitizers gcc warns of what cannot happen.
        if not build(directory, ["--enable-debug", "--disable-shared", f"--enable-sanitizer={sanitizer}"], count):
            return
        prefix = f"{directory.removeprefix('build-')}/"
        items = unit_items(TOP / directory, prefix) + script_items(prefix, ["py/run"]) + system_items(prefix)
        for item in items:
            item.deadline *= SANITIZED_SLOWER
        if sanitizer == "thread" and shutil.which("setarch"):
            for item in items:
                item.argv = ["setarch", "-R", *item.argv]
        run_items(items, environment(directory, sanitizer), count)
    return run


def external(path, *arguments, deadline=4 * 3600):
    """A part that is one script of its own, which speaks TAP."""
    def run(count):
        if build("build", ["--enable-werror"], count):
            how = [PYTHON, "-B", TOP / "tests/tap_unittest.py"] if path.endswith(".py") else []
            run_items([Item(path, [*how, TOP / "tests" / path, *arguments], deadline)], environment("build"), count)
    run.needs = path
    return run


# name: what it is, how it runs. The default run is those marked `always`, in this order.
PARTS = {
    "plain":       ("unit, oracle and system tests, layers, style", part_plain, True),
    "distcheck":   ("make distcheck", part_distcheck, True),
    "asan":        ("the same tests under AddressSanitizer and UBSan", sanitized("build-asan", "address,undefined"), False),
    "tsan":        ("the same tests under ThreadSanitizer", sanitized("build-tsan", "thread"), False),
    "fuzz":        ("the fuzzers, ten minutes each, with floors of executions and edges", external("fuzz/run", "--seconds", "600"), False),
    "image":       ("the container image: builds, does tasks, its size", external("container/test_image.py"), False),
    "bare":        ("the two commands inside a bare debootstrap root", external("container/test_bare.py"), False),
    "chaos":       ("random kills under load", external("chaos/run", "--seconds", "1500", "--tasks", "200000"), False),
    "scale":       ("a million tasks, 10,000 queues, 11,000 connections", external("scale/run"), False),
    "cpython-gil": ("Debian's CPython test suite with the GIL", external("cpython/run", "gil"), False),
    "cpython-ft":  ("Debian's CPython test suite free-threaded", external("cpython/run", "free-threaded"), False),
    "packages":    ("Debian's pure-Python packages: what they print equals CPython's, also in four threads at once", external("packages/run"), False),
    "sweep":       ("torture builds: every allocation fails in turn, collect at every step", external("sweep"), False),
}


def missing(part):
    needs = getattr(PARTS[part][1], "needs", None)
    usable = os.R_OK if needs and needs.endswith(".py") else os.X_OK
    return needs if needs and not os.access(TOP / "tests" / needs, usable) else None


# --- the command line ---

def read_skips():
    """Lines `PATTERN  # reason`; a line without a reason is refused."""
    skips = []
    for number, line in enumerate((TOP / "tests/skips").read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        pattern, _, reason = line.partition("  # ")
        if not reason.strip():
            sys.exit(f"tests/skips:{number}: want 'CASE PATTERN  # reason'")
        skips.append(pattern.strip())
    return skips


def list_all():
    for name, (what, _, always) in PARTS.items():
        lack = missing(name)
        print(f"{name:12} {'default' if always else '--full '}  {what}{f'  (tests/{lack} does not exist yet)' if lack else ''}")
    print()
    for item in system_items(""):
        print(item.name + ("  (not in --quick)" if is_slow(pathlib.Path(item.argv[-1])) else ""))
    for path in sorted((TOP / "tests/unit").glob("*.c")):
        print(f"unit/{path.stem}")


def arguments():
    parser = argparse.ArgumentParser(prog="tests/run", description="Builds, runs the tests, ends with 'N passed, N failed'.")
    parser.add_argument("--quick", action="store_true", help="the plain build's tests that are not slow: under 3 minutes")
    parser.add_argument("--full", metavar="PART", action="append", help=f"one of: {' '.join(PARTS)} (repeatable)")
    parser.add_argument("--only", metavar="PATTERN", help="of the parts that run, only items whose name matches")
    parser.add_argument("--list", action="store_true", help="what there is; runs nothing")
    args = parser.parse_args()
    for part in args.full or []:
        if part not in PARTS:
            parser.error(f"no part '{part}'; there are: {' '.join(PARTS)}")
        if lack := missing(part):
            parser.error(f"part '{part}' has no test yet: tests/{lack} does not exist")
    if args.quick and args.full:
        parser.error("--quick and --full exclude each other")
    return args


def main():
    args = arguments()
    if args.list:
        return list_all()
    count = Count(read_skips())
    count.only = args.only
    start = time.monotonic()
    if args.quick:
        part_plain(count, quick=True)
    else:
        for part in args.full or [name for name, row in PARTS.items() if row[2]]:
            began = time.monotonic()
            PARTS[part][1](count)
            print(f"     part {part}: {time.monotonic() - began:.0f} s", flush=True)
    complete = not (args.quick or args.full or args.only)
    for stale in [p for p in count.skips if p not in count.skips_used] if complete else []:
        count.add("tests/skips", [(False, f"'{stale}' skips nothing: remove it", None)], 0, "")
    print(f"     {time.monotonic() - start:.0f} s")
    for case in count.failures:
        print(f"FAILED {case}")
    print(f"{count.passed} passed, {count.failed} failed")
    sys.exit(1 if count.failed or not count.passed else 0)


if __name__ == "__main__":
    main()
