from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0009_changes')]

    initial = False

    operations = [
        ops.CreateModel(
            name='PassageEdit',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('assistant', fields.ForeignKeyField('models.Assistant', source_field='assistant_id', db_constraint=True, to_field='id', related_name='passage_edits', on_delete=OnDelete.CASCADE)),
                ('content_hash', fields.CharField(max_length=64)),
                ('wording', fields.TextField(default='', unique=False)),
                ('correction', fields.ForeignKeyField('models.Document', source_field='correction_id', null=True, db_constraint=True, to_field='id', related_name='corrects', on_delete=OnDelete.CASCADE)),
                ('document', fields.ForeignKeyField('models.Document', source_field='document_id', null=True, db_constraint=True, to_field='id', related_name='passage_edits', on_delete=OnDelete.SET_NULL)),
                ('document_name', fields.CharField(max_length=300)),
                ('heading', fields.TextField(default='', unique=False)),
                ('page', fields.IntField(null=True)),
                ('text', fields.TextField(unique=False)),
                ('decided_by', fields.UUIDField(null=True)),
            ],
            options={'table': 'passage_edits', 'app': 'models', 'unique_together': (('assistant', 'content_hash'),), 'indexes': [Index(fields=['correction_id']), Index(fields=['document_id'])], 'pk_attr': 'id', 'table_description': 'What the owner has said about a passage: not to be used, or that something else is so.'},
            bases=['Row'],
        ),
        ops.AddIndex(
            model_name='PassageRow',
            index=Index(fields=['assistant_id', 'content_hash']),
        ),
    ]
