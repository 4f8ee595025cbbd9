"""What the terms of the field are in one run: true numbers and words of the reader's sentence, as examples."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.labels import number
from transformer_core.glass.abilities import causal_lists
from transformer_core.glass.plan import Block
from transformer_core.glass.sites import parameters_by_name
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import (
    attention_facts,
    embedding_of,
    has_output,
    key_of,
    logits_key,
    n_layers,
    stacks,
    with_role,
    words_of,
    written_list,
)
from transformer_core.glass.words import Word

Array = NDArray[Any]
FIRST = 3  # numbers of a vector that are shown
MANY = 12  # tokens that are named one by one
SEPARATOR = " · "


def term_facts(trace: Trace) -> dict[str, str]:
    """Return what a run has to say of the terms, by the placeholders of `term_here`; what it lacks is left out."""
    return {**_text(trace), **_sizes(trace), **_attention(trace), **_layer(trace), **_output(trace)}


def _text(trace: Trace) -> dict[str, str]:
    plan, words = trace.plan, trace.plan.word_lists[0]
    read = trace.words_of(words.name).read
    place, embedding = _telling(read), embedding_of(plan, words.stack)
    vectors = [key_of(embedding, value.name) for value in embedding.values if value.axes == "LD"]  # counts have none
    numbers = {}
    if vectors:
        row, lookup = (trace[key][place] for key in (vectors[-1], vectors[0]))
        numbers = {"numbers": _few(lookup), "first_number": number(float(row[0]))}
    signs = list(dict.fromkeys(word.text for word in read if word.special))
    return {
        "n_tokens": str(len(read)),
        "tokens": SEPARATOR.join(word.text for word in read[:MANY]) + (" …" if len(read) > MANY else ""),
        "word": read[place].text,
        "place": str(place),
        "id": str(int(trace[words.tokens][place])),
        **numbers,
        **({"signs": SEPARATOR.join(signs)} if signs else {}),
    }


def _sizes(trace: Trace) -> dict[str, str]:
    plan = trace.plan
    names = {"D": "d_model", "F": "d_ff"}
    found = {names[letter]: str(size) for letter, size in plan.axes if letter in names}
    found["layers"] = " + ".join(str(n_layers(plan, stack)) for stack in stacks(plan))
    found["n_parameters"] = f"{sum(int(np.prod(trace.array(name).shape)) for name in parameters_by_name(plan)):,}"
    for stack in stacks(plan):
        found["n_decoder" if words_of(plan, stack).name in causal_lists(plan) else "n_encoder"] = str(
            n_layers(plan, stack)
        )
    found["n_sums"] = str(sum(block.stack == stacks(plan)[0] for block in with_role(plan, "add")))
    if has_output(plan):
        found["n_words"] = f"{trace.shape(logits_key(plan))[-1]:,}"
        found["written"] = " ".join(word.text for word in trace.writing.written if not word.special)
    return found


def _attention(trace: Trace) -> dict[str, str]:
    """The strongest look from one word to another one, in the last attention of the model."""
    blocks = with_role(trace.plan, "attention")
    if not blocks:
        return {}
    block = blocks[-1]
    asking, answering = _sides(trace, block)
    weights = trace[key_of(block, "weights")]
    head, row, column = _strongest(weights, asking, answering)
    asks, answers = asking[row].text, answering[column].text
    facts = attention_facts(block)
    shared = head // (facts.heads // facts.kv_heads)
    names = {value.name for value in block.values}
    others = [(h, answering[int(weights[h, row].argmax())].text) for h in range(min(2, facts.heads))]
    found = {
        "asks": asks,
        "answers": answers,
        "weight": _percent(float(weights[head, row, column])),
        "layer": str(block.layer),
        "head": str(head),
        "n_heads": str(facts.heads),
        "d_head": str(facts.d_head),
        "others": SEPARATOR.join(f"{h} → {word}" for h, word in others),
        "q_numbers": _few(trace[key_of(block, "q")][head, row]),
        "k_numbers": _few(trace[key_of(block, "k")][shared, column]),
    }
    if "v" in names:  # what gives may be the states themselves
        found["v_numbers"] = _few(trace[key_of(block, "v")][shared, column])
    if "scores_raw" in names and "scores_scaled" in names:
        found["score"] = number(float(trace[key_of(block, "scores_raw")][head, row, column]))
        found["scaled"] = number(float(trace[key_of(block, "scores_scaled")][head, row, column]))
    if block.memory:
        found |= {"cross": found["weight"], "cross_answers": answers}
    return found | _mask(trace)


def _mask(trace: Trace) -> dict[str, str]:
    written = trace.writing.written
    causal = [block for block in with_role(trace.plan, "attention") if attention_facts(block).causal]
    if not causal or len(written) < 2:
        return {}
    row = min(2, len(written) - 1)
    seen = trace.words_of(words_of(trace.plan, causal[0].stack).name).read[: row + 1]
    return {"late": written[row].text, "seen": SEPARATOR.join(word.text for word in seen)}


def _layer(trace: Trace) -> dict[str, str]:
    plan, found = trace.plan, dict[str, str]()
    place = _telling(trace.words_of(plan.word_lists[0].name).read)
    norm = next((b for b in with_role(plan, "norm") if "mean" in {value.name for value in b.values}), None)
    if norm is not None:
        found["mean"] = number(float(trace[key_of(norm, "mean")][place, 0]))
        found["spread"] = number(float(trace[key_of(norm, "var")][place, 0]) ** 0.5)
    network = next(iter(with_role(plan, "feed_forward")), None)
    if network is not None and "act" in {value.name for value in network.values}:
        found["active"] = str(int((trace[key_of(network, "act")][place] > 0).sum()))
    return found


def _output(trace: Trace) -> dict[str, str]:
    """The position at which the model hesitated most, of those at which its best word stands."""
    words = written_list(trace.plan)
    if words is None:
        return {}
    logits = np.asarray(trace[logits_key(trace.plan)], dtype=np.float64)
    logs = logits - logits.max(axis=1, keepdims=True)
    logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
    entropy = -(np.exp(logs) * logs).sum(axis=1)
    written = trace.writing
    rows = [
        row
        for row, (word, i) in enumerate(zip(written.written, written.written_ids, strict=True))
        if not word.special and int(logits[row].argmax()) == i
    ]
    if not rows:
        return {}
    row = max(rows, key=lambda row: float(entropy[row]))
    best, second = (int(i) for i in np.argsort(-logits[row])[:2])
    return {
        "best": written.written[row].text,
        "second_id": str(second),
        "logit": number(float(logits[row, best])),
        "second_logit": number(float(logits[row, second])),
        "p": _percent(float(np.exp(logs[row, best]))),
        "second_p": _percent(float(np.exp(logs[row, second]))),
        "loss": number(float(-logs[row, best])),
        "entropy": number(float(entropy[row])),
        "open": number(float(np.exp(entropy[row])), 1),
    }


def _sides(trace: Trace, block: Block) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """Who asks and who answers: a row of a decoder that looks elsewhere asks for the word that it writes."""
    query, key = trace.site(key_of(block, "weights")).sides[-2:]
    assert query is not None
    assert key is not None
    asks = trace.words_of(query)
    return (asks.written if block.memory and asks.written else asks.read), trace.words_of(key).read


def _strongest(weights: Array, asking: tuple[Word, ...], answering: tuple[Word, ...]) -> tuple[int, int, int]:
    """Head, row and column of the largest weight between two words that are no signs, and not the same word."""
    fits = [
        [not a.special and not b.special and a.text != b.text and len(a.text) > 0 for b in answering] for a in asking
    ]
    found = np.where(np.array(fits)[None], weights, -1.0)
    head, row, column = np.unravel_index(int(found.argmax()), found.shape)
    return int(head), int(row), int(column)


def _telling(read: tuple[Word, ...]) -> int:
    """The position of the longest word that is no sign."""
    return max(range(len(read)), key=lambda i: (not read[i].special, len(read[i].text), -i))


def _few(row: Array) -> str:
    return ", ".join(number(float(x), 2) for x in row[:FIRST])


def _percent(p: float) -> str:
    return f"{100 * p:.1f} %"
