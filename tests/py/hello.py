# The least that a script can ask: print and exit.
print("hello", 1 + 1, [1, "two", (3,)], {"k": None})
