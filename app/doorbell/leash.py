"""Become a server that ends with the process that started it: `leash.py <pid of the parent> <program> [argument…]`.

Run as a script of its own and not as a hook between fork and exec, where a threaded parent may run hardly any Python.
On Linux the kernel sends SIGTERM when the parent is gone, however it went. Elsewhere a killed parent leaves the server
behind; the next start finds it on its socket and uses it.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if sys.platform == "linux":
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
if os.getppid() != int(sys.argv[1]):
    sys.exit("The parent ended before its server could start.")
os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - the program and its arguments come from our own code
