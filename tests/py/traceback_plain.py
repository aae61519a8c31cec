# oracle: stderr
# A traceback with marks under the part of each line that failed.


def inner(a, b):
    return a + b * (a / b)


def middle(x):
    value = inner(x,
                  x - x)
    return value


class C:
    def method(self):
        return [middle(n) for n in range(3)]


try:
    try:
        {}['key']
    except KeyError as e:
        raise ValueError('in between') from e
except ValueError:
    C().method()
