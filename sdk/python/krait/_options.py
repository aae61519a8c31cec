# SPDX-License-Identifier: Apache-2.0
"""The options of a task, as @app.task and apply_async take them, and the bytes that they become: queue, name, TaskOptions, headers of a Task. Imports
nothing, since workers use it, too."""
from ._values import varint

# name -> what it is; times are seconds or timedelta
OPTIONS = {
    'queue': 'the queue, instead of "default"',
    'priority': '0 to 9, 9 first',
    'countdown': 'start no sooner than after this time',
    'delay': 'the same as countdown',
    'eta': 'start no sooner than at this moment: a datetime or seconds since 1970',
    'expires': 'dead when not started within this time, or by this datetime',
    'max_retries': 'run again this often when it raises',
    'retry_delay': 'the time before a retry, or a list of them: one for each retry, the last one again',
    'retry_backoff': 'True, or the time before the first retry: doubled for each further one',
    'retry_backoff_max': 'the longest time between retries, with retry_backoff; 600 s',
    'retry_backoff_factor': 'what retry_backoff grows by; 2',
    'retry_jitter': 'True, or the share 0..1 of the time before a retry that chance may take off',
    'retry_on': 'retry only these exceptions: classes or names',
    'fail_on': 'never retry these',
    'soft_time_limit': 'raise SoftTimeLimit in the task once, after this time',
    'time_limit': 'end the task after this time',
    'memory_limit': 'end the task when it holds more bytes than this',
    'result_ttl': 'keep the result so long; 0: keep none; 1 day',
    'max_deliveries': 'dead when its worker died under it this often; 3',
    'unique_key': 'only one task with this key at a time',
    'unique_ttl': 'give up the unique key after this time',
    'conflict': "if the unique key is taken: 'reject' (raise Conflict), 'existing' (give that task's result), 'replace'",
    'group_key': 'fair sharing and concurrency limits by this key',
    'group': 'the same as group_key',
    'rate_key': "the queue's key_rate holds for each such key",
    'rate_limit': "no more starts than this, all workers together: '10/m' (s, m, h, d), or a number a second; for each rate_key, or for the task",
    'dedupe': 'how long after its end the id stays known; 10 min',
    'headers': 'a dict of str that travels with the task',
    'bind': 'pass the Task as first argument; only for @app.task',
}
_CONFLICT = {'reject': 0, 'existing': 1, 'replace': 2}


# What task files written for Celery say: the same under its own name, or why to leave it out.
_CELERY = {'autoretry_for': 'retry_on', 'default_retry_delay': 'retry_delay', 'dont_autoretry_for': 'fail_on'}
_NEEDLESS = {
    'acks_late': 'a task is always acknowledged when it has ended',
    'reject_on_worker_lost': 'a task whose worker died always runs elsewhere; max_deliveries says how often',
    'task_reject_on_worker_lost': 'a task whose worker died always runs elsewhere; max_deliveries says how often',
    'track_started': 'a started task is always ACTIVE',
    'serializer': 'arguments are plain data and need none',
    'compression': 'nothing is compressed',
    'store_errors_even_if_ignored': 'errors are kept as dead letters',
}


def check(options):
    """The options with Celery's words put into ours. TypeError names what is no option."""
    if not all(name in OPTIONS for name in options):
        options = _translated(options)
    for name in options:
        if name in _NEEDLESS:
            raise TypeError(f'leave the option {name!r} out: {_NEEDLESS[name]}')
        if name not in OPTIONS:
            raise TypeError(f'no option {name!r}; there are: {", ".join(sorted(OPTIONS))}')
    return options


def _translated(options):
    out = {}
    for name, value in options.items():
        if name == 'ignore_result':
            if value:
                out['result_ttl'] = 0
        elif name == 'retry_kwargs':
            for k, v in (value or {}).items():
                out['retry_delay' if k == 'countdown' else k] = v
        else:
            out[_CELERY.get(name, name)] = value
    if options.get('autoretry_for') and 'max_retries' not in out:
        out['max_retries'] = 3
    return out


def whole(o, name, most=0xffffffff):
    """The option as an int, 0 when it is not given."""
    n = o.get(name)
    if n is None:
        return 0
    if isinstance(n, bool) or not isinstance(n, int):
        raise TypeError(f'{name} is an int, not {n!r}')
    if not 0 <= n <= most:
        raise ValueError(f'{name} is 0 to {most}, not {n}')
    return n


def number(field, n):
    """A varint field; 0 is the default and is left out."""
    return varint(field << 3) + varint(n) if n else b''


def blob(field, data):
    return varint(field << 3 | 2) + varint(len(data)) + data


def text(field, s):
    return blob(field, s.encode()) if s else b''


def ms(seconds):
    """Milliseconds of seconds or a timedelta; what is negative is 0."""
    if hasattr(seconds, 'total_seconds'):
        seconds = seconds.total_seconds()
    try:
        return max(0, int(round(seconds * 1000)))
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f'a time is a number of seconds or a timedelta, not {seconds!r}') from None


def _rate_us(rate):
    """Microseconds between two starts."""
    if not rate:
        return 0
    count, slash, unit = str(rate).partition('/')
    try:
        per_second = float(count) / (_UNITS[unit.strip() or 's'] if slash else 1)
    except (ValueError, KeyError):
        per_second = -1.0
    if not 1e-5 <= per_second <= 1e6:
        raise ValueError(f"a rate_limit is COUNT/s, /m, /h or /d, such as '10/m', or a number of starts a second, not {rate!r}")
    return int(round(1e6 / per_second))


_UNITS = {'s': 1, 'm': 60, 'h': 3600, 'd': 86400}


def _moment_ms(moment):
    return ms(moment.timestamp() if hasattr(moment, 'timestamp') else moment)


def _expires_ms(o, now_ms):
    expires = o.get('expires')
    if expires is None:
        return 0
    if hasattr(expires, 'timestamp'):
        return max(1, _moment_ms(expires) - now_ms())
    return max(1, ms(expires))


def _percent(jitter):
    if jitter is True:
        return 100
    if not jitter:
        return 0
    return min(100, int(jitter * 100)) if jitter <= 1 else min(100, int(jitter))


def _retry(o):
    data = number(1, whole(o, 'max_retries', 65535))
    delay, backoff = o.get('retry_delay'), o.get('retry_backoff')
    if delay is None and isinstance(backoff, (list, tuple)):
        delay, backoff = backoff, None
    if isinstance(delay, (list, tuple)):
        data += number(2, 3) + blob(6, b''.join([varint(ms(s)) for s in delay]))
    elif delay is not None:
        data += number(2, 1) + number(3, ms(delay))
    elif backoff:
        data += number(2, 2) + number(3, 1000 if backoff is True else ms(backoff)) + number(4, ms(o.get('retry_backoff_max', 600)))
        data += number(5, int(o.get('retry_backoff_factor', 2) * 100))
    data += number(7, _percent(o.get('retry_jitter')))
    for field, name in ((8, 'retry_on'), (9, 'fail_on')):
        entries = o.get(name) or ()
        for entry in entries if isinstance(entries, (list, tuple, set, frozenset)) else (entries,):
            data += text(field, entry if isinstance(entry, str) else _exception_name(entry))
    return data


_RETRY = ('max_retries', 'retry_delay', 'retry_backoff', 'retry_jitter', 'retry_on', 'fail_on')


def retry_after(o, retries):
    """Seconds before the next retry by the same options, for a task that asks for one itself; without jitter."""
    delay, backoff = o.get('retry_delay'), o.get('retry_backoff')
    if delay is None and isinstance(backoff, (list, tuple)):
        delay, backoff = backoff, None
    if isinstance(delay, (list, tuple)):
        delay = delay[min(retries, len(delay) - 1)] if delay else 0
    if delay is not None:
        return ms(delay) / 1000
    if not backoff:
        return 0.0
    return min(ms(o.get('retry_backoff_max', 600)), ms(1 if backoff is True else backoff) * o.get('retry_backoff_factor', 2) ** retries) / 1000


def _exception_name(cls):
    return cls.__qualname__ if cls.__module__ == 'builtins' else f'{cls.__module__}.{cls.__qualname__}'


def write_options(o, now_ms):
    """TaskOptions. now_ms(): the wall clock, asked only where an option needs it."""
    data = b''
    priority = o.get('priority')
    if priority is not None:
        data += number(1, whole(o, 'priority', 9)) + number(2, 1)
    delay = o.get('countdown') if o.get('countdown') is not None else o.get('delay')
    if delay:
        data += number(3, ms(delay))
    if o.get('eta') is not None:
        data += number(4, _moment_ms(o['eta']))
    data += number(5, _expires_ms(o, now_ms))
    if any(o.get(name) is not None for name in _RETRY):
        data += blob(6, _retry(o))  # also an empty one: it says that there are no retries
    data += number(7, ms(o.get('soft_time_limit') or 0)) + number(8, ms(o.get('time_limit') or 0)) + number(9, whole(o, 'memory_limit', 1 << 62))
    if o.get('result_ttl') is not None:
        data += number(10, ms(o['result_ttl'])) + number(11, 1)
    data += number(12, whole(o, 'max_deliveries')) + text(13, o.get('unique_key')) + number(14, ms(o.get('unique_ttl') or 0))
    conflict = o.get('conflict') or 'reject'
    if conflict not in _CONFLICT:
        raise ValueError(f'conflict is reject, existing or replace, not {conflict!r}')
    data += number(15, _CONFLICT[conflict])
    return data + text(16, o.get('group_key') or o.get('group')) + text(17, o.get('rate_key')) + number(18, ms(o.get('dedupe') or 0))


def write_head(name, options, now_ms, complete=False):
    """The fields of a Task between its key and its parent: queue, name, options, headers. complete: the decorator's options are among them; otherwise the
    broker adds those that it was told by a worker."""
    data = text(2, options.get('queue')) + text(3, name)
    if options:
        o = write_options(options, now_ms)
        rate = number(20, _rate_us(options.get('rate_limit')))
        if (o or rate) and complete:
            o += number(19, 1)
        o += rate
        if o:
            data += blob(4, o)
        for k, v in (options.get('headers') or {}).items():
            data += blob(5, text(1, k) + text(2, v))
    return data
