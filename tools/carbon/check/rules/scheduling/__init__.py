"""Rules over where pods can run: GPU pools, queues and quotas, and the resources of Ray nodes."""

from carbon.check.rules.scheduling import gpus, queues, quotas, ray

__all__ = ["gpus", "queues", "quotas", "ray"]
