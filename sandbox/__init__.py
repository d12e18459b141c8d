"""A small server that speaks Stripe's API (2026-10-28.endive), for the demo and for the tests.

Never for production: it knows nobody but the accounts it was given, listens on 127.0.0.1 only and
takes no payment. Four places fill its accounts:

* `sandbox.story`      a told history of two creators that goes on with the clock (the demo);
* `sandbox.directory`  a recorded history, read from JSON files;
* `sandbox.generate`   a plain big history for measurements;
* `sandbox.workshop`   a history that a test writes act by act, and the truth about it.

In a test::

    with sandbox.serve([account]) as url:
        client = stripe.StripeClient("rk_test_...", base_addresses={"api": url})
"""

from sandbox.account import Account, Key
from sandbox.app import App
from sandbox.books import Books
from sandbox.faults import Fault
from sandbox.server import serve

__all__ = ["Account", "App", "Books", "Fault", "Key", "serve"]
