# oracle: stderr
try:
    compile('a = (1,\nb = 2\n', 'broken.py', 'exec')
except SyntaxError as e:
    print(e, e.lineno, e.offset, e.text, e.end_lineno, e.end_offset)
exec(compile('\tif x y:\n  pass', 'other.py', 'exec'))
