"""Export Ray Serve's traces over OTLP.

RAY_SERVE_TRACING_EXPORTER_IMPORT_PATH names `processors`, which Serve calls in its proxies and in
every replica (ray/serve/_private/tracing_utils.py of Ray 2.60). OpenTelemetry's own environment
variables set the endpoint.
"""

import logging

from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor

PACKAGE = "opentelemetry-exporter-otlp-proto-http"


def processors() -> list[SpanProcessor]:
    """Return the processors of Serve's spans; none if the image lacks the exporter.

    Serve does not start after an exception here, so a missing package is only logged.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError:
        logging.getLogger("ray.serve").warning(
            "Ray Serve sends no traces: the Ray image lacks the package %s. Install the package in "
            "the image, or set global.monitoring.traces.endpoint to an empty string.",
            PACKAGE,
        )
        return []
    return [BatchSpanProcessor(OTLPSpanExporter())]
