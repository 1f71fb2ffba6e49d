"""One module for each command; importing it adds the command to `carbon.app.app`."""
