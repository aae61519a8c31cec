# Held by sys.modules to the very end: a file that nobody closes, objects with a finalizer, directly and in a list.
import os
import tempfile

path = tempfile.mkdtemp()
text = open(os.path.join(path, "text"), "w")
text.write("written at the end\n")
raw = open(os.path.join(path, "bytes"), "wb")
raw.write(b"and this\n")


class Kept:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("bye", self.name)


one = Kept("one")
many = [Kept("two")]
