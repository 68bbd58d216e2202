from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0011_drafts')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Contradiction',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('assistant', fields.ForeignKeyField('models.Assistant', source_field='assistant_id', db_constraint=True, to_field='id', related_name='contradictions', on_delete=OnDelete.CASCADE)),
                ('pair_key', fields.CharField(max_length=64)),
                ('told', fields.CharField(max_length=16)),
                ('first_passage_id', fields.UUIDField()),
                ('first_quote', fields.TextField(unique=False)),
                ('second_passage_id', fields.UUIDField()),
                ('second_quote', fields.TextField(unique=False)),
                ('dismissed', fields.BooleanField(default=False)),
            ],
            options={'table': 'contradictions', 'app': 'models', 'unique_together': (('assistant', 'pair_key'),), 'pk_attr': 'id', 'table_description': 'Two sentences of different documents that tell different values of one thing, for the owner to settle.'},
            bases=['Row'],
        ),
    ]
