# docker build -t multitok . && docker run --rm --network none -v "$PWD:/data:ro" multitok count README.md -m gpt-4o
FROM python:3.13-slim AS build
COPY pyproject.toml README.md LICENSE /source/
COPY src /source/src
RUN python -m venv /opt/multitok && /opt/multitok/bin/pip install --no-cache-dir /source

FROM python:3.13-slim
COPY --from=build /opt/multitok /opt/multitok
ENV PATH="/opt/multitok/bin:$PATH"
USER 65534:65534
WORKDIR /data
ENTRYPOINT ["multitok"]
