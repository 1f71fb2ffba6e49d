"""Environment and signals for all tests."""

import os
import signal

# Programs that tests run print English text without colours.
os.environ.update(LC_ALL="C.UTF-8", NO_COLOR="1")

# A shell that runs pytest in the background makes it ignore SIGINT. Both signals end the tests with
# their cleanup.
for ending in (signal.SIGINT, signal.SIGTERM):
    signal.signal(ending, signal.default_int_handler)
