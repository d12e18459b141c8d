class Unavailable(Exception):
    """Says in one sentence, for the person at the keyboard, why a server is not there."""
