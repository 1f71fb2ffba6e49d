"""Images without a registry: built under the references that charts name, loaded into the node."""

from carbon.images.archives import Archive, ahead, archives, needed_by
from carbon.images.containerd import load

__all__ = ["Archive", "ahead", "archives", "load", "needed_by"]
