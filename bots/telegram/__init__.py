"""Customers who write in Telegram."""
