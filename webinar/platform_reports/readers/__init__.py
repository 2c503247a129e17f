"""One module a layout of report. Each one is found by being here: adding a platform touches nothing else.

A reader has ``NAME`` (what people call this report), ``recognises(lines)`` (whether the content is of this layout; the
name of the file says nothing) and ``read(lines, clues)``, which returns a ``Report``.
"""
