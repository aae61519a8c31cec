# What modules still hold at the end: finalizers run, files are written out.
import os
import shutil
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
code = "import sys; sys.path.insert(0, %r); import _kept; print(_kept.path)" % here
mode = ["-X", "gil=%d" % sys._is_gil_enabled()] if hasattr(sys, "_is_gil_enabled") else []
out = subprocess.run([sys.executable, *mode, "-B", "-c", code], capture_output=True, text=True)
lines = out.stdout.splitlines()
print(sorted(lines[1:]), out.stderr, out.returncode)
for name in "text", "bytes":
    with open(os.path.join(lines[0], name)) as f:
        print(f.read())
shutil.rmtree(lines[0])
