from tortoise import migrations
from tortoise.migrations import operations as ops
from core.models.shopping import QuestionSource, RunKind, RunState
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0015_webhooks')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ShopperQuestion',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('assistant', fields.ForeignKeyField('models.Assistant', source_field='assistant_id', db_constraint=True, to_field='id', related_name='shopper_questions', on_delete=OnDelete.CASCADE)),
                ('message', fields.ForeignKeyField('models.Message', source_field='message_id', null=True, db_constraint=True, to_field='id', related_name='shopper_questions', on_delete=OnDelete.CASCADE)),
                ('source', fields.CharEnumField(description='OWN: own\nREADY: ready\nSAMPLE: sample\nCUSTOMER: customer', enum_type=QuestionSource, max_length=16)),
                ('question', fields.TextField(unique=False)),
                ('question_key', fields.CharField(max_length=200)),
                ('is_off', fields.BooleanField(default=False)),
                ('baseline', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={'table': 'shopper_questions', 'app': 'models', 'unique_together': (('assistant', 'question_key'),), 'indexes': [Index(fields=['message_id'])], 'pk_attr': 'id', 'table_description': 'A question that is asked again and again. `baseline` is the answer that later ones are compared with.'},
            bases=['Row'],
        ),
        ops.CreateModel(
            name='ShopperRun',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('assistant', fields.ForeignKeyField('models.Assistant', source_field='assistant_id', db_constraint=True, to_field='id', related_name='shopper_runs', on_delete=OnDelete.CASCADE)),
                ('kind', fields.CharEnumField(description='NIGHT: night\nASKED: asked\nCHANGE: change', enum_type=RunKind, max_length=16)),
                ('night', fields.CharField(null=True, max_length=10)),
                ('state', fields.CharEnumField(default=RunState.WAITING, description='WAITING: waiting\nASKING: asking\nDONE: done\nFAILED: failed\nSTOPPED: stopped', enum_type=RunState, max_length=16)),
                ('settings', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('fingerprint', fields.CharField(default='', max_length=64)),
                ('questions', fields.IntField(default=0)),
                ('started_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('finished_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'shopper_runs', 'app': 'models', 'unique_together': (('assistant', 'night'),), 'indexes': [Index(fields=['assistant_id', 'created_at']), Index(fields=['state'])], 'pk_attr': 'id', 'table_description': 'All questions of the list, asked once. Of a change that is not saved yet, `settings` are what it would set.'},
            bases=['Row'],
        ),
        ops.CreateModel(
            name='ShopperResult',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('run', fields.ForeignKeyField('models.ShopperRun', source_field='run_id', db_constraint=True, to_field='id', related_name='results', on_delete=OnDelete.CASCADE)),
                ('question', fields.ForeignKeyField('models.ShopperQuestion', source_field='question_id', db_constraint=True, to_field='id', related_name='results', on_delete=OnDelete.CASCADE)),
                ('place', fields.IntField()),
                ('verdict', fields.CharField(max_length=16)),
                ('reasons', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('causes', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('before', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('after', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('slower', fields.BooleanField(default=False)),
                ('known', fields.BooleanField(default=False)),
                ('accepted', fields.BooleanField(default=False)),
            ],
            options={'table': 'shopper_results', 'app': 'models', 'unique_together': (('run', 'question'),), 'indexes': [Index(fields=['question_id'])], 'pk_attr': 'id', 'table_description': 'One question of a run: how it was answered before, how it is answered now, and what that is called.'},
            bases=['Row'],
        ),
    ]
