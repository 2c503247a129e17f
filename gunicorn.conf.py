"""How gunicorn serves the program: ``gunicorn wsgi:app`` in this folder reads it."""

from __future__ import annotations

import os
from pathlib import Path

import gunicorn

# Only this machine: in front stands a web server that does TLS. --bind says otherwise.
bind = f"127.0.0.1:{os.environ.get('PORT') or 5000}"

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or min(4, os.cpu_count() or 1))
# Threads wait for the database and for slow readers of an export; more of them do not make it faster.
threads = 8
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
