"""What the program costs, each figure beside the bare parts in the same run: ``make bench``, or one of them alone.

Nothing here is a test: figures depend on the machine, ratios less so. Everything is served on loopback only, from
a temporary folder, for a bounded time.
"""
