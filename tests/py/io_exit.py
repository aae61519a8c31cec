# What is left at the end: pending output is written, __del__ may still print.
import io


class C:
    def __init__(self):
        self.buf = io.BytesIO()

    def __del__(self):
        f = io.TextIOWrapper(self.buf, encoding='utf-8')
        print(f.write('x'), 'in __del__')


c = C()
print('no newline at the end', end='')
