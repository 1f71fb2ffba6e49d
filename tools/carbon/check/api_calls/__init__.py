"""What the mounted Python scripts request from the API server."""
