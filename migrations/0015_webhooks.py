from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0014_archives')]

    initial = False

    operations = [
        ops.CreateModel(
            name='DeliveryAttempt',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('delivery', fields.ForeignKeyField('models.Delivery', source_field='delivery_id', db_constraint=True, to_field='id', related_name='tries', on_delete=OnDelete.CASCADE)),
                ('number', fields.IntField()),
                ('url', fields.TextField(unique=False)),
                ('status', fields.IntField(null=True)),
                ('body', fields.TextField(default='', unique=False)),
                ('error', fields.CharField(default='', max_length=60)),
                ('took_ms', fields.IntField(default=0)),
            ],
            options={'table': 'delivery_attempts', 'app': 'models', 'indexes': [Index(fields=['delivery_id', 'created_at'])], 'pk_attr': 'id', 'table_description': 'One try: where it was sent, what was answered (its beginning), how long it took. No `status`: no answer came.'},
            bases=['Row'],
        ),
        ops.CreateModel(
            name='DeliveryTurn',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('delivery', fields.OneToOneField('models.Delivery', source_field='delivery_id', db_constraint=True, to_field='id', related_name='turn', on_delete=OnDelete.CASCADE)),
                ('endpoint', fields.ForeignKeyField('models.WebhookEndpoint', source_field='endpoint_id', db_constraint=True, to_field='id', related_name='turns', on_delete=OnDelete.CASCADE)),
                ('lane', fields.UUIDField()),
                ('failures', fields.IntField(default=0)),
            ],
            options={'table': 'delivery_turns', 'app': 'models', 'indexes': [Index(fields=['endpoint_id', 'lane', 'id'])], 'pk_attr': 'id', 'table_description': 'The place in line of a delivery that is not over. Its number is the order in which events were written down.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='EndpointTrouble',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('endpoint', fields.OneToOneField('models.WebhookEndpoint', source_field='endpoint_id', db_constraint=True, to_field='id', related_name='trouble', on_delete=OnDelete.CASCADE)),
                ('since', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('stopped', fields.CharField(default='', max_length=60)),
            ],
            options={'table': 'endpoint_troubles', 'app': 'models', 'pk_attr': 'id', 'table_description': 'An endpoint that has taken nothing since then, and, if that ended it, why it was switched off by itself.'},
            bases=['Row'],
        ),
    ]
