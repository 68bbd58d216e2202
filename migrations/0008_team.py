from tortoise import migrations
from tortoise.migrations import operations as ops
from core.models.people import Role
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0007_learning')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Invitation',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('tenant', fields.ForeignKeyField('models.Tenant', source_field='tenant_id', db_constraint=True, to_field='id', related_name='invitations', on_delete=OnDelete.CASCADE)),
                ('role', fields.CharEnumField(description='OWNER: owner\nMANAGER: manager\nOPERATOR: operator', enum_type=Role, max_length=16)),
                ('token_hash', fields.CharField(unique=True, max_length=64)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('accepted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('accepted_by', fields.UUIDField(null=True)),
                ('withdrawn_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'invitations', 'app': 'models', 'indexes': [Index(fields=['tenant_id'])], 'pk_attr': 'id', 'table_description': "A link by which one person may join a business. Only the token's hash is kept."},
            bases=['Row'],
        ),
        ops.CreateModel(
            name='Profile',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('user', fields.OneToOneField('models.User', source_field='user_id', db_constraint=True, to_field='id', related_name='profile', on_delete=OnDelete.CASCADE)),
                ('name', fields.CharField(default='', max_length=120)),
                ('works_in', fields.ForeignKeyField('models.Tenant', source_field='works_in_id', null=True, db_constraint=True, to_field='id', related_name='profiles', on_delete=OnDelete.SET_NULL)),
            ],
            options={'table': 'profiles', 'app': 'models', 'indexes': [Index(fields=['works_in_id'])], 'pk_attr': 'id', 'table_description': 'What a person is called, and in which of his businesses he works now.'},
            bases=['Row'],
        ),
    ]
