"""The port to Slack: connecting a workspace, and what is said there and heard from it.

Knows how Slack behaves; refuses to know what is said, to whom, and why.
"""
