# SPDX-License-Identifier: Apache-2.0
# hypothesis: properties that hold, one that does not and is shrunk, strategies, a state machine.
# threads: no, hypothesis keeps one random source and its database for the process
import hypothesis, datetime
from hypothesis import given, settings, strategies as st, assume, example, find, HealthCheck
from hypothesis.stateful import RuleBasedStateMachine, rule, invariant, run_state_machine_as_test
fast = settings(max_examples=30, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@fast
@given(st.lists(st.integers()), st.lists(st.integers()))
def concatenated(a, b): assert len(a + b) == len(a) + len(b) and sorted(a + b) == sorted(b + a)
@fast
@given(st.text(), st.binary(), st.floats(allow_nan=False), st.dictionaries(st.text(max_size=3), st.one_of(st.none(), st.booleans(), st.decimals(allow_nan=False))), st.datetimes(), st.tuples(st.uuids(), st.complex_numbers(allow_nan=False)))
@example('ä', b'', 0.0, {}, datetime.datetime(2020, 1, 1), (None, 1j))
def round_trips(s, b, f, d, when, t): assert s.encode('utf-8', 'surrogatepass').decode('utf-8', 'surrogatepass') == s and bytes.fromhex(b.hex()) == b and float(repr(f)) == f and dict(d.items()) == d and datetime.datetime.fromisoformat(when.isoformat()) == when
@fast
@given(st.lists(st.integers(0, 100), min_size=1))
def wrong(xs): assert sum(xs) < 150
@fast
@given(st.data())
def drawn(data): n = data.draw(st.integers(1, 5)); xs = data.draw(st.lists(st.sampled_from('abc'), min_size=n, max_size=n, unique=False)); assume(len(xs) > 1); assert len(xs) == n
for f in (concatenated, round_trips, wrong, drawn):
    try: f(); print(f.__name__, 'holds')
    except AssertionError as e: print(f.__name__, 'fails', getattr(e, '__notes__', None))
print(find(st.integers(), lambda x: x > 1000, settings=fast), find(st.lists(st.integers()), lambda x: sum(x) >= 10, settings=fast), find(st.text(), lambda s: len(s) > 2, settings=fast), find(st.from_regex(r'[a-c]{2,4}\d', fullmatch=True), lambda s: True, settings=fast))
class Stack(RuleBasedStateMachine):
    def __init__(self): super().__init__(); self.items = []
    @rule(x=st.integers(0, 9))
    def push(self, x): self.items.append(x)
    @rule()
    def pop(self):
        if self.items: self.items.pop()
    @invariant()
    def short(self): assert len(self.items) < 4
try: run_state_machine_as_test(Stack, settings=fast); print('held')
except AssertionError as e: print('broke', getattr(e, '__notes__', None))
print(repr(st.lists(st.integers(1, 3)).map(tuple).filter(bool)), st.builds(complex, st.just(1.0)), hypothesis.__version__)
