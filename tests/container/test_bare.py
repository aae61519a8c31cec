# SPDX-License-Identifier: Apache-2.0
"""The two commands inside a bare Debian 12, where nothing is preinstalled, on a fresh copy of the sources.

What the commands check is left to them; here counts that they bring everything along that they need.
"""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

import roots


class Bare(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.root = pathlib.Path(tempfile.mkdtemp(prefix="bare.", dir=roots.BUILD))
        subprocess.run(["tar", "-C", cls.root, "-xf", roots.base_tar()], check=True)
        shutil.copy("/etc/resolv.conf", cls.root / "etc/resolv.conf")
        (cls.root / "krait").mkdir()
        names = "\0".join(roots.product_files()).encode()
        packed = subprocess.run(["tar", "-C", roots.TOP, "--null", "-T", "-", "-cf", "-"], input=names, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-C", cls.root / "krait", "-xf", "-"], input=packed, check=True)

    @classmethod
    def tearDownClass(cls):
        subprocess.run(["rm", "-rf", "--one-file-system", cls.root], check=True)

    def inside(self, *command, deadline):
        done = subprocess.run(roots.enter(self.root, ["sh", "-c", 'cd /krait && exec "$@"', "sh", *command], env=["HOME=/root"]),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=deadline)
        text = done.stdout.decode(errors="replace")
        self.assertEqual(done.returncode, 0, f"{command} ended with {done.returncode}:\n{text[-6000:]}")
        return text

    # In this order (unittest sorts by name): the first command finds nothing installed at all.

    def test_1_up_check(self):
        text = self.inside("./deploy/up", "--check", deadline=1800)
        self.assertIn("every result was right", text)

    def test_2_installing_again_does_nothing(self):
        self.assertEqual(self.inside("./deploy/deps", "build", "run", deadline=60), "")

    def test_3_tests_run(self):
        text = self.inside("./tests/run", "--quick", deadline=1800)
        self.assertRegex(text.splitlines()[-1], r"^[1-9]\d* passed, 0 failed$")

    def test_4_no_service_was_started(self):
        self.assertEqual(list((self.root / "run").glob("redis*/*")), [])
        self.assertFalse((self.root / "usr/sbin/policy-rc.d").exists())


if __name__ == "__main__":
    unittest.main()
