# SPDX-License-Identifier: Apache-2.0
"""How long a test waits before it says that something hangs. What is waited for is left to the tests: a deadline of theirs goes through
here, so that a build that is slower all over (tests/runner.py says by how much) does not fail for being slow."""
import os

SLOWER = float(os.environ.get('KRAIT_PATIENCE') or 1)


def patience(seconds):
    return seconds * SLOWER
