# SPDX-License-Identifier: Apache-2.0
"""The no-op task for Krait."""
from krait import App

app = App('bench')


@app.task(name='bench.noop', queue='bench')
def noop():
    return None
