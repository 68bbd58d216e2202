"""A spoken answer is made text by an OpenAI-compatible server; whatever that does wrong ends in one kind of error."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from core import transcription
from core.settings import Settings
from core.transcription import TranscriberUnavailable, transcribe
from tests.contracts.transcription_server import TranscriptionServer, transcription_server


@pytest.fixture
async def server() -> AsyncIterator[TranscriptionServer]:
    async with transcription_server() as serving:
        serving.heard = " Да, за домом. "
        serving.api_key = "secret"
        yield serving


@pytest.fixture
def configured(server: TranscriptionServer, settings: Settings) -> Settings:
    values = {"transcriber_url": server.url, "transcriber_model": "whisper-1"}
    return settings.model_copy(update=values | {"transcriber_api_key": SecretStr("secret")})


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    file = tmp_path / "arrived"
    file.write_bytes(b"OggS sound")
    return file


@pytest.fixture(autouse=True)
def _no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcription, "PAUSE_S", 0.01)


async def test_what_was_said_is_text(server: TranscriptionServer, configured: Settings, recording: Path) -> None:
    assert await transcribe(configured, recording, "answer.ogg") == "Да, за домом."
    assert server.requests == [{"model": "whisper-1", "filename": "answer.ogg", "sound": b"OggS sound"}]


async def test_what_passes_by_itself_is_tried_again(
    server: TranscriptionServer, configured: Settings, recording: Path
) -> None:
    server.refusals = [503, 429]
    assert await transcribe(configured, recording, "answer.ogg") == "Да, за домом."
    assert len(server.requests) == 3


@pytest.mark.parametrize("refusals", [[401], [400], [302], [500, 500, 500]])
async def test_a_server_that_refuses_is_not_asked_for_ever(
    server: TranscriptionServer, configured: Settings, recording: Path, refusals: list[int]
) -> None:
    server.refusals = [*refusals, *refusals, *refusals][:3]
    with pytest.raises(TranscriberUnavailable):
        await transcribe(configured, recording, "answer.ogg")
    assert len(server.requests) == (1 if refusals[0] in {400, 401} else 3)


@pytest.mark.parametrize("answer", ["text", {"text": None}, {}, []])
async def test_an_answer_of_another_form_is_no_text(
    server: TranscriptionServer, configured: Settings, recording: Path, answer: Any
) -> None:
    server.answer = answer
    with pytest.raises(TranscriberUnavailable):
        await transcribe(configured, recording, "answer.ogg")


async def test_a_huge_recording_and_a_server_that_is_away(
    server: TranscriptionServer, configured: Settings, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcription, "LARGEST", 5)
    with pytest.raises(TranscriberUnavailable):
        await transcribe(configured, recording, "answer.ogg")
    assert server.requests == []
    monkeypatch.setattr(transcription, "LARGEST", 500)
    away = configured.model_copy(update={"transcriber_url": "http://127.0.0.1:9/v1"})
    with pytest.raises(TranscriberUnavailable):
        await transcribe(away, recording, "answer.ogg", limit_s=2)
