"""Which part of a long list is wanted, the same in every list. Knows no list."""

from typing import Annotated

from pydantic import BaseModel, Field


class Part(BaseModel):
    """`limit` rows after the first `offset` ones."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
