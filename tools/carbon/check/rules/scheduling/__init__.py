"""Rules over where pods can run: GPU pools and queues."""

from carbon.check.rules.scheduling import gpus, queues

__all__ = ["gpus", "queues"]
