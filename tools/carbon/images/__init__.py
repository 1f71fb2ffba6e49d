"""Images that are built here under the references that charts name, and loaded into the node.

`table` reads `tools/images/images.yaml`, `digest` hashes the inputs of an image, `archives`
builds what is missing with `builder`, and `containerd` loads archives into the node.
"""

from carbon.images.archives import Archive, build_in_background, ensure_archives, list_needed
from carbon.images.containerd import load_archives

__all__ = ["Archive", "build_in_background", "ensure_archives", "list_needed", "load_archives"]
