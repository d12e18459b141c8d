"""What every gunicorn does that is started in this folder, whatever its command line says."""

from truefans.garbage import settle_down


def post_worker_init(worker: object) -> None:
    settle_down()
