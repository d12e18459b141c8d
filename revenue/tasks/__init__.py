"""What workers do: ids in, one call, done. Each may run twice or be killed at any moment.

A module for each thing that there is work at; a task is called by where it stands, as
`revenue.tasks.sources.read_source`. Celery finds them here.
"""

from revenue.tasks import (  # noqa: F401
    books,
    currencies,
    days,
    deliveries,
    figures,
    files,
    leaving,
    resuming,
    sources,
)
