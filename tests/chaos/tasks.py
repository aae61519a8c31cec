# SPDX-License-Identifier: Apache-2.0
"""The tasks of the chaos run. Each execution says so in two lines on standard error, which the worker appends to a file with one write each:
what was begun and what was finished is therefore known of processes that were killed, too. history.py reads them."""
import sys
import time

import _krait
from krait import App

app = App('tasks')


class NotYet(Exception):
    pass


class Never(Exception):
    pass


def say(what, current):
    print('@%s %s %d %d %.4f\n' % (what, current['id'], current['attempt'], current['retries'], time.time()), end='', file=sys.stderr)


@app.task
def work(ms, failures):
    """failures: how often it fails before it is done; negative: always."""
    current = _krait.current()
    say('S', current)
    if ms:
        time.sleep(ms / 1000)
    if failures < 0:
        raise Never(current['id'])
    if current['retries'] < failures:
        raise NotYet(current['id'])
    say('E', current)
    return [current['id'], current['attempt']]
