"""How gunicorn serves the program: ``gunicorn wsgi:app`` in this folder reads it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import gunicorn

# Only this machine: in front stands a web server that does TLS. --bind says otherwise.
bind = f"127.0.0.1:{os.environ.get('PORT') or 5000}"

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or min(4, os.cpu_count() or 1))
# Threads wait for the database and for slow readers of an export. More of them take turns at one interpreter, and
# whoever holds the database then waits for the others.
threads = 4
timeout = 60
graceful_timeout = 20
keepalive = 5
# Workers show that they live by touching a file: on a slow disk that can take longer than the timeout.
if Path("/dev/shm").is_dir():
    worker_tmp_dir = "/dev/shm"

# Whom to believe about addresses is TRUSTED_PROXIES, read by the program itself.
forwarded_allow_ips = ""
control_socket_disable = True
# Nobody needs to know with what the pages are served.
gunicorn.SERVER = gunicorn.SERVER_SOFTWARE = "webinar"

accesslog = None
errorlog = "-"
loglevel = "warning"

# A thread gives the interpreter away at each statement to the database. By Python's default it then waits 5 ms for a
# busy neighbour, and so do all who wait for the database behind it.
sys.setswitchinterval(0.0005)
