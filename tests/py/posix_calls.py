# SPDX-License-Identifier: Apache-2.0
"""posix, errno, _stat, pwd, grp, resource, _signal: the plain calls and how they fail."""
import posix, errno, _stat, pwd, grp, resource, _signal
print(len(posix.stat("/")), posix.stat("/").st_mode, posix.getcwd() == posix.getcwdb().decode(), sorted(posix.listdir("/")) == sorted(e.name for e in posix.scandir("/")))
print(posix.stat_result(range(10)).st_atime)
with posix.scandir('/') as it:
    for e in it:
        if e.name=='tmp': print(e, e.is_dir(), e.is_file(), e.path, e.inode()==e.stat().st_ino)
try: posix.stat('/nonex')
except FileNotFoundError as e: print(e, e.filename, e.errno==errno.ENOENT)
try: posix.rename('/nonex', b'/y')
except FileNotFoundError as e: print(e, e.filename2)
try: posix.open(1.5, 0)
except TypeError as e: print(e)
r,w=posix.pipe()
print(posix.write(w,b'hello'), posix.read(r,100))
pid=posix.fork()
if pid==0:
    posix.write(w,b'child'); posix._exit(3)
print(posix.read(r,10), posix.waitpid(pid,0)[1])
print(pwd.getpwuid(0), grp.getgrgid(0), resource.getrlimit(resource.RLIMIT_CORE))
print(posix.uname()[0], posix.sched_param(4), posix.times()[:0], posix._path_normpath('/a/../b//c/./d'))
print(posix.sysconf('SC_PAGESIZE'), posix.confstr('CS_PATH'))
print(_stat.filemode(posix.stat('/tmp').st_mode))
def h(n,f): print('handler',n,type(f).__name__)
_signal.signal(_signal.SIGUSR1,h)
posix.kill(posix.getpid(), _signal.SIGUSR1)
print(_signal.getsignal(_signal.SIGUSR1) is h)
print(sorted(posix.sched_getaffinity(0))[:1])
p = posix.posix_spawn("/bin/true", ["true"], {"A": "b"})
print(posix.waitpid(p,0)[0]==p)
