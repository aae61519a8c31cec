# oracle: stderr
exec(compile('if x y:\n  pass', 'other.py', 'exec'))
