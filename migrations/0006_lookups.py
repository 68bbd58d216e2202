from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("models", "0005_conversations")]

    initial = False

    operations = [
        ops.AddIndex(
            model_name="ApiKey",
            index=Index(fields=["assistant_id"]),
        ),
        ops.AddIndex(
            model_name="ApiKey",
            index=Index(fields=["user_id"]),
        ),
        ops.AddIndex(
            model_name="Assistant",
            index=Index(fields=["tenant_id"]),
        ),
        ops.AddIndex(
            model_name="Assistant",
            index=Index(fields=["live_adapter_id"]),
        ),
        ops.AddIndex(
            model_name="AuditEvent",
            index=Index(fields=["tenant_id", "created_at"]),
        ),
        ops.AddIndex(
            model_name="Channel",
            index=Index(fields=["assistant_id"]),
        ),
        ops.AddIndex(
            model_name="Conversation",
            index=Index(fields=["contact_id", "last_message_at"]),
        ),
        ops.AddIndex(
            model_name="Conversation",
            index=Index(fields=["assistant_id", "last_message_at"]),
        ),
        ops.AddIndex(
            model_name="Conversation",
            index=Index(fields=["state"]),
        ),
        ops.AddIndex(
            model_name="Delivery",
            index=Index(fields=["endpoint_id", "created_at"]),
        ),
        ops.AddIndex(
            model_name="Job",
            index=Index(fields=["assistant_id"]),
        ),
        ops.AddIndex(
            model_name="LoginSession",
            index=Index(fields=["user_id"]),
        ),
        ops.AddIndex(
            model_name="LoraAdapter",
            index=Index(fields=["assistant_id", "created_at"]),
        ),
        ops.AddIndex(
            model_name="Membership",
            index=Index(fields=["tenant_id"]),
        ),
        ops.AddIndex(
            model_name="Message",
            index=Index(fields=["conversation_id", "created_at"]),
        ),
        ops.AddIndex(
            model_name="Message",
            index=Index(fields=["adapter_id"]),
        ),
        ops.AddIndex(
            model_name="NearMiss",
            index=Index(fields=["answer_id"]),
        ),
        ops.AddIndex(
            model_name="PassageRow",
            index=Index(fields=["assistant_id"]),
        ),
        ops.AddIndex(
            model_name="QuarantinedText",
            index=Index(fields=["assistant_id"]),
        ),
        ops.AddIndex(
            model_name="SitePage",
            index=Index(fields=["document_id"]),
        ),
        ops.AddIndex(
            model_name="Undelivered",
            index=Index(fields=["message_id"]),
        ),
        ops.AddIndex(
            model_name="VerifiedAnswer",
            index=Index(fields=["assistant_id", "created_at"]),
        ),
        ops.AddIndex(
            model_name="WebhookEndpoint",
            index=Index(fields=["assistant_id"]),
        ),
    ]
