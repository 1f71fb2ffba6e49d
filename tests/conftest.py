"""What all tests share."""

import os
import signal

# Programs that tests run say the same in any language, without colours.
os.environ.update(LC_ALL="C.UTF-8", NO_COLOR="1")

# Who runs us in the background may have us ignore interrupts; tests clean up after either signal.
for ending in (signal.SIGINT, signal.SIGTERM):
    signal.signal(ending, signal.default_int_handler)
