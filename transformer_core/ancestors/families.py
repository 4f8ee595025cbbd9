"""Which ancestors there are, by the name that their config.json bears."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from transformer_core.ancestors.base import FAMILY, Ancestor, AncestorConfig
from transformer_core.ancestors.ngram import Ngram
from transformer_core.ancestors.ngram_config import NgramConfig
from transformer_core.ancestors.nnlm import NNLM, NNLMConfig
from transformer_core.ancestors.recurrent import GRUConfig, LSTMConfig, Recurrent, RNNConfig
from transformer_core.ancestors.seq2seq.model import AttentionSeq2SeqConfig, Seq2Seq, Seq2SeqConfig
from transformer_core.ancestors.two_way.model import TwoWay, TwoWayConfig
from transformer_core.ancestors.word2vec import CBOWConfig, Word2Vec, Word2VecConfig
from transformer_core.glass.errors import ConfigError
from transformer_core.transformer.records import from_data

_MODELS: dict[type[AncestorConfig], Callable[[Any], Ancestor]] = {
    NgramConfig: Ngram,
    NNLMConfig: NNLM,
    RNNConfig: Recurrent,
    GRUConfig: Recurrent,
    LSTMConfig: Recurrent,
    Word2VecConfig: Word2Vec,
    CBOWConfig: Word2Vec,
    TwoWayConfig: TwoWay,
    Seq2SeqConfig: Seq2Seq,
    AttentionSeq2SeqConfig: Seq2Seq,
}
CONFIGS = {config.family: config for config in _MODELS}


def build(config: AncestorConfig) -> Ancestor:
    """Return a model of this shape with fresh weights."""
    return _MODELS[type(config)](config)


def read_config(values: Mapping[str, Any]) -> AncestorConfig:
    """Return the config that `to_dict` wrote.

    Raises:
        ConfigError: if it is of no family, a field is missing or unknown, or a value makes no sense.
    """
    family = values.get(FAMILY)
    if family not in CONFIGS:
        known = ", ".join(CONFIGS)
        raise ConfigError(f"{FAMILY} must be one of {known}, not {family!r}", field=FAMILY, value=family)
    return from_data(CONFIGS[family], {name: one for name, one in values.items() if name != FAMILY}, {})
