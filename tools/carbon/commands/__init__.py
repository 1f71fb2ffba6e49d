"""One module a command; each adds itself to `carbon.app.app` when it is imported."""
