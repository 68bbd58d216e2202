"""The Bot API as the product uses it: a table of its methods and types, and a check of every request against it."""
