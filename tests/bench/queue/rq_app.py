# SPDX-License-Identifier: Apache-2.0
"""The no-op task for RQ."""


def noop():
    return None
