import re
from datetime import timedelta
from typing import Any

from core.accounts import ACCESS_LIFE, sign
from core.app import Core
from core.learning.examples import Source
from core.learning.report import PURPOSE, SOURCES, address_of_report
from core.models import AdapterStatus, Assistant, LoraAdapter
from tests.conftest import MakeAssistant, MakeOwner

FIGURES = {
    "similarity": {"now": 0.81, "new": 0.93},
    "supported": {"now": 0.5, "new": 1.0},
    "loss": {"now": 2, "new": 1},
}
SAMPLE = {
    "question": "Do you deliver <on> Sunday?",
    "now": "Yes.",
    "new": "Of course, dear friend! <script>alert(1)</script>",
    "wanted": "Of course, dear friend!",
}
LINEAGE = {
    "learnt": 24,
    "sources": {"verified": 20, "chat": 4},
    "base": "smollm2",
    "data_hash": "a" * 64,
    "settings": {"rank": 16, "seed": 7},
}


async def _trained(assistant: Assistant, **report: Any) -> LoraAdapter:
    made = {"accepted": True, "lost": [], "judged": 9, "figures": FIGURES, "samples": [SAMPLE]} | report
    log = [{"event": "step", "step": at, "loss": 3 / at} for at in range(1, 9)]
    metrics = {"report": made, "lineage": LINEAGE}
    return await LoraAdapter.create(
        assistant=assistant, status=AdapterStatus.COMPLETED, metrics=metrics, training_logs=log
    )


def _path(core: Core, adapter: LoraAdapter) -> str:
    return address_of_report(core, adapter.id).removeprefix(core.settings.address)


async def test_the_report_of_a_training_is_a_page_in_either_language(
    api: Any, core: Core, owner: MakeOwner, assistant: MakeAssistant
) -> None:
    anna = await owner()
    rosa = await assistant(anna, "Rosa & Co")
    adapter = await _trained(rosa)
    listed = await api.get(f"/api/v1/assistants/{rosa.id}/adapters", headers=anna.headers)
    address = (await listed.get_json())["adapters"][0]["report_url"]
    assert address.startswith(f"{core.settings.address}/reports/")

    for locale in ("en", "ru"):
        answer = await api.get(_path(core, adapter), headers={"Accept-Language": locale})
        text = await answer.get_data(as_text=True)
        assert (answer.status_code, answer.mimetype) == (200, "text/html")
        assert (answer.headers["Cache-Control"], answer.headers["X-Robots-Tag"]) == ("private, no-store", "noindex")
        for shown in (
            "Rosa &amp; Co", "81 %", "93 %", "dear friend!", "24", "smollm2", "rank 16, seed 7",
            core.texts.say(locale, "gate-accepted"), core.texts.say(locale, SOURCES[Source.CHAT]),
        ):  # fmt: skip
            assert shown in text
        assert "<script" not in text
        picture = re.search(r'<img src="([^"]+)"', text)
        assert picture
        drawn = await api.get(picture[1], headers={"Accept-Language": locale})
        assert (drawn.status_code, drawn.mimetype) == (200, "image/png")


async def test_a_refused_training_says_why_on_its_page(api: Any, core: Core, assistant: MakeAssistant) -> None:
    refused = await _trained(await assistant(), accepted=False, lost=["supported"])
    text = await (await api.get(_path(core, refused))).get_data(as_text=True)
    assert core.texts.say("en", "gate-lost-supported") in text
    assert core.texts.say("en", "gate-accepted") not in text


async def test_nothing_but_its_own_fresh_link_opens_a_report(
    api: Any, core: Core, owner: MakeOwner, assistant: MakeAssistant
) -> None:
    anna = await owner()
    adapter = await _trained(await assistant(anna))
    path = _path(core, adapter)
    tokens = (
        "nonsense",
        path.removeprefix("/reports/")[:-4] + "AAAA",
        sign(core.keyring, PURPOSE, str(adapter.id), timedelta(seconds=-1)),
        sign(core.keyring, "access", str(adapter.id), ACCESS_LIFE),
    )
    for token in tokens:
        assert (await api.get(f"/reports/{token}")).status_code == 404, token
        assert (await api.get(f"/reports/{token}/chart")).status_code == 404, token
    bearer = {"Authorization": f"Bearer {path.removeprefix('/reports/')}"}
    assert (await api.get("/api/v1/assistants", headers=bearer)).status_code == 401, "nor does it open anything else"

    assert (await api.get(path)).status_code == 200
    await adapter.delete()
    assert (await api.get(path)).status_code == 404


async def test_a_training_that_was_not_judged_has_no_page(
    api: Any, core: Core, owner: MakeOwner, assistant: MakeAssistant
) -> None:
    anna = await owner()
    rosa = await assistant(anna)
    bare = await LoraAdapter.create(assistant=rosa)
    listed = await api.get(f"/api/v1/assistants/{rosa.id}/adapters", headers=anna.headers)
    assert (await listed.get_json())["adapters"][0]["report_url"] == ""
    assert (await api.get(_path(core, bare))).status_code == 404
