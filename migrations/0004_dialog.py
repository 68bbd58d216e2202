from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0003_mending')]

    initial = False

    operations = [
        ops.AddField(
            model_name='VerifiedAnswer',
            name='wordings',
            field=fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name='Gap',
            name='wordings',
            field=fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.CreateModel(
            name='NearMiss',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('assistant', fields.ForeignKeyField('models.Assistant', source_field='assistant_id', db_constraint=True, to_field='id', related_name='near_misses', on_delete=OnDelete.CASCADE)),
                ('answer', fields.ForeignKeyField('models.VerifiedAnswer', source_field='answer_id', db_constraint=True, to_field='id', related_name='near_misses', on_delete=OnDelete.CASCADE)),
                ('question', fields.TextField(unique=False)),
                ('question_key', fields.CharField(max_length=200)),
                ('similarity', fields.FloatField()),
                ('difference', fields.CharField(default='', max_length=16)),
                ('asked', fields.IntField(default=1)),
                ('dismissed', fields.BooleanField(default=False)),
                ('last_asked_at', fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={'table': 'near_misses', 'app': 'models', 'unique_together': (('assistant', 'question_key'),), 'pk_attr': 'id', 'table_description': 'A question that was almost one with a verified answer. It got another answer, the owner decides about the next.'},
            bases=['Row'],
        ),
    ]
