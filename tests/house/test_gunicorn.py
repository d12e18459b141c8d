"""The web server, as it is started in the project's folder."""

import gc
import sys

import pytest
from gunicorn.app.wsgiapp import WSGIApplication

from truefans.embedded import PROJECT
from truefans.garbage import SELDOM


@pytest.fixture
def _garbage_as_before():
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.mark.usefixtures("_garbage_as_before")
def test_a_worker_that_is_loaded_seldom_looks_for_garbage(monkeypatch):
    monkeypatch.chdir(PROJECT)
    monkeypatch.setattr(sys, "argv", ["gunicorn", "truefans.wsgi"])
    server = WSGIApplication()

    server.cfg.post_worker_init(None)

    assert gc.get_threshold()[0] == SELDOM // 2
    assert gc.get_freeze_count() > 10_000
