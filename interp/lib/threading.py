# SPDX-License-Identifier: Apache-2.0
"""Threads for programs: Thread, locks, Event, Condition, Semaphore, Barrier's kin are left to the full library. Stands on _thread."""
import _thread
from _thread import allocate_lock as Lock, RLock, get_ident, get_native_id, TIMEOUT_MAX, _local_dict

_monotonic = __import__('time').monotonic
_active = {}
_active_lock = Lock()
_counter = 0


def _newname(kind):
    global _counter
    with _active_lock:
        _counter += 1
        return f'{kind}-{_counter}'


class Condition:
    def __init__(self, lock=None):
        self._lock = RLock() if lock is None else lock
        self.acquire = self._lock.acquire
        self.release = self._lock.release
        self._waiters = []

    def __enter__(self):
        return self._lock.__enter__()

    def __exit__(self, *args):
        return self._lock.__exit__(*args)

    def _owned(self):
        owned = getattr(self._lock, '_is_owned', None)
        if owned is not None:
            return owned()
        if self._lock.acquire(False):
            self._lock.release()
            return False
        return True

    def wait(self, timeout=None):
        if not self._owned():
            raise RuntimeError('cannot wait on un-acquired lock')
        waiter = Lock()
        waiter.acquire()
        self._waiters.append(waiter)
        save = getattr(self._lock, '_release_save', None)
        state = save() if save else self._lock.release()
        woken = False
        try:
            if timeout is None:
                woken = waiter.acquire()
            else:
                woken = waiter.acquire(True, timeout) if timeout > 0 else waiter.acquire(False)
            return woken
        finally:
            if save:
                self._lock._acquire_restore(state)
            else:
                self._lock.acquire()
            if not woken and waiter in self._waiters:
                self._waiters.remove(waiter)

    def wait_for(self, predicate, timeout=None):
        end = None if timeout is None else _monotonic() + timeout
        result = predicate()
        while not result:
            left = None if end is None else end - _monotonic()
            if left is not None and left <= 0:
                break
            self.wait(left)
            result = predicate()
        return result

    def notify(self, n=1):
        if not self._owned():
            raise RuntimeError('cannot notify on un-acquired lock')
        for waiter in self._waiters[:n]:
            self._waiters.remove(waiter)
            waiter.release()

    def notify_all(self):
        self.notify(len(self._waiters))


class Event:
    def __init__(self):
        self._cond = Condition(Lock())
        self._flag = False

    def is_set(self):
        return self._flag

    def set(self):
        with self._cond:
            self._flag = True
            self._cond.notify_all()

    def clear(self):
        with self._cond:
            self._flag = False

    def wait(self, timeout=None):
        with self._cond:
            if not self._flag:
                self._cond.wait_for(lambda: self._flag, timeout)
            return self._flag


class Semaphore:
    def __init__(self, value=1):
        if value < 0:
            raise ValueError('semaphore initial value must be >= 0')
        self._cond = Condition(Lock())
        self._value = value

    def acquire(self, blocking=True, timeout=None):
        if not blocking and timeout is not None:
            raise ValueError("can't specify timeout for non-blocking acquire")
        with self._cond:
            if not self._cond.wait_for(lambda: self._value > 0, 0 if not blocking else timeout):
                return False
            self._value -= 1
            return True

    def release(self, n=1):
        if n < 1:
            raise ValueError('n must be one or more')
        with self._cond:
            self._value += n
            self._cond.notify(n)

    __enter__ = acquire

    def __exit__(self, *args):
        self.release()


class BoundedSemaphore(Semaphore):
    def __init__(self, value=1):
        super().__init__(value)
        self._initial = value

    def release(self, n=1):
        with self._cond:
            if self._value + n > self._initial:
                raise ValueError('Semaphore released too many times')
        super().release(n)


class Thread:
    def __init__(self, group=None, target=None, name=None, args=(), kwargs=None, *, daemon=None):
        if group is not None:
            raise AssertionError('group argument must be None for now')
        self._target = target
        self._args = args
        self._kwargs = {} if kwargs is None else kwargs
        self._name = str(name) if name else _newname('Thread')
        self._daemon = current_thread().daemon if daemon is None else daemon
        self._ident = None
        self._started = Event()
        self._done = Event()

    def run(self):
        try:
            if self._target is not None:
                self._target(*self._args, **self._kwargs)
        finally:
            del self._target, self._args, self._kwargs

    def _bootstrap(self):
        self._ident = get_ident()
        with _active_lock:
            _active[self._ident] = self
        self._started.set()
        try:
            self.run()
        except SystemExit:
            pass
        except BaseException as e:
            excepthook(ExceptHookArgs((type(e), e, e.__traceback__, self)))
        finally:
            with _active_lock:
                _active.pop(self._ident, None)
            self._done.set()

    def start(self):
        if self._started.is_set():
            raise RuntimeError('threads can only be started once')
        if not self._daemon:
            with _active_lock:
                _running.append(self)
        try:
            _thread.start_new_thread(self._bootstrap, ())
        except BaseException:
            if not self._daemon:
                with _active_lock:
                    _running.remove(self)
            raise
        self._started.wait()

    def join(self, timeout=None):
        if not self._started.is_set():
            raise RuntimeError('cannot join thread before it is started')
        if self is current_thread():
            raise RuntimeError('cannot join current thread')
        if self._done.wait(timeout) and not self._daemon:
            with _active_lock:
                if self in _running:
                    _running.remove(self)

    def is_alive(self):
        return self._started.is_set() and not self._done.is_set()

    @property
    def name(self):
        return self._name

    @name.setter
    def name(self, name):
        self._name = str(name)

    @property
    def ident(self):
        return self._ident

    @property
    def native_id(self):
        return self._ident

    @property
    def daemon(self):
        return self._daemon

    @daemon.setter
    def daemon(self, value):
        if self._started.is_set():
            raise RuntimeError('cannot set daemon status of active thread')
        self._daemon = value

    def __repr__(self):
        state = 'initial' if not self._started.is_set() else 'stopped' if self._done.is_set() else 'started'
        return f"<{type(self).__name__}({self._name}, {state}{' daemon' if self._daemon else ''}{'' if self._ident is None else f' {self._ident}'})>"


class ExceptHookArgs(tuple):
    exc_type = property(lambda self: self[0])
    exc_value = property(lambda self: self[1])
    exc_traceback = property(lambda self: self[2])
    thread = property(lambda self: self[3])


def excepthook(args):
    import sys
    sys.stderr.write(f'Exception in thread {args.thread.name}:\n')
    sys.excepthook(args.exc_type, args.exc_value, args.exc_traceback)


class _MainThread(Thread):
    def __init__(self):
        self._name = 'MainThread'
        self._daemon = False
        self._ident = get_ident()
        self._started = Event()
        self._started.set()
        self._done = Event()


class _DummyThread(Thread):
    """A thread that somebody else started."""
    def __init__(self):
        self._name = _newname('Dummy')
        self._daemon = True
        self._ident = get_ident()
        self._started = Event()
        self._started.set()
        self._done = Event()
        with _active_lock:
            _active[self._ident] = self


class local:
    """Attributes of which each thread has its own."""
    def __new__(cls, *args, **kwargs):
        self = object.__new__(cls)
        object.__setattr__(self, '_init', (args, kwargs))
        return self

    def _own(self):
        dicts = _local_dict()
        d = dicts.get(id(self))
        if d is None:
            d = dicts[id(self)] = {}
            if type(self).__init__ is not object.__init__ and object.__getattribute__(self, '_ready'):
                args, kwargs = object.__getattribute__(self, '_init')
                self.__init__(*args, **kwargs)
        return d

    _ready = True

    def __getattribute__(self, name):
        if name == '__dict__':
            return local._own(self)
        if name not in ('_init', '_ready', '_own', '__class__'):
            d = local._own(self)
            if name in d:
                return d[name]
        return object.__getattribute__(self, name)

    def __setattr__(self, name, value):
        local._own(self)[name] = value

    def __delattr__(self, name):
        try:
            del local._own(self)[name]
        except KeyError:
            raise AttributeError(name) from None


def current_thread():
    return _active.get(get_ident()) or _DummyThread()


def main_thread():
    return _main


def active_count():
    return len(_active)


def enumerate():
    with _active_lock:
        return list(_active.values())


def _shutdown():
    """Waits for all threads that are no daemons; the program calls it at its end."""
    while True:
        with _active_lock:
            if not _running:
                return
            thread = _running.pop()
        thread._done.wait()


currentThread = current_thread
activeCount = active_count
_running = []
_main = _MainThread()
_active[_main._ident] = _main
