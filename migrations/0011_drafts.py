from tortoise import migrations
from tortoise.migrations import operations as ops
from core.models.drafting import DraftStep, SampleDecision, SamplesState
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0010_passage_edits')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Draft',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('assistant', fields.OneToOneField('models.Assistant', source_field='assistant_id', db_constraint=True, to_field='id', related_name='draft', on_delete=OnDelete.CASCADE)),
                ('step', fields.CharEnumField(default=DraftStep.READING, description='READING: reading\nDRAFT: draft\nSAMPLES: samples\nTRYING: trying\nCHANNEL: channel\nDONE: done', enum_type=DraftStep, max_length=16)),
                ('suggested', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('samples', fields.CharEnumField(default=SamplesState.WANTED, description='WANTED: wanted\nMAKING: making\nMADE: made', enum_type=SamplesState, max_length=16)),
                ('asked', fields.IntField(default=0)),
            ],
            options={'table': 'drafts', 'app': 'models', 'pk_attr': 'id', 'table_description': 'How far an assistant is on its first steps, if it has any.'},
            bases=['Row'],
        ),
        ops.CreateModel(
            name='SampleAnswer',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('assistant', fields.ForeignKeyField('models.Assistant', source_field='assistant_id', db_constraint=True, to_field='id', related_name='sample_answers', on_delete=OnDelete.CASCADE)),
                ('document', fields.ForeignKeyField('models.Document', source_field='document_id', db_constraint=True, to_field='id', related_name='sample_answers', on_delete=OnDelete.CASCADE)),
                ('passage_id', fields.UUIDField()),
                ('position', fields.IntField()),
                ('question', fields.TextField(unique=False)),
                ('answer', fields.TextField(unique=False)),
                ('decision', fields.CharEnumField(default=SampleDecision.WAITING, description='WAITING: waiting\nAPPROVED: approved\nSKIPPED: skipped', enum_type=SampleDecision, max_length=16)),
            ],
            options={'table': 'sample_answers', 'app': 'models', 'unique_together': (('assistant', 'position'),), 'indexes': [Index(fields=['document_id'])], 'pk_attr': 'id', 'table_description': 'A question that was made of what an assistant has read, and how it was answered, for its owner to decide about.'},
            bases=['Row'],
        ),
        ops.AddField(
            model_name='Site',
            name='name',
            field=fields.CharField(default='', db_default='', max_length=120),
        ),
    ]
