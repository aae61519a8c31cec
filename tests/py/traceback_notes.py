# oracle: stderr
def f(n):
    if n == 0:
        e = RuntimeError('deep\nsecond line')
        e.add_note('first note')
        e.add_note('note of\ntwo lines')
        raise e
    f(n - 1)


try:
    f(10)
except RuntimeError as e:
    d = {'a': [1, 2]}
    x = (d['a'][5]
         + 1)
