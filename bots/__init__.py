"""Where customers talk to assistants: the registry that keeps channels running, and a folder for each platform."""
