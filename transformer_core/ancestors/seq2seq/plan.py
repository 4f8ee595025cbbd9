"""What a reader and a writer say of themselves."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from transformer_core.ancestors.base import DECODER, ENCODER, SOURCE, WORDS
from transformer_core.ancestors.cell_plans import Handing, cell_block, state_before
from transformer_core.ancestors.parts import output_block, table_block
from transformer_core.glass.formula.kinds import Masked, softmax_formula
from transformer_core.glass.formula.meeting import AdditiveScore
from transformer_core.glass.formula.rows import Handed
from transformer_core.glass.formula.starts import PaddingMask
from transformer_core.glass.formula.sums import Factor, contraction
from transformer_core.glass.plan import AttentionFacts, Block, Plan, Value, Weight

if TYPE_CHECKING:
    from transformer_core.ancestors.seq2seq.model import Seq2SeqConfig

READ, WROTE = "encoder.cell.h", "decoder.cell.h"
SOURCE_IDS, TARGET_IDS = "src_embed.tokens", "tgt_embed.tokens"


@lru_cache(maxsize=16)
def seq2seq_plan(config: Seq2SeqConfig) -> Plan:
    """Return the description of a model of this shape."""
    begins = Handing(READ, SOURCE_IDS, config.pad_id)
    attends = config.family == "seq2seq-attention"
    told = _look_back(config, begins) if attends else _suitcase(config)
    writer = cell_block(
        "decoder.cell",
        "gru",
        "tgt_embed.out",
        context=f"{told.path}.out",
        begins=begins,
        stack=DECODER,
        layer=0,
        name="gru",
        words=WORDS,
    )
    blocks = (
        table_block("src_embed", stack=ENCODER, words=SOURCE),
        cell_block("encoder.cell", "gru", "src_embed.out", stack=ENCODER, layer=0, name="gru", words=SOURCE),
        table_block("tgt_embed", stack=DECODER, words=WORDS),
        told,
        writer,
        output_block("head", WROTE, tied=True, words=WORDS),
    )
    lists = (
        config.word_list(SOURCE, ENCODER, SOURCE_IDS, config.source_vocab_size, written=False),
        config.word_list(WORDS, DECODER, TARGET_IDS, config.vocab_size, written=True),
    )
    axes = ("D", config.d_model), ("E", config.d_model), ("H", 1)
    return Plan(config.family, axes, lists, blocks)


def _suitcase(config: Seq2SeqConfig) -> Block:
    symbol = "h_{n-1,d}"
    last = Handed(
        kind="suitcase",
        latex=rf"c_{{i,d}} = {symbol}",
        inputs=(READ, SOURCE_IDS, TARGET_IDS),
        symbol=symbol,
        pad_id=config.pad_id,
    )
    values = (Value("out", "LD", "signed", last),)
    return Block("decoder.suitcase", "stream", values, (), None, DECODER, 0, "suitcase", WORDS, SOURCE)


def _look_back(config: Seq2SeqConfig, begins: Handing) -> Block:
    q_symbol, k_symbol = "q_{i,e}", "k_{j,e}"
    asks, W_Q = Factor("h'_{i,d}", ".asks", "q D"), Factor("W_{d,e}", ".W_Q", "D he", 1)
    h, W_K = Factor("h_{j,d}", READ, "k D"), Factor("U_{d,e}", ".W_K", "D he", 1)
    score = AdditiveScore(
        kind="scores_additive",
        latex=rf"s_{{i,j}} = \sum_e v_e \tanh({q_symbol} + {k_symbol})",
        inputs=(".q", ".k", ".v"),
        symbols=(q_symbol, k_symbol, "v_e"),
    )
    mask = PaddingMask(
        kind="mask_padding",
        latex=r"M_{i,j} = [\,t_j \ne \mathrm{pad}\,]",
        inputs=(SOURCE_IDS,),
        counted=TARGET_IDS,
        pad_id=config.pad_id,
    )
    latex = r"m_{i,j} = s_{i,j} + \begin{cases} 0 & M_{i,j} = 1 \\ -\infty & M_{i,j} = 0 \end{cases}"
    scores = Masked(kind="scores", latex=latex, inputs=(".scores_raw", ".mask"), symbol="s_{i,j}")
    weights = softmax_formula("weights", ".scores", axis="K", letters=("w", "m", "j", "l"))
    w, states = Factor("w_{i,j}", ".weights", "h q K"), Factor("h_{j,e}", READ, "K e")
    z = contraction("z_states", "z_{i,e}", "hqe", w, states, over="j")
    out = contraction("context", "c_{i,d}", "qd", Factor("z_{i,d}", ".z", "H q d"), over="h")
    values = (
        Value("asks", "QD", "signed", state_before("asks", WROTE, "h", begins)),
        Value("q", "HQE", "signed", contraction("q_state", q_symbol, "hqe", asks, W_Q, over="d")),
        Value("k", "HKE", "signed", contraction("k_state", k_symbol, "hke", h, W_K, over="d")),
        Value("scores_raw", "HQK", "scores", score),
        Value("mask", "QK", "mask", mask),
        Value("scores", "HQK", "scores", scores),
        Value("weights", "HQK", "weights", weights),
        Value("z", "HQE", "signed", z),
        Value("out", "QD", "signed", out),
    )
    parameters = Weight("W_Q", "DD"), Weight("W_K", "DD"), Weight("v", "D")
    facts = AttentionFacts(1, 1, config.d_model, causal=False)
    return Block("decoder.cross_attn", "attention", values, parameters, facts, DECODER, 0, "cross_attn", WORDS, SOURCE)
