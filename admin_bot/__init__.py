"""Where owners make and run their assistants: by talking, in Telegram. A file for each conversation."""
