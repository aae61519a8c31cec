# SPDX-License-Identifier: Apache-2.0
"""The sketch of records by the batch (tests/bench/queue/blocks.lua) keeps its promises; what it costs is for who runs it to see."""
import os
import subprocess
import sys
import unittest

from patience import patience

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Sketch(unittest.TestCase):
    def test_it_keeps_its_promises(self):
        done = subprocess.run([sys.executable, '-B', os.path.join(TOP, 'tests', 'bench', 'queue', 'blocks.py'), '--check'], capture_output=True, text=True, timeout=patience(120))
        self.assertEqual((done.returncode, done.stdout), (0, 'the sketch keeps its promises\n'), done.stderr)


if __name__ == '__main__':
    unittest.main()
