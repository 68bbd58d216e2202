from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0012_contradictions')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Attachment',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('assistant', fields.ForeignKeyField('models.Assistant', source_field='assistant_id', db_constraint=True, to_field='id', related_name='attachments', on_delete=OnDelete.CASCADE)),
                ('turn_id', fields.UUIDField(unique=True)),
                ('kind', fields.CharField(max_length=16)),
                ('name', fields.CharField(default='', max_length=255)),
                ('mime', fields.CharField(default='', max_length=128)),
                ('size', fields.BigIntField(default=0)),
                ('path', fields.CharField(default='', max_length=80)),
                ('caption', fields.TextField(default='', unique=False)),
                ('details', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={'table': 'attachments', 'app': 'models', 'indexes': [Index(fields=['assistant_id']), Index(fields=['created_at'])], 'pk_attr': 'id', 'table_description': 'A file, or a place on a map, that came with a turn. It may be written down a moment before its turn.'},
            bases=['Row'],
        ),
        ops.CreateModel(
            name='PeopleGroup',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('tenant', fields.OneToOneField('models.Tenant', source_field='tenant_id', db_constraint=True, to_field='id', related_name='people_group', on_delete=OnDelete.CASCADE)),
                ('bot_id', fields.BigIntField()),
                ('chat_id', fields.BigIntField(unique=True)),
                ('title', fields.CharField(default='', max_length=255)),
                ('locale', fields.CharField(default='en', max_length=8)),
                ('linked_by', fields.UUIDField()),
                ('missing', fields.CharField(default='', max_length=16)),
                ('missing_since', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('checked_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('told', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={'table': 'people_groups', 'app': 'models', 'indexes': [Index(fields=['bot_id'])], 'pk_attr': 'id', 'table_description': 'A Telegram group with topics in which a business answers its customers.'},
            bases=['Row'],
        ),
        ops.CreateModel(
            name='PeopleTopic',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('group', fields.ForeignKeyField('models.PeopleGroup', source_field='group_id', db_constraint=True, to_field='id', related_name='topics', on_delete=OnDelete.CASCADE)),
                ('contact', fields.ForeignKeyField('models.Contact', source_field='contact_id', db_constraint=True, to_field='id', related_name='people_topics', on_delete=OnDelete.CASCADE)),
                ('conversation', fields.ForeignKeyField('models.Conversation', source_field='conversation_id', db_constraint=True, to_field='id', related_name='people_topics', on_delete=OnDelete.CASCADE)),
                ('thread_id', fields.BigIntField(null=True)),
                ('title', fields.CharField(default='', max_length=128)),
                ('is_open', fields.BooleanField(default=True)),
                ('status', fields.CharField(default='', max_length=120)),
                ('told_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('buttons_id', fields.BigIntField(null=True)),
                ('reminders', fields.IntField(default=0)),
                ('told', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={'table': 'people_topics', 'app': 'models', 'unique_together': (('group', 'contact'),), 'indexes': [Index(fields=['contact_id']), Index(fields=['conversation_id']), Index(fields=['is_open'])], 'pk_attr': 'id', 'table_description': "The topic of one customer in his business's group, for all his conversations, one after the other."},
            bases=['Row'],
        ),
        ops.CreateModel(
            name='TopicTurn',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('topic', fields.ForeignKeyField('models.PeopleTopic', source_field='topic_id', db_constraint=True, to_field='id', related_name='turns', on_delete=OnDelete.CASCADE)),
                ('turn_id', fields.UUIDField()),
            ],
            options={'table': 'topic_turns', 'app': 'models', 'unique_together': (('topic', 'turn_id'),), 'pk_attr': 'id', 'table_description': 'A turn of a conversation that stands in its topic: written there, or brought there.'},
            bases=['Row'],
        ),
    ]
