"""What stands in the passages that an answer cites, for benches that look for it word by word."""

from core.messages import Reply
from core.models import PassageRow


async def cited_text(reply: Reply) -> str:
    """Headings, questions and texts. A passage that ends in the middle of a list is quoted with the next one."""
    cited = await PassageRow.filter(id__in=[citation.passage_id for citation in reply.citations])
    rows = [
        row
        for one in cited
        for row in await PassageRow.filter(
            document_id=one.document_id, chunk_index__in=[one.chunk_index, one.chunk_index + 1]
        )
    ]
    return "\n".join(f"{row.heading} {row.text} {row.question}" for row in rows)
