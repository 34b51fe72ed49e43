# What is locked, by its hashes, in an environment that is copied whole.
FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/perennial
COPY .ci/requirements.lock .ci/
RUN /opt/perennial/bin/pip install --no-cache-dir --require-hashes -r .ci/requirements.lock
COPY pyproject.toml README.md LICENSE wsgi.py ./
COPY app app
COPY schemas schemas
RUN /opt/perennial/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --home-dir /data perennial \
 && install -d -o perennial -m 700 /data /keys
COPY --from=build /opt/perennial /opt/perennial
# The key ring has a place of its own, so that a copy of the data opens no card.
ENV PATH=/opt/perennial/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PERENNIAL_DATA=/data \
    PERENNIAL_KEY_FILE=/keys/keys \
    PERENNIAL_BIND=0.0.0.0:8000
USER perennial
WORKDIR /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "-c", \
  "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["perennial", "serve"]
