"""A fictional shop, "Copper Kettle" («Медный чайник»): documents for the first assistant, and questions about them.

The same facts in English and in Russian, in a PDF, a DOCX and a TXT each. The texts are edited in `sources/` and
`documents/*.txt`; `build.py` makes the rest. Refuses to know the product: these are files and words.
"""

from core.demo.questions import DEMO_QUESTIONS, DemoQuestion
from core.demo.shelf import DEMO_DOCUMENTS, documents_in

__all__ = ["DEMO_DOCUMENTS", "DEMO_QUESTIONS", "DemoQuestion", "documents_in"]
