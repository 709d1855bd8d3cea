# One image for all processes of the Procfile; compose.yaml and docs/operations.md run it.
FROM python:3.11-slim AS build
WORKDIR /build
COPY requirements.txt requirements.lock ./
# uv, because it checks the lock's hashes for just the packages of requirements.txt; uv itself is
# checked against the same lock.
RUN sed -n '/^uv==/,/[^\\]$/p' requirements.lock > uv.lock.txt \
 && pip install --no-cache-dir --require-hashes -r uv.lock.txt \
 && python -m venv /venv \
 && uv pip install --python /venv/bin/python --no-cache --require-hashes \
    -r requirements.txt -c requirements.lock

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    WEB_HOST=0.0.0.0 CONSOLE_HOST=0.0.0.0 MCP_HOST=0.0.0.0 PORT=8000
RUN useradd --system --create-home --uid 10001 leadlight
WORKDIR /app
COPY --from=build /venv /venv
COPY Procfile LICENSE ./
COPY .streamlit .streamlit
COPY backend backend
COPY console console
COPY assistant assistant
RUN mkdir .leadlight && chown leadlight .leadlight
USER leadlight
# A process of the Procfile by its name: docker run IMAGE web|worker|cron|console|assistant|release
ENTRYPOINT ["honcho", "start", "--no-prefix", "--no-colour"]
CMD ["web"]
