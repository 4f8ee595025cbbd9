# The app with its models, for a server: docker build -t glassformer . && docker run --read-only --tmpfs /tmp -p 8501:8501 glassformer
# docs/deploying.md tells the rest.
FROM python:3.11-slim-bookworm

LABEL org.opencontainers.image.title="Glassformer" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"

# Nothing is written but to /tmp: byte code is compiled here, once. Many sessions, each a thread at every click, would
# scatter their memory over eight heaps a core, which grow and are not given back; two are enough.
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=2 \
    HOME=/tmp

WORKDIR /app

# PyTorch's build for the CPU first: PyPI's brings several GB of libraries for NVIDIA cards.
RUN pip install --no-cache-dir --index-url https://download.pytorch.org/whl/cpu torch==2.13.0
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt

COPY app.py LICENSE NOTICE ./
COPY .streamlit .streamlit
COPY assets assets
COPY deploy/health.py deploy/health.py
COPY transformer_core transformer_core
COPY figures figures
COPY ui ui
COPY pages pages
RUN python -m compileall -q .

USER 10001:10001
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "deploy/health.py"]
CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501"]
