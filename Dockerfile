# The server and nothing else. The first stage installs what serves, every file held to its hash;
# the second takes the result and the project's own files.

FROM python:3.11-slim AS install
WORKDIR /build
RUN python -m venv --without-pip /opt/timbre
COPY requirements-prod.txt ./
RUN pip --python /opt/timbre/bin/python install --no-cache-dir --require-hashes --only-binary :all: \
        --requirement requirements-prod.txt
COPY setup.py pyproject.toml ./
COPY src ./src
RUN pip --python /opt/timbre/bin/python install --no-cache-dir --no-deps .

FROM python:3.11-slim
LABEL org.opencontainers.image.title="Timbre" \
      org.opencontainers.image.description="Which instruments are playing, in step with the song" \
      org.opencontainers.image.licenses="MIT"

# Uploads are decoded here, so the process owns nothing but its data folder. The number is fixed so
# that a folder of the host can be given to it. ffmpeg is the one that imageio-ffmpeg carries (173 MB,
# needed anyway where a system has none): Debian's brings 192 packages and 472 MB.
RUN useradd --system --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin timbre \
    && install --directory --owner timbre --group timbre /data

COPY --from=install /opt/timbre /opt/timbre
COPY templates /app/templates
COPY static /app/static
COPY models/default /app/models/default

# Models from the Hub are kept beside the songs: all else may be mounted read-only.
ENV PATH=/opt/timbre/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TIMBRE_ROOT=/app \
    TIMBRE_DATA_DIR=/data \
    HF_HOME=/data/hub \
    HOST=0.0.0.0 \
    PORT=8000
WORKDIR /app
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
CMD ["timbre", "serve"]
