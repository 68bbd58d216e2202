"""Which model an adapter is trained on, ready for LoRA, with the prompt form its serving uses.

Two kinds: the bundled one (GGUF, on the CPU) and any other by its name on the hub or its folder, whose own chat
template is the prompt form; on a GPU its weights are held in 4 bits (QLoRA). Refuses to know data sets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from gguf import GGUFReader
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, AutoTokenizer

from core.llm.adapter_weights import LEARNT
from core.llm.base import Turn
from core.llm.bundled import NAME, bundled_gguf
from core.llm.chatml import ChatForm
from core.llm.gguf_tokenizer import tokenizer_of_gguf
from workers.lora.bundled_weights import load_bundled
from workers.lora.job import BUNDLED, Job

PROJECTIONS = [name.rpartition(".")[2] for name in LEARNT]


@dataclass(frozen=True, slots=True)
class BaseModel:
    """`name` goes into the adapter's config; `net` is the model with fresh LoRA weights."""

    name: str
    net: Any
    form: "PromptForm"


class PromptForm:
    """What both kinds of model answer: ids of a prompt, ids of an answer with its end."""

    def prompt_ids(self, turns: Sequence[Turn], number: int) -> list[int]:
        raise NotImplementedError

    def answer_ids(self, answer: str) -> list[int]:
        raise NotImplementedError


class BundledForm(PromptForm):
    """Every example begins with another salt, as every assistant's prompts do: the adapter learns to ignore it."""

    def __init__(self, form: ChatForm, seed: int) -> None:
        self._form, self._seed = form, seed

    def prompt_ids(self, turns: Sequence[Turn], number: int) -> list[int]:
        return self._form.prompt_ids(turns, salt=self._form.salt_ids(f"training {self._seed}", str(number)))

    def answer_ids(self, answer: str) -> list[int]:
        return self._form.answer_ids(answer)


class TemplateForm(PromptForm):
    """The chat template that the model's own tokenizer brings."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def prompt_ids(self, turns: Sequence[Turn], number: int) -> list[int]:
        chat = [{"role": turn.role, "content": turn.content} for turn in turns]
        text = self._tokenizer.apply_chat_template(chat, add_generation_prompt=True, tokenize=False)
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def answer_ids(self, answer: str) -> list[int]:
        ids = self._tokenizer(answer, add_special_tokens=False)["input_ids"]
        return [*ids, self._tokenizer.eos_token_id]


def load_base_model(job: Job) -> BaseModel:
    """Loads the weights and adds LoRA to what is learnt. Deterministic by the job's seed."""
    torch.manual_seed(job.seed)
    form: PromptForm
    if job.base_model == BUNDLED:
        file = GGUFReader(bundled_gguf())
        net, form, name = load_bundled(file), BundledForm(ChatForm(tokenizer_of_gguf(file)), job.seed), NAME
    else:
        net, form, name = _of_hub(job.base_model), _form_of_hub(job.base_model), job.base_model
    lora = LoraConfig(r=job.rank, lora_alpha=job.alpha, target_modules=PROJECTIONS, task_type="CAUSAL_LM")
    peft = get_peft_model(net, lora)
    peft.peft_config["default"].base_model_name_or_path = name
    return BaseModel(name, peft, form)


def _of_hub(name: str) -> Any:
    """On a GPU: NF4 weights, bf16 products (QLoRA, arXiv 2305.14314), by bitsandbytes, which transformers imports
    then and only then. On a CPU: float32."""
    if not torch.cuda.is_available():
        return AutoModelForCausalLM.from_pretrained(name, dtype=torch.float32)
    from transformers import BitsAndBytesConfig

    four_bits = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    net = AutoModelForCausalLM.from_pretrained(
        name, dtype=torch.bfloat16, quantization_config=four_bits, device_map={"": 0}
    )
    return prepare_model_for_kbit_training(net)


def _form_of_hub(name: str) -> PromptForm:
    return TemplateForm(AutoTokenizer.from_pretrained(name))
