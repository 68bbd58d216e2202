from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0016_shopper')]

    initial = False

    operations = [
        ops.CreateModel(
            name='LeaseHolder',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('role', fields.CharField(max_length=16)),
                ('machine', fields.CharField(default='', max_length=64)),
                ('beat', fields.BigIntField(default=0)),
            ],
            options={'table': 'lease_holders', 'app': 'models', 'pk_attr': 'id', 'table_description': 'A role of a process that serves channels. While it lives, `beat` grows. `machine`: where, if that is known.'},
            bases=['Row'],
        ),
        ops.CreateModel(
            name='ChannelLease',
            fields=[
                ('name', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=96)),
                ('holder', fields.ForeignKeyField('models.LeaseHolder', source_field='holder_id', db_constraint=True, to_field='id', related_name='leases', on_delete=OnDelete.CASCADE)),
            ],
            options={'table': 'channel_leases', 'app': 'models', 'indexes': [Index(fields=['holder_id'])], 'pk_attr': 'name', 'table_description': 'A channel and who serves it. Free is what has no row here.'},
            bases=['Model'],
        ),
    ]
