"""Telling programs what happens: an outbox in the database, and deliveries of it to the addresses that owners gave.

`outbox` writes down what is to be told, in the transaction of what it tells of; `line` says what is next, `sending`
makes one try, `delivering` does so for ever; `endpoints` are the addresses as owners see them, `log` what became of
the deliveries. Standard Webhooks (https://www.standardwebhooks.com) is the form; `docs/webhooks.md` is the contract.
"""
