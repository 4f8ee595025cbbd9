"""The fields of another's config.json: each is read, known to change no value, or refused by its name."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from transformer_core.glass.errors import ConfigError

T = TypeVar("T")
_NEEDED: Any = object()

# No value of a pass depends on these, in any family: rates of training, habits of generating, names, and so on.
_IRRELEVANT = re.compile(
    r".*dropout.*|.*_pdrop|.*layerdrop|initializer_\w+|init_std|use_cache|gradient_checkpointing|chunk_size_feed_forward"
    r"|_name_or_path|model_type|architectures|transformers_version|(torch_)?dtype|torchscript|use_bfloat16"
    r"|_?attn_implementation\w*|tf_legacy_loss|finetuning_task|id2label|label2id|_?num_labels|problem_type"
    r"|classifi\w+|tokenizer_class|task_specific_params|prefix|output_\w+|return_dict\w*|is_encoder_decoder"
    r"|(bos|eos|pad|sep|cls|mask|unk|decoder_start)_token_id|forced_eos_token_id|(max|min)_(new_)?(length|tokens)"
    r"|do_sample|early_stopping|num_beams|num_beam_groups|diversity_penalty|temperature|top_k|top_p|typical_p"
    r"|repetition_penalty|length_penalty|(encoder_)?no_repeat_ngram_size|bad_words_ids|num_return_sequences"
    r"|(begin_)?suppress_tokens|remove_invalid_values|exponential_decay_length_penalty|cross_attention_hidden_size"
    r"|summary_\w+"
)
_WHY = {
    "quantization_config": "the weights are quantised, and are computed here as the numbers that they are: take the "
    "checkpoint that it was made from",
    "auto_map": "the model brings code of its own, and code out of a folder is never run here",
    "pruned_heads": "some heads were cut out, and here every layer has as many",
}


class Fields:
    """A config.json that is read field by field.

    Attributes:
        path: of the file.
    """

    def __init__(self, values: Mapping[str, Any], path: str) -> None:
        self._values, self.path = dict(values), path
        self._read: set[str] = set()

    @property
    def model_type(self) -> str:
        """Which model the file says it is of; "" if it says nothing."""
        return str(self._values.get("model_type", ""))

    @property
    def architecture(self) -> str:
        """The class that the weights were saved from; "" if the file says none."""
        named = self._values.get("architectures")
        return str(named[0]) if isinstance(named, list) and named else ""

    def whole(self, name: str, default: int = _NEEDED) -> int:
        """Return a field that holds an integer of at least 1."""
        value = self._get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.refusal(name, "an integer of at least 1")
        return value

    def number(self, name: str, default: float = _NEEDED) -> float:
        """Return a field that holds a number above 0."""
        value = self._get(name, default)
        if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
            raise self.refusal(name, "a number above 0")
        return float(value)

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a field that holds true or false."""
        value = self._get(name, default)
        if not isinstance(value, bool):
            raise self.refusal(name, "true or false")
        return value

    def word(self, name: str, meanings: Mapping[str, T], default: str = _NEEDED) -> T:
        """Return what a word means; `meanings` are those that are known."""
        value = self._get(name, default)
        if not isinstance(value, str) or value not in meanings:
            raise self.refusal(name, " or ".join(map(repr, meanings)))
        return meanings[value]

    def words(self, name: str) -> tuple[str, ...]:
        """Return a field that holds a list of words; none if it is not there."""
        value = self._get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.refusal(name, "a list of words")
        return tuple(value)

    def id(self, name: str) -> int | None:
        """Return the id of a sign; None if there is none, and the first of several."""
        value = self._get(name, None)
        value = value[0] if isinstance(value, list) and value else value
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise self.refusal(name, "an id")
        return None if value is None or value < 0 else value

    def writer_signs(self, eos: int | None) -> tuple[int, int, int]:
        """Return the ids of what begins a text, ends it, and fills it up; the end stands for one that is not there."""
        if eos is None:
            raise self.refusal("eos_token_id", "the id of the sign that ends a text")
        bos, pad = self.id("bos_token_id"), self.id("pad_token_id")
        return eos if bos is None else bos, eos, eos if pad is None else pad

    def part(self, name: str) -> Fields:
        """Return the fields inside of a field, none if it is not there; whoever reads them refuses the rest."""
        value = self._get(name, {})
        if not isinstance(value, Mapping):
            raise self.refusal(name, "fields")
        return Fields(value, f"{self.path}: {name}")

    def only(self, name: str, *values: Any) -> None:
        """Refuse a field unless it says one of these, or nothing: the first is what is computed here."""
        value = self._get(name, values[0])
        if not any(value == one and type(value) is type(one) for one in values):
            raise self.refusal(name, " or ".join(map(repr, values)))

    def has(self, name: str) -> bool:
        """Whether a field says something."""
        return self._values.get(name) is not None

    def refuse_rest(self, irrelevant: Collection[str] = ()) -> None:
        """Refuse what was not read and is not known to change no value; a field that says null says nothing.

        Raises:
            ConfigError: naming the first of them.
        """
        for name, value in self._values.items():
            known = name in self._read or name in irrelevant or _IRRELEVANT.fullmatch(name)
            if not known and value is not None and value not in ({}, []):
                raise self.refusal(name, "left out")

    def refusal(self, name: str, wanted: str) -> ConfigError:
        """Return the error of a field whose value is not `wanted`."""
        value = self._values.get(name)
        there = f"{name} is missing" if name not in self._values else f"{name} is {_short(value)}"
        why = f" ({_WHY[name]})" if name in _WHY else ""
        return ConfigError(
            f"{self.path}: {there}, which this version does not compute{why}; it must be {wanted}",
            path=self.path,
            field=name,
            value=value,
            wanted=wanted,
        )

    def _get(self, name: str, default: Any) -> Any:
        self._read.add(name)
        value = self._values.get(name)
        if value is None:
            if default is _NEEDED:
                raise self.refusal(name, "there")
            return default
        return value


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
