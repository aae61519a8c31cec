# SPDX-License-Identifier: Apache-2.0
"""What can go wrong, as exceptions. All derive from KraitError."""


class KraitError(Exception):
    """Base of all errors of this package. `code` is the number in the broker's answer, or 0."""

    def __init__(self, message, code=0):
        Exception.__init__(self, message)
        self.code = code


class SettingError(KraitError, ValueError):
    """An address, a token file or a deadline is not usable; the message says which and why."""


class BrokerUnavailable(KraitError):
    """No broker answered in time, or it has no store: the request may or may not have been carried out."""


class Timeout(KraitError):
    """The task had not ended when the time-out of get() was over. It goes on."""


class QueueFull(KraitError):
    """The queue or the store is at its limit: try later."""


class Conflict(KraitError):
    """The unique key is taken. `owner` is the id of the task that has it."""

    def __init__(self, message, owner=''):
        KraitError.__init__(self, message)
        self.owner = owner


class Refused(KraitError):
    """The broker will never accept this request; the message says why."""


class TaskError(KraitError):
    """The task failed for good. `type` is the name of its exception, `message` its text, `traceback` what Python printed, `reason` why it is dead."""

    def __init__(self, type='', message='', traceback='', reason='failed'):
        KraitError.__init__(self, (type + ': ' + message) if type and message else type or message or reason)
        self.type = type
        self.message = message
        self.traceback = traceback
        self.reason = reason


class TaskCancelled(TaskError):
    """The task was cancelled."""


class Lost(Exception):
    """Inside the package: this connection is of no use any more, another may be. nobody: there is none who listens."""

    def __init__(self, why, nobody=False):
        Exception.__init__(self, why)
        self.nobody = nobody


class MaxRetriesExceeded(KraitError):
    """Task.retry() was called, and no retry is left."""


# What only a worker raises; the same names exist everywhere, so that task files can name them.
class Retry(Exception):
    """Ends this run of the task and asks for another one: raise Retry(5) runs it again in 5 s."""

    def __init__(self, delay=None, message=''):
        Exception.__init__(self, delay, message)
        self.delay = delay
        self.message = message


class SoftTimeLimit(Exception):
    """The soft time limit of the running task has passed. Raised once."""


class TaskStopped(BaseException):
    """The running task was cancelled or is over its time limit. Raised again until it ends."""
