"""Webhooks of the Bot API server for tests: public https addresses that lead to this machine, and what Telegram tells
of deliveries that fail. `leads_to`: the beginning of a public address -> where it leads here.
"""

import time
from collections.abc import Callable
from typing import Any

from lo_bot_api_emulator.updates import UpdateQueues

REASONS = {0: "Connection refused"}


class PublicQueues(UpdateQueues):
    def __init__(self, record: Callable[[dict[str, Any]], None]) -> None:
        super().__init__(record=self._watch, max_updates=1000, max_bots=1000, insecure_webhooks=True)
        self._tell = record
        self._status = 200
        self.leads_to: dict[str, str] = {}
        self.orders: dict[str, dict[str, Any]] = {}
        """By bot: the last setWebhook, as it was asked."""
        self.failures: dict[str, dict[str, Any]] = {}

    def _watch(self, item: dict[str, Any]) -> None:
        self._status = item["status"] if item.get("event") == "webhook" else self._status
        self._tell(item)

    async def set_webhook(self, token: str, fields: dict[str, Any]) -> Any:
        url = str(fields.get("url", ""))
        self.orders[token] = dict(fields)
        for public, here in self.leads_to.items():
            url = url.replace(public, here)
        return await super().set_webhook(token, {**fields, "url": url})

    def info(self, token: str) -> dict[str, Any]:
        known: dict[str, Any] = super().info(token)
        return known | {"url": self.orders.get(token, {}).get("url", "")} | self.failures.get(token, {})

    async def deliver(self, token: str) -> Any:
        delivered = await super().deliver(token)
        state = self._state(token)
        if state.url and state.updates:
            status = self._status
            said = REASONS.get(status, f"Wrong response from the webhook: {status} No")
            self.failures[token] = {"last_error_date": int(time.time()), "last_error_message": said}
        return delivered
