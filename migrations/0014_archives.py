from tortoise import migrations
from tortoise.migrations import operations as ops
from core.models.archives import ArchiveKind, ArchiveStatus
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0013_people_topics')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Archive',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('tenant', fields.ForeignKeyField('models.Tenant', source_field='tenant_id', db_constraint=True, to_field='id', related_name='archives', on_delete=OnDelete.CASCADE)),
                ('assistant', fields.ForeignKeyField('models.Assistant', source_field='assistant_id', null=True, db_constraint=True, to_field='id', related_name='archives', on_delete=OnDelete.SET_NULL)),
                ('kind', fields.CharEnumField(description='EXPORT: export\nRESTORE: restore', enum_type=ArchiveKind, max_length=16)),
                ('status', fields.CharEnumField(default=ArchiveStatus.QUEUED, description='QUEUED: queued\nRUNNING: running\nDONE: done\nFAILED: failed', enum_type=ArchiveStatus, max_length=16)),
                ('name', fields.CharField(default='', max_length=120)),
                ('done', fields.IntField(default=0)),
                ('total', fields.IntField(default=0)),
                ('size_bytes', fields.BigIntField(default=0)),
                ('error_code', fields.CharField(default='', max_length=64)),
                ('error_facts', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('asked_by', fields.UUIDField()),
                ('link_hash', fields.CharField(default='', db_index=True, max_length=64)),
                ('finished_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'archives', 'app': 'models', 'indexes': [Index(fields=['tenant_id']), Index(fields=['assistant_id'])], 'pk_attr': 'id', 'table_description': 'A file that holds an assistant, in the folder of archives by its id, and how far making or reading it is.'},
            bases=['Row'],
        ),
    ]
