# SPDX-License-Identifier: Apache-2.0
"""What goes wrong, at random, from one seed: a table of faults, and the director who lets several happen at once, heals them, and now and then holds still so that one
death can be timed without another in its way. What must survive is judge.py's."""
import random
import signal
import time

BEATEN_MS = 8000               # who was beaten for within 7 of the 15 s has a deadline at least so far ahead; beats come every 5 s
QUEUES = ('default', 'other')

# name: weight, longest seconds (0: over at once), method, on whom
TABLE = {
    'kill child':      (8, 0, 'kill_child', 'workers'),
    'kill template':   (2, 0, 'kill_template', 'workers'),
    'kill supervisor': (5, 0, 'kill_one', 'workers'),
    'kill worker':     (5, 0, 'kill_tree', 'workers'),
    'end worker':      (2, 0, 'term', 'workers'),
    'kill broker':     (5, 0, 'kill_one', 'brokers'),
    'end broker':      (1, 0, 'term', 'brokers'),
    'kill redis':      (2, 0, 'kill_one', 'redis'),
    'stop child':      (3, 6, 'stop_child', 'workers'),
    'stop supervisor': (3, 20, 'stop_one', 'workers'),
    'stop worker':     (3, 20, 'stop_tree', 'workers'),
    'stop broker':     (3, 18, 'stop_one', 'brokers'),
    'stop redis':      (1, 6, 'stop_one', 'redis'),
    'cut worker':      (4, 20, 'cut', 'workers'),
    'cut broker':      (3, 18, 'cut', 'brokers'),
    'cut redis':       (1, 6, 'cut', 'redis'),
    'cut producer':    (1, 8, 'cut', 'p'),
    'pull worker':     (2, 8, 'pull', 'workers'),
    'pull broker':     (1, 8, 'pull', 'brokers'),
    'bar redis':       (2, 12, 'bar_redis', 'brokers'),
}


class Director:
    def __init__(self, stack, seed, say):
        self.stack, self.hosts, self.rng, self.say = stack, stack.hosts, random.Random('%d faults' % seed), say
        self.log, self.now = [], []            # all faults; those that are on: (until, fault, heal)

    def targets(self, of):
        return {'workers': list(self.stack.workers), 'brokers': list(self.stack.brokers)}.get(of, [of])

    def begin(self, name, target, seconds, heal=None, **more):
        fault = {'name': name, 'target': target, 'begin': time.time(), 'seconds': round(seconds, 2), **more}
        self.log.append(fault)
        self.say('%s %s%s' % (name, target, ' for %.1f s' % seconds if seconds else ''))
        if heal:
            self.now.append((time.monotonic() + seconds, fault, heal))
        return fault

    def busy(self, target):
        return any(f['target'] == target for _, f, _ in self.now)

    def strike(self):
        """One random fault."""
        names = list(TABLE)
        name = self.rng.choices(names, [TABLE[n][0] for n in names])[0]
        _, longest, method, of = TABLE[name]
        target = self.rng.choice(self.targets(of))
        seconds = self.rng.uniform(.1, 1) ** 2 * longest
        daemon = self.stack.all.get(target)
        if self.busy(target) or (daemon and not daemon.up()):
            return
        if daemon:
            daemon.rest = self.rng.uniform(0, 2)
        getattr(self, method)(name, target, seconds)

    def turn(self, heal_all=False):
        """Heals what is over, starts again what died."""
        now = time.monotonic()
        for entry in [e for e in self.now if heal_all or e[0] <= now]:
            self.now.remove(entry)
            entry[2]()
            entry[1]['end'] = time.time()
        self.stack.tend()

    def hold(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.turn()
            time.sleep(.02)                        # the pace of the faults: nothing is waited for

    def wild(self, seconds, over=lambda: False):
        end = time.monotonic() + seconds
        while time.monotonic() < end and not over():
            if len(self.now) < 4:
                self.strike()
            self.hold(min(self.rng.expovariate(1.6), 3))
        self.turn(heal_all=True)

    # ---- the faults

    def kill_one(self, name, target, seconds):
        self.begin(name, target, 0)
        self.stack.all[target].signal(signal.SIGKILL)

    def kill_tree(self, name, target, seconds, **more):
        daemon = self.stack.all[target]
        pids = daemon.tree()
        daemon.signal(signal.SIGKILL, pids)
        self.begin(name, target, 0, **more)

    def kill_child(self, name, target, seconds):
        children = self.stack.all[target].children()
        if children:
            self.begin(name, target, 0)
            self.stack.all[target].signal(signal.SIGKILL, [self.rng.choice(children)])

    def kill_template(self, name, target, seconds):
        daemon = self.stack.all[target]
        template = [p for p in daemon.tree()[1:] if p not in daemon.children()][:1]
        if template:
            self.begin(name, target, 0)
            daemon.signal(signal.SIGKILL, template)

    def term(self, name, target, seconds):
        """An orderly end; who is not gone after a while is killed."""
        daemon = self.stack.all[target]
        process = daemon.process
        daemon.signal(signal.SIGTERM)
        self.begin(name, target, 15, lambda: process.poll() is None and process.kill())

    def stop(self, name, target, seconds, pids, **more):
        daemon = self.stack.all[target]
        daemon.signal(signal.SIGSTOP, pids)
        self.begin(name, target, seconds, lambda: daemon.signal(signal.SIGCONT, pids), **more)

    def stop_one(self, name, target, seconds):
        self.stop(name, target, seconds, [self.stack.all[target].pid])

    def stop_child(self, name, target, seconds):
        children = self.stack.all[target].children()
        if children:
            self.stop(name, target, seconds, [self.rng.choice(children)])

    def stop_tree(self, name, target, seconds, **more):
        self.stop(name, target, seconds, self.stack.all[target].tree(), **more)

    def cut(self, name, target, seconds):
        self.hosts.cut(target)
        self.begin(name, target, seconds, lambda: self.hosts.mend(target))

    def pull(self, name, target, seconds):
        self.hosts.pull(target)
        self.begin(name, target, seconds, lambda: self.hosts.push(target))

    def bar_redis(self, name, target, seconds):
        self.hosts.bar(target, 'redis')
        self.begin(name, target, seconds, lambda: self.hosts.unbar(target, 'redis'))

    # ---- after a storm

    def settle(self):
        """Heals everything and waits until no dead session holds anything: whatever is timed next begins in health. How long that took once Redis and the
        brokers answered is judged, too."""
        self.turn(heal_all=True)
        self.patience(lambda: self.stack.answers() and all(self.stack.is_ready(b) for b in self.stack.brokers), 240)
        fault = self.begin('aftermath', 'all', 0)
        self.patience(lambda: not self.stack.dying(QUEUES, BEATEN_MS), 120)
        fault['seconds'] = round(time.time() - fault['begin'], 2)

    def patience(self, condition, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.hold(.2)
            try:
                if condition():
                    return
            except (OSError, RuntimeError):       # Redis is not there, or loads its files
                pass

    # ---- a death that is timed

    def timed(self, burst):
        """With everybody else in health and busy: one worker falls silent (stopped, or cut off and killed), another dies with its connection. Both are judged."""
        first, second = self.rng.sample(list(self.stack.workers), 2)
        burst()
        self.patience(lambda: self.stack.holds(first, QUEUES) and self.stack.holds(second, QUEUES), 15)
        how = self.rng.choice(('stop', 'cut and kill'))
        if how == 'stop':
            self.stop_tree('stop worker', first, 19, limit='silence')
        else:
            daemon = self.stack.all[first]
            self.hosts.cut(first)
            daemon.held = True
            daemon.signal(signal.SIGKILL, daemon.tree())
            self.begin('cut and kill worker', first, 19, lambda: (self.hosts.mend(first), setattr(daemon, 'held', False)), limit='silence')
        self.stack.all[second].rest = self.rng.uniform(0, 2)
        if self.rng.random() < .5:
            self.kill_tree('kill worker', second, 0, limit='drop')
        else:
            self.begin('kill supervisor', second, 0, limit='drop')
            self.stack.all[second].signal(signal.SIGKILL)
        self.hold(20)
