from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0004_dialog')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Conversation',
            name='state',
            field=fields.CharField(default='assistant', db_default='assistant', max_length=16),
        ),
        ops.AddField(
            model_name='Conversation',
            name='handoff_reason',
            field=fields.CharField(default='', db_default='', max_length=32),
        ),
        ops.AddField(
            model_name='Conversation',
            name='handed_over_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Conversation',
            name='taken_by',
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name='Conversation',
            name='taken_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Conversation',
            name='closed_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Conversation',
            name='turn_of',
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name='Conversation',
            name='turn_until',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Conversation',
            name='summary',
            field=fields.TextField(null=True, unique=False),
        ),
        ops.AddField(
            model_name='Conversation',
            name='summarised_until',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Message',
            name='delivered_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.CreateModel(
            name='Undelivered',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('message', fields.ForeignKeyField('models.Message', source_field='message_id', db_constraint=True, to_field='id', related_name='undelivered', on_delete=OnDelete.CASCADE)),
                ('channel', fields.CharField(db_index=True, max_length=64)),
            ],
            options={'table': 'undelivered', 'app': 'models', 'pk_attr': 'id', 'table_description': 'A turn that waits to be sent to its customer. Few rows, so that looking for them costs nothing.'},
            bases=['Row'],
        ),
    ]
