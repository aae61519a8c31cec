# oracle: stderr
class Shape:
    def area(self):
        return 1


def f():
    colour = 1
    try:
        return color
    except NameError:
        return Shape().aria


f()
