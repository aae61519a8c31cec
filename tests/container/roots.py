# SPDX-License-Identifier: Apache-2.0
"""Root file systems for the container tests: a bare Debian by debootstrap, and running a command inside a root.

What runs inside is left to the tests. Needs root, a network to Debian's archive, and the packages of `deploy/deps container`.
"""

import os
import pathlib
import shlex
import subprocess

TOP = pathlib.Path(os.environ.get("KRAIT_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("KRAIT_BUILD", TOP / "build"))


def base_tar():
    """Returns the tar of a minimal Debian 12; made once and kept in the build folder."""
    tar = BUILD / "debian-12.tar"
    if not tar.exists():
        subprocess.run([TOP / "deploy/deps", "container"], check=True, stdout=subprocess.DEVNULL)
        root = BUILD / "debian-12"
        subprocess.run(["rm", "-rf", root], check=True)
        subprocess.run(["debootstrap", "--variant=minbase", "bookworm", root], check=True, stdout=subprocess.DEVNULL)
        # What Debian's own slim images leave out too: else the image would look small beyond its base.
        for left_out in ("var/lib/apt/lists", "var/cache/apt", "usr/share/doc", "usr/share/man", "usr/share/info", "usr/share/locale"):
            subprocess.run(["find", root / left_out, "-mindepth", "1", "-delete"], check=True)
        subprocess.run(["tar", "-C", root, "--one-file-system", "-cf", f"{tar}.new", "."], check=True)
        os.rename(f"{tar}.new", tar)
        subprocess.run(["rm", "-rf", root], check=True)
    return tar


def enter(root, command, *, binds=(), read_only=False, user=None, env=()):
    """Returns the argument list that runs `command` in `root` as process 1 of its own PID and mount namespaces.

    binds: (host path, path inside), read-only inside if the root is. user: its number; it then also has no capabilities,
    can gain none, and /tmp and /data are the only places that it can write. Everything inside ends with process 1.
    """
    q = shlex.quote
    root = str(root)
    steps = ["set -e", "mount --make-rprivate /", f"mount --bind {q(root)} {q(root)}"]
    for host, inside in binds:
        steps.append(f"mkdir -p {q(root + inside)} && mount --bind {q(str(host))} {q(root + inside)}")
        if read_only:
            steps.append(f"mount -o remount,ro,bind {q(root + inside)}")
    if read_only:
        steps.append(f"mount -o remount,ro,bind {q(root)}")
    steps += [f"mount -t proc proc {q(root)}/proc", f"mount --rbind /dev {q(root)}/dev", f"mount -t tmpfs -o mode=1777 tmpfs {q(root)}/tmp"]
    if user is not None:
        steps.append(f"if [ -d {q(root)}/data ]; then mount -t tmpfs -o mode=0700,uid={user},gid={user} tmpfs {q(root)}/data; fi")
    drop = ([] if user is None else
            ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"])
    inner = ["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", *env, *drop, *map(str, command)]
    steps.append("exec chroot " + q(root) + " " + " ".join(map(q, inner)))
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", "\n".join(steps)]


def product_files():
    """Returns the names of the files that a clone would hold, changes included that are not committed yet."""
    out = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=TOP, check=True, capture_output=True).stdout
    return [n for n in out.decode().split("\0") if n and (TOP / n).exists()]
