from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0006_lookups')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AdapterTrial',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('assistant', fields.OneToOneField('models.Assistant', source_field='assistant_id', db_constraint=True, to_field='id', related_name='trial', on_delete=OnDelete.CASCADE)),
                ('adapter', fields.ForeignKeyField('models.LoraAdapter', source_field='adapter_id', db_constraint=True, to_field='id', related_name='trials', on_delete=OnDelete.CASCADE)),
            ],
            options={'table': 'adapter_trials', 'app': 'models', 'indexes': [Index(fields=['adapter_id'])], 'pk_attr': 'id', 'table_description': "An adapter that answers a share of an assistant's conversations before it answers all, since `created_at`."},
            bases=['Row'],
        ),
        ops.CreateModel(
            name='OwnPair',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('assistant', fields.ForeignKeyField('models.Assistant', source_field='assistant_id', db_constraint=True, to_field='id', related_name='own_pairs', on_delete=OnDelete.CASCADE)),
                ('question', fields.TextField(unique=False)),
                ('answer', fields.TextField(unique=False)),
                ('origin', fields.CharField(max_length=16)),
                ('part_of', fields.CharField(default='', max_length=80)),
                ('liked', fields.BooleanField(null=True)),
                ('text_hash', fields.CharField(max_length=64)),
            ],
            options={'table': 'own_pairs', 'app': 'models', 'unique_together': (('assistant', 'text_hash'),), 'pk_attr': 'id', 'table_description': 'A question and how the owner answered it, from a file of his. `liked` is his own word about it, if he gave one.'},
            bases=['Row'],
        ),
        ops.CreateModel(
            name='StruckExample',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('assistant', fields.ForeignKeyField('models.Assistant', source_field='assistant_id', db_constraint=True, to_field='id', related_name='struck_examples', on_delete=OnDelete.CASCADE)),
                ('key', fields.CharField(max_length=32)),
            ],
            options={'table': 'struck_examples', 'app': 'models', 'unique_together': (('assistant', 'key'),), 'pk_attr': 'id', 'table_description': 'An example that the owner does not want learnt. `key` follows from what it says (core/learning/examples.py).'},
            bases=['Row'],
        ),
    ]
