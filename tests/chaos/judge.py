# SPDX-License-Identifier: Apache-2.0
"""Nothing lost, nothing doubled: judges a history.History. Each rule is a function that yields (rule, task id or None, what is wrong); it says nothing when all is
well. `run` damages the history of each run to show that each can speak.

What "doubled" means: delivery is at least once, so a task may begin twice, each time under another attempt. Its effect in the queue may not: exactly one move to
an end, and Redis' own counters, which only fenced moves touch, agree with the number of ids."""
import collections

from history import ACTIVE, CANCELLED, DEAD, DELAYED, DONE, ENDED, NAMES, NONE, QUEUED

# broker/STATES.md
LEGAL = {
    NONE: (QUEUED, DELAYED),
    QUEUED: (ACTIVE, DEAD, CANCELLED),
    DELAYED: (QUEUED, DEAD, CANCELLED),
    ACTIVE: (QUEUED, DELAYED, DONE, DEAD, CANCELLED),
    DONE: (), DEAD: (), CANCELLED: (),
}
WANTED = {'fail': (DEAD,), 'cancel': (CANCELLED, DONE)}      # of each kind; else DONE
RETRIES = {'again': 2, 'fail': 1}
REASON_FAILED = 1
LIMITS = {'drop': 6.0, 'silence': 17.0}
AFTERMATH = 20.0               # from when Redis and all brokers answer again until no dead session holds anything: a TTL, an eighth of it, a look
STEPS = 8                      # a recovery is so many steps of processes and the disk, one after the other: each may be kept waiting by the machine


def lost(h):
    for id_, task in h.tasks.items():
        if not task.accepted:
            continue
        wanted = WANTED.get(task.kind, (DONE,))
        if task.state() not in wanted:
            yield 'lost', id_, 'accepted, but it is %s and not %s' % (NAMES[task.state()], ' or '.join(NAMES[s] for s in wanted))
        if not task.told:
            yield 'lost', id_, 'nobody told its producer how it ended'


def doubled(h):
    for id_, task in h.tasks.items():
        ends = sum(m.state in ENDED for m in task.moves)
        if ends > 1:
            yield 'doubled', id_, 'it ended %d times' % ends
        for state in {json_key(t[1]) for t in task.told[1:]} - {json_key(task.told[0][1])} if task.told else ():
            yield 'doubled', id_, 'its producer was told two different ends'
        begun = collections.Counter(r.attempt for r in task.runs if r.what == 'S')
        for attempt, n in begun.items():
            if n > 1:
                yield 'doubled', id_, 'attempt %d was executed %d times' % (attempt, n)


def json_key(told):
    return repr(told)


def illegal(h):
    for id_, task in h.tasks.items():
        before = NONE
        for m in task.moves:
            if m.state not in LEGAL[before]:
                yield 'illegal', id_, '%s to %s' % (NAMES[before], NAMES[m.state])
            before = m.state
        attempts = [m.attempt for m in task.moves if m.state == ACTIVE]
        if attempts != sorted(set(attempts)):
            yield 'illegal', id_, 'attempts %s do not grow' % attempts


def unfounded(h):
    """An effect needs a cause: whoever was told DONE was told by an attempt that ran to its end; nothing comes from nowhere."""
    for id_, task in h.tasks.items():
        if not task.sent:
            yield 'unfounded', id_, 'nobody sent it'
        end = next((m for m in task.moves if m.state == DONE), None)
        if end and not any(r.what == 'E' and r.attempt == end.attempt for r in task.runs):
            yield 'unfounded', id_, 'DONE by attempt %d, which never finished' % end.attempt
        for _, (state, reason, attempt, value) in task.told:
            if state == DONE and (not end or value != [id_, end.attempt]):
                yield 'unfounded', id_, 'its producer was told %r' % (value,)
            if state == DEAD and reason != REASON_FAILED:
                yield 'unfounded', id_, 'DEAD for reason %d' % reason


def retried(h):
    for id_, task in h.tasks.items():
        if task.kind in RETRIES and task.state() in (DONE, DEAD) and task.moves[-1].retries != RETRIES[task.kind]:
            yield 'retries', id_, '%d retries were counted, not %d' % (task.moves[-1].retries, RETRIES[task.kind])


def counted(h):
    """Redis' counters are touched only inside the fence: an effect that happened twice shows there even if no record does."""
    for field, state in (('done', DONE), ('died', DEAD), ('cancelled', CANCELLED)):
        n = sum(t.state() == state for t in h.tasks.values())
        if h.counters[field] != n:
            yield 'counters', None, 'Redis counted %d as %s, but %d tasks are' % (h.counters[field], field, n)
    for field in ('queued', 'active'):
        if h.counters[field]:
            yield 'counters', None, 'nothing is left, but Redis counts %d as %s' % (h.counters[field], field)


def recoveries(h):
    """For each fault with a limit: [(seconds until another worker had it, or it had ended, id)] of the tasks that the dead worker held. What others may go
    before, as everything but the burst, counts once it is free for others: how long it waits for its turn then is the load's business."""
    for fault in h.faults:
        if not fault.get('limit'):
            continue
        sessions, out, t = h.sessions_of(fault['target']), [], fault['begin']
        for id_, task in h.tasks.items():
            held, later = None, []
            for at, m in enumerate(task.moves):
                if m.ms > t * 1000:
                    later = task.moves[at:]
                    break
                held = m
            if held is None or held.state != ACTIVE or held.session not in sessions:
                continue
            after = [m.ms / 1000 for m in later if m.state in ENDED or (m.state == ACTIVE and m.session != held.session)]
            if task.kind != 'burst':
                after += [m.ms / 1000 for m in later]
            out.append((min(after) - t if after else float('inf'), id_))
        yield fault, sorted(out)


def excuse(h, begin, seconds):
    """What the machine may have added: the longest wait of a process that had nothing to do, in this time, for each step."""
    return STEPS * h.stalled(begin, begin + seconds)


def delays(h):
    """Whatever is over its limit: (seconds over it, seconds that the machine may have added, id, text)."""
    for fault, times in recoveries(h):
        limit = LIMITS[fault['limit']]
        for seconds, id_ in times:
            if seconds > limit:
                yield seconds - limit, excuse(h, fault['begin'], seconds), id_, 'was elsewhere only %.1f s after %s of %s (limit %.0f)' % (
                    seconds, fault['name'], fault['target'], limit)
    for fault in h.faults:
        if fault['name'] == 'aftermath' and fault['seconds'] > AFTERMATH:
            yield fault['seconds'] - AFTERMATH, excuse(h, fault['begin'], fault['seconds']), None, (
                '%.1f s after Redis and the brokers answered again dead sessions still held tasks (limit %.0f)' % (fault['seconds'], AFTERMATH))


def late(h):
    for over, excused, id_, text in delays(h):
        if over > excused:
            yield 'late', id_, '%s; the machine explains %.1f s' % (text, excused)


def unmeasured(h):
    """A limit that was never put to the test proves nothing."""
    for kind in LIMITS:
        faults = [f for f in h.faults if f.get('limit') == kind]
        if faults and not any(times for fault, times in recoveries(h) if fault['limit'] == kind):
            yield 'unmeasured', None, 'no worker held a task when it was to die by %s' % kind


def left_over(h):
    for key in h.left_over:
        yield 'left over', None, 'the key %s' % key


def noted(h):
    if not h.finished:
        yield 'unfinished', None, 'the producer did not come to its end'
    for note in h.notes:
        if note['what'] != 'broken':
            yield 'producer', note.get('id'), str(note)


RULES = (lost, doubled, illegal, unfounded, retried, counted, late, unmeasured, left_over, noted)


def judge(h):
    return [v for rule in RULES for v in rule(h)]


def report(h, violations, most=5):
    """Lines for people: what is wrong, and the history of the tasks concerned."""
    out, by_rule = [], collections.Counter(v[0] for v in violations)
    for rule, n in by_rule.items():
        out.append('%s: %d' % (rule, n))
        for _, id_, text in [v for v in violations if v[0] == rule][:most]:
            out.append('  %s: %s' % (id_ or '-', text))
            if id_ in h.tasks:
                out += ['    ' + line for line in h.tasks[id_].lines(id_)]
    return out


def summary(h):
    tasks = h.tasks.values()
    yield 'accepted %d, ended %d (%s), executions %d, of them again %d' % (
        sum(bool(t.accepted) for t in tasks), sum(t.state() in ENDED for t in tasks),
        ', '.join('%s %d' % (NAMES[s], sum(t.state() == s for t in tasks)) for s in ENDED), sum(r.what == 'S' for t in tasks for r in t.runs),
        sum(max(0, sum(r.what == 'S' for r in t.runs) - 1 - RETRIES.get(t.kind, 0)) for t in tasks))
    for kind, limit in LIMITS.items():
        times = [s for fault, some in recoveries(h) if fault['limit'] == kind for s, _ in some]
        if times:
            yield 'by %s: %d tasks of %d dead workers elsewhere after %.1f s (median), %.1f s (worst); limit %.0f s' % (
                kind, len(times), sum(f.get('limit') == kind for f in h.faults), sorted(times)[len(times) // 2], max(times), limit)
    storms = [f['seconds'] for f in h.faults if f['name'] == 'aftermath']
    if storms:
        yield 'after %d storms dead sessions held nothing any more within %.1f s (median), %.1f s (worst); limit %.0f s' % (
            len(storms), sorted(storms)[len(storms) // 2], max(storms), AFTERMATH)
    yield 'longest in the hands of a dead worker, Redis away or not: %.1f s' % max(
        [(b.ms - a.ms) / 1000 for t in tasks if t.kind != 'long' for a, b in zip(t.moves, t.moves[1:]) if a.state == ACTIVE and b.state == QUEUED], default=0)
    yield 'the machine: a process that wanted to run every 20 ms waited %.2f s at worst, %.0f s in all' % (
        max([s for _, s in h.stalls], default=0), sum(s for _, s in h.stalls))
    for over, excused, _, text in delays(h):
        if over <= excused:
            yield 'over its limit, but the machine explains up to %.1f s: %s' % (excused, text)
