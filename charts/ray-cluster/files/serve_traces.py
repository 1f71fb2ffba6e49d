"""Sends Ray Serve's traces by OTLP: RAY_SERVE_TRACING_EXPORTER_IMPORT_PATH names `processors`.

Serve calls it in its proxies and in every replica (ray/serve/_private/tracing_utils.py of Ray
2.60). Where the traces go is said by OpenTelemetry's own variables.
"""

import logging

from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor

PACKAGE = "opentelemetry-exporter-otlp-proto-http"


def processors() -> list[SpanProcessor]:
    """What Serve gives its spans to; nothing where the image can't send them.

    Serve would not start after an error here, so a missing package is said in its log.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError:
        logging.getLogger("ray.serve").warning(
            "Ray Serve sends no traces: the image of Ray lacks %s. Install it there, or empty "
            "global.monitoring.traces.endpoint.",
            PACKAGE,
        )
        return []
    return [BatchSpanProcessor(OTLPSpanExporter())]
