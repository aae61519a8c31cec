# SPDX-License-Identifier: Apache-2.0
"""Krait: Celery-style tasks on Krait's own Python.

    from krait import App
    app = App('tasks')

    @app.task
    def add(x, y):
        return x + y

On CPython `add.delay(1, 2)` enqueues and gives an AsyncResult; inside a krait-worker the same file registers its functions to be run. The
broker's address and token come from App(...), else from KRAIT_BROKER, KRAIT_TOKEN or KRAIT_TOKEN_FILE.

Threads: App, Task and AsyncResult may be used by several threads; a connection is used by one call at a time and kept for the next. After fork()
a child makes its own connections.
"""
from ._app import App, AsyncResult, Task
from ._errors import BrokerUnavailable, Conflict, KraitError, QueueFull, Refused, TaskCancelled, TaskError, Timeout

__version__ = '0.1.0'
__all__ = ['App', 'AsyncResult', 'Task', 'KraitError', 'BrokerUnavailable', 'Timeout', 'QueueFull', 'Conflict', 'Refused', 'TaskError', 'TaskCancelled']
