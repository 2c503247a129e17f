"""What a WSGI server and the ``flask`` command start: ``gunicorn wsgi:app``, ``flask --app wsgi``."""

from webinar import create_app

app = create_app()
