"""Which model a training starts from: the one that answers customers, in a form that can be learnt on.

Refuses to know torch: the trainer loads what is named here (workers/lora/base_model.py).
"""

from dataclasses import dataclass
from functools import cache
from hashlib import file_digest, sha256
from pathlib import Path

from huggingface_hub import try_to_load_from_cache

from core.app import Core
from core.errors import CannotTrain
from core.llm import bundled
from core.llm.preparation import is_for_openvino, prepared_in

_FILES = ("*.safetensors", "*.bin")


@dataclass(frozen=True, slots=True)
class TrainingBase:
    """`name` is what serves and what adapters are kept under, `weights` are `bundled.WEIGHTS`, a Hub name or a folder.

    `form` is the folder of a model on OpenVINO, whose prompts differ from those of the weights' own template; else "".
    """

    name: str
    weights: str
    form: str = ""


def training_base(core: Core) -> TrainingBase:
    """Raises `CannotTrain` where nobody has said which weights belong to the model that answers."""
    settings, name = core.settings, core.llm.name
    own = not settings.llm_url and settings.llm_model not in ("", bundled.NAME)
    on_openvino = own and is_for_openvino(Path(settings.llm_model))
    form = str(prepared_in(settings.models_folder, Path(settings.llm_model)).absolute()) if on_openvino else ""
    if settings.llm_training_model:
        return TrainingBase(name, settings.llm_training_model, form)
    if name == bundled.NAME:
        return TrainingBase(name, bundled.WEIGHTS)
    if own and not on_openvino:
        return TrainingBase(name, settings.llm_model)
    raise CannotTrain(base=name)


@cache
def hash_of_base(weights: str) -> str:
    """Names the weights: the SHA-256 of a file or folder, the Hub's revision of a name; "" for what is not here yet.

    Reads gigabytes where the model has them: not for the event loop.
    """
    if weights == bundled.WEIGHTS:
        return _hash_of(bundled.bundled_gguf())
    folder = Path(weights)
    if folder.is_dir():
        files = sorted(file for kind in _FILES for file in folder.glob(kind))
        return sha256("".join(_hash_of(file) for file in files).encode()).hexdigest()
    config = try_to_load_from_cache(weights, "config.json")
    return Path(config).parent.name if isinstance(config, str) else ""


def _hash_of(file: Path) -> str:
    with file.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()
