from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0008_team')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Change',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('event', fields.OneToOneField('models.AuditEvent', source_field='event_id', db_constraint=True, to_field='id', related_name='change', on_delete=OnDelete.CASCADE)),
                ('tenant', fields.ForeignKeyField('models.Tenant', source_field='tenant_id', db_constraint=True, to_field='id', related_name='changes', on_delete=OnDelete.CASCADE)),
                ('assistant', fields.ForeignKeyField('models.Assistant', source_field='assistant_id', null=True, db_constraint=True, to_field='id', related_name='changes', on_delete=OnDelete.CASCADE)),
                ('kind', fields.CharField(max_length=32)),
                ('subject_id', fields.UUIDField()),
                ('before', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('after', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('file_path', fields.CharField(default='', max_length=300)),
                ('undone_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'changes', 'app': 'models', 'indexes': [Index(fields=['tenant_id', 'created_at']), Index(fields=['assistant_id']), Index(fields=['subject_id']), Index(fields=['file_path'])], 'pk_attr': 'id', 'table_description': 'What takes a change back: how the thing was, and how it was left. Nothing of it is searched or answered from.'},
            bases=['Row'],
        ),
    ]
