from tortoise import migrations
from tortoise.migrations import operations as ops
from core.models.knowledge import Decision
from core.models.sites import PageOutcome, SiteStatus
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0001_initial')]

    initial = False

    operations = [
        ops.CreateModel(
            name='QuarantinedText',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('assistant', fields.ForeignKeyField('models.Assistant', source_field='assistant_id', db_constraint=True, to_field='id', related_name='quarantine', on_delete=OnDelete.CASCADE)),
                ('document', fields.ForeignKeyField('models.Document', source_field='document_id', db_constraint=True, to_field='id', related_name='quarantine', on_delete=OnDelete.CASCADE)),
                ('text', fields.TextField(unique=False)),
                ('text_hash', fields.CharField(max_length=64)),
                ('reason', fields.CharField(max_length=32)),
                ('page', fields.IntField(null=True)),
                ('decision', fields.CharEnumField(default=Decision.WAITING, description='WAITING: waiting\nKEPT: kept\nDROPPED: dropped', enum_type=Decision, max_length=16)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'quarantined_texts', 'app': 'models', 'unique_together': (('document', 'text_hash'),), 'pk_attr': 'id', 'table_description': 'A sentence that is not searched until the owner has looked at it: hidden, or an order to a model.'},
            bases=['Row'],
        ),
        ops.CreateModel(
            name='Site',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('assistant', fields.ForeignKeyField('models.Assistant', source_field='assistant_id', db_constraint=True, to_field='id', related_name='sites', on_delete=OnDelete.CASCADE)),
                ('url', fields.TextField(unique=False)),
                ('url_hash', fields.CharField(max_length=64)),
                ('max_pages', fields.IntField(default=200)),
                ('max_depth', fields.IntField(default=5)),
                ('every_hours', fields.IntField(default=0)),
                ('status', fields.CharEnumField(default=SiteStatus.QUEUED, description='QUEUED: queued\nREADING: reading\nDONE: done\nFAILED: failed\nCANCELLED: cancelled', enum_type=SiteStatus, max_length=16)),
                ('error_code', fields.CharField(default='', max_length=64)),
                ('error_facts', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('reading', fields.IntField(default=0)),
                ('pages_found', fields.IntField(default=0)),
                ('pages_read', fields.IntField(default=0)),
                ('pages_unchanged', fields.IntField(default=0)),
                ('pages_failed', fields.IntField(default=0)),
                ('started_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('finished_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('next_reading_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'sites', 'app': 'models', 'unique_together': (('assistant', 'url_hash'),), 'pk_attr': 'id', 'table_description': 'An address whose pages are read, once or every `every_hours` (0: only when asked).'},
            bases=['Row'],
        ),
        ops.CreateModel(
            name='SitePage',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('site', fields.ForeignKeyField('models.Site', source_field='site_id', db_constraint=True, to_field='id', related_name='pages', on_delete=OnDelete.CASCADE)),
                ('document', fields.ForeignKeyField('models.Document', source_field='document_id', null=True, db_constraint=True, to_field='id', related_name='site_pages', on_delete=OnDelete.SET_NULL)),
                ('url', fields.TextField(unique=False)),
                ('url_hash', fields.CharField(max_length=64)),
                ('depth', fields.IntField(default=0)),
                ('reading', fields.IntField(default=0)),
                ('outcome', fields.CharEnumField(default=PageOutcome.WAITING, description='WAITING: waiting\nREAD: read\nUNCHANGED: unchanged\nEMPTY: empty\nSCRIPTED: scripted\nDUPLICATE: duplicate\nFORBIDDEN: forbidden\nFAILED: failed\nGONE: gone\nEXCLUDED: excluded', enum_type=PageOutcome, max_length=16)),
                ('error_code', fields.CharField(default='', max_length=64)),
                ('error_facts', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('etag', fields.TextField(default='', unique=False)),
                ('last_modified', fields.CharField(default='', max_length=64)),
                ('body_hash', fields.CharField(default='', max_length=64)),
                ('links', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('visited_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'site_pages', 'app': 'models', 'unique_together': (('site', 'url_hash'),), 'pk_attr': 'id', 'table_description': 'One canonical address of a site. Remembers what makes the next visit cheap: validators, hash, links.'},
            bases=['Row'],
        ),
        ops.AddField(
            model_name='Assistant',
            name='index_model',
            field=fields.CharField(default='', db_default='', max_length=200),
        ),
        ops.AddField(
            model_name='Document',
            name='embedding_since',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Document',
            name='next_hash',
            field=fields.CharField(default='', db_default='', max_length=64),
        ),
        ops.AddField(
            model_name='Document',
            name='next_path',
            field=fields.CharField(default='', db_default='', max_length=300),
        ),
        ops.AddField(
            model_name='Document',
            name='pages_done',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='Document',
            name='picture_pages',
            field=fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name='Document',
            name='reading_since',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Document',
            name='version',
            field=fields.IntField(default=1, db_default=1),
        ),
        ops.AddField(
            model_name='PassageRow',
            name='question',
            field=fields.TextField(default='', db_default='', unique=False),
        ),
    ]
