"""Where people answer together: a business's group in Telegram, and a topic of it for each customer."""

from uuid import UUID

from tortoise import fields

from core.models.base import Ref, Row


class PeopleGroup(Row):
    """A Telegram group with topics in which a business answers its customers.

    `bot_id` is the admin bot that sits there. `missing` says what keeps it from working (core/people_group.py), empty
    when nothing does. `told` are strangers who were told once that their words go to nobody.
    """

    tenant_id: UUID
    tenant: Ref = fields.OneToOneField("models.Tenant", related_name="people_group")
    bot_id = fields.BigIntField()
    chat_id = fields.BigIntField(unique=True)
    title = fields.CharField(max_length=255, default="")
    locale = fields.CharField(max_length=8, default="en")
    linked_by = fields.UUIDField()
    missing = fields.CharField(max_length=16, default="")
    missing_since = fields.DatetimeField(null=True)
    checked_at = fields.DatetimeField(null=True)
    told: list[str] = fields.JSONField(default=list)

    class Meta:
        table = "people_groups"
        indexes = (("bot_id",),)


class PeopleTopic(Row):
    """The topic of one customer in his business's group, for all his conversations, one after the other.

    `thread_id` is none until it is made, and again when somebody has deleted it. `status` is what the topic says now of
    the conversation (core/people_topics.py), `buttons_id` the message under which its buttons stand. `is_open`: what
    happens in the conversation is followed.
    """

    group_id: UUID
    group: Ref = fields.ForeignKeyField("models.PeopleGroup", related_name="topics")
    contact_id: UUID
    contact: Ref = fields.ForeignKeyField("models.Contact", related_name="people_topics")
    conversation_id: UUID
    conversation: Ref = fields.ForeignKeyField("models.Conversation", related_name="people_topics")
    thread_id = fields.BigIntField(null=True)
    title = fields.CharField(max_length=128, default="")
    is_open = fields.BooleanField(default=True)
    status = fields.CharField(max_length=120, default="")
    told_at = fields.DatetimeField(null=True)
    buttons_id = fields.BigIntField(null=True)
    reminders = fields.IntField(default=0)
    told: list[str] = fields.JSONField(default=list)

    class Meta:
        table = "people_topics"
        unique_together = (("group", "contact"),)
        indexes = (("contact_id",), ("conversation_id",), ("is_open",))


class TopicTurn(Row):
    """A turn of a conversation that stands in its topic: written there, or brought there."""

    topic_id: UUID
    topic: Ref = fields.ForeignKeyField("models.PeopleTopic", related_name="turns")
    turn_id = fields.UUIDField()

    class Meta:
        table = "topic_turns"
        unique_together = (("topic", "turn_id"),)
