FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    VAR_DIR=/var/lib/numberdesk \
    STATIC_ROOT=/app/staticfiles

RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin numberdesk \
    && install -d -o numberdesk -g numberdesk /app "$VAR_DIR"
WORKDIR /app

COPY requirements/base.txt requirements/base.txt
RUN pip install --require-hashes -r requirements/base.txt

COPY --chown=numberdesk:numberdesk . .
USER numberdesk
# Nothing of the build's own settings stays: they lie in a folder that is removed in the same step.
RUN VAR_DIR=/tmp/build python manage.py collectstatic --no-input --verbosity 0 && rm -rf /tmp/build

EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "8", \
     "--worker-tmp-dir", "/dev/shm", "--log-level", "warning", "--no-control-socket"]
