"""Customers who write in Slack."""
