"""The terms of the field: which there are, on which pages each matters, and what each is in the reader's own sentence.

What is marked in a text (`ui.frame.text`) is dotted where it is drawn. Its explanation is sent to the browser once a
page, and opens there to who points at a term, reaches it by Tab, or taps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from string import Formatter

from figures.explore.term_facts import term_facts
from transformer_core.glass.trace import Trace
from ui.frame.components import term_tips
from ui.frame.text import GLOSSARY, SPACES, section, t
from ui.state.models import Asked, get_trace, word_of
from ui.state.session import identify_run, mode
from ui.state.view import View

# By group, in the order of the glossary; each with the pages on which it matters most, or stops of them.
TERMS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "text": {
        "token": ("embedding:tokens",),
        "special": ("embedding:tokens", "unfold"),
        "vocabulary": ("output:logits",),
        "padding": ("masks",),
    },
    "vectors": {
        "vector": ("embedding:out", "architecture"),
        "dimension": ("embedding:pos",),
        "embedding": ("embedding:lookup",),
        "position": ("embedding:pos", "embedding:order"),
        "length": ("layer:sizes", "heads"),
        "width": ("architecture", "attention:q"),
        "parameter": ("layer:ln1", "forcing"),
        "bias": ("attention:out",),
    },
    "attention": {
        "attention": ("heads", "attention:weights"),
        "self_attention": ("heads", "architecture"),
        "cross_attention": ("heads", "architecture"),
        "head": ("heads", "attention:heads", "what_if"),
        "query": ("attention:q",),
        "key": ("attention:q",),
        "value": ("attention:q", "attention:z"),
        "score": ("attention:scores_raw", "attention:scores_scaled"),
        "softmax": ("attention:weights", "output:probs"),
        "weight": ("attention:weights", "heads", "unfold"),
        "mask": ("attention:mask", "masks", "unfold"),
        "w_o": ("attention:head_out",),
    },
    "layer": {
        "encoder": ("architecture", "layer:input"),
        "decoder": ("architecture", "unfold"),
        "layer": ("layer:input", "output:layers"),
        "residual_stream": ("layer:sizes",),
        "residual_sum": ("layer:add1", "what_if"),
        "layer_norm": ("layer:ln1",),
        "feed_forward": ("layer:pre", "layer:ffn"),
        "unit": ("layer:act",),
    },
    "output": {
        "logit": ("output:logits",),
        "probability": ("output:probs", "unfold"),
        "temperature": ("output:probs", "search"),
        "entropy": ("unfold", "heads"),
        "logit_lens": ("output:layers",),
    },
    "decoding": {
        "greedy": ("unfold", "search"),
        "sampling": ("search", "unfold"),
        "top_k": ("search",),
        "top_p": ("search",),
        "beam_search": ("search", "unfold"),
        "log_probability": ("search",),
        "kv_cache": ("unfold",),
    },
    "looking": {
        "teacher_forcing": ("forcing", "masks"),
        "loss": ("forcing", "what_if"),
        "nat": ("forcing", "what_if"),
        "trace": ("architecture", "what_if"),
        "edit": ("what_if",),
        "patching": ("what_if",),
    },
}


def show_terms(view: View, trace: Trace | None) -> None:
    """Send the explanations of all terms to the browser.

    Args:
        view: what the reader sees.
        trace: a run of its sentence, for the examples; None if there is none.
    """
    told = explanations(None if trace is None else identify_run(view).edited, view.lang)
    names = section("term", view.lang)
    tips = {term: [names[term], text] for term, text in told.items()}
    term_tips(tips, {"all": t("terms.all", view.lang)}, GLOSSARY, mode())


@lru_cache(maxsize=64)
def explanations(asked: Asked | None, lang: str) -> Mapping[str, str]:
    """Return what each term is, in two sentences at most: the second one with numbers of a run, where it has them."""
    facts = {} if asked is None else _facts(asked)
    return {term: _explained(term, facts, lang) for terms in TERMS.values() for term in terms}


def _explained(term: str, facts: Mapping[str, str], lang: str) -> str:
    means, space = section("term_means", lang)[term], SPACES[lang]
    here, more = section("term_here", lang).get(term), section("term_more", lang).get(term)
    if here is not None and fields_of(here) <= set(facts):
        return f"{means}{space}{here.format(**facts)}"
    return means if more is None else f"{means}{space}{more}"


def fields_of(text: str) -> set[str]:
    """Return the names of a text's placeholders."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@lru_cache(maxsize=16)
def _facts(asked: Asked) -> dict[str, str]:
    facts = term_facts(get_trace(asked))
    if second := facts.pop("second_id", ""):
        facts["second"] = word_of(asked.model)(int(second)).text
    return facts
