"""What platforms tell at once: proved to come from them, kept as it came, understood by a worker.

`platforms` has a module for each, `inboxes` where they deliver to, `receiving` what a delivery is
answered, `reading` what becomes of it.
"""
