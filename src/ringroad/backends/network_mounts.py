"""Whether a folder lies on a network file system, where locks and shared memory cannot be trusted.

Knows Linux; elsewhere, and where the kernel does not say, it answers that the folder is local.
"""

from __future__ import annotations

from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
NETWORK = frozenset(
    {
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "fuse.glusterfs",
        "fuse.s3fs",
        "fuse.sshfs",
        "glusterfs",
        "gpfs",
        "lustre",
        "nfs",
        "nfs4",
        "smb3",
        "smbfs",
    }
)


def network_type(folder: Path, *, mounts: Path = MOUNTS) -> str:
    """Name of the network file system below a folder; empty text for a local one."""
    try:
        lines = mounts.read_text().splitlines()
    except OSError:
        return ""
    place = folder.resolve()
    above = {str(place), *(str(parent) for parent in place.parents)}
    found = ""
    depth = 0
    for line in lines:
        mount, kind = _mount(line)
        if mount in above and len(mount) >= depth:  # of two on one place the later one shows
            found, depth = kind, len(mount)
    return found if found in NETWORK else ""


def _mount(line: str) -> tuple[str, str]:
    """Place and type in one line of proc(5) mountinfo; octal escapes stand for blanks."""
    head, _, tail = line.partition(" - ")
    place = head.split(" ")[4].encode().decode("unicode_escape")
    return place, tail.partition(" ")[0]
