"""The port to Telegram's Bot API that customers' bots and the admin bot share: in (polling) and out (outbound).

Knows how Telegram behaves; refuses to know what is said, to whom, and why. Only `bots` and `admin_bot` import it.
"""
