# SPDX-License-Identifier: Apache-2.0
"""Krait: Celery-style tasks on Krait's own Python.

    from krait import App
    app = App('tasks')

    @app.task
    def add(x, y):
        return x + y

On CPython `add.delay(1, 2)` enqueues and gives an AsyncResult; inside a krait-worker the same file registers its functions to be run, and a running task enqueues
over its worker's link. The broker's address and token come from App(...), else from KRAIT_BROKER, KRAIT_TOKEN or KRAIT_TOKEN_FILE.

Threads: App, Task and AsyncResult may be used by several threads; a connection is used by one call at a time and kept for the next. After fork() a child makes its
own connections.
"""
from ._app import App, Request, Task, current_task, progress
from ._errors import BrokerUnavailable, Conflict, KraitError, MaxRetriesExceeded, QueueFull, Refused, SettingError, TaskCancelled, TaskError, Timeout
from ._options import OPTIONS
from ._results import AsyncResult, GroupResult, ResultSet, Signature, group

try:  # inside a krait-worker the exceptions that end or touch a running task are real ones
    from _krait import Retry, SoftTimeLimit, TaskStopped
except ImportError:
    from ._errors import Retry, SoftTimeLimit, TaskStopped

__version__ = '0.1.0'
__all__ = ['App', 'AsyncResult', 'BrokerUnavailable', 'Conflict', 'GroupResult', 'KraitError', 'MaxRetriesExceeded', 'OPTIONS', 'QueueFull', 'Refused',
           'Request', 'ResultSet', 'Retry', 'SettingError', 'Signature', 'SoftTimeLimit', 'Task', 'TaskCancelled', 'TaskError', 'TaskStopped', 'Timeout', 'current_task', 'group',
           'progress']
