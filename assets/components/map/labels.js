// The names of the map's pieces: those that are terms explain themselves.
import { make } from "../shared/draw/dom.js";
import { termLink } from "../shared/draw/terms.js";

// What the labels of pieces are called in the glossary.
const TERMS = { embedding: "embedding", self_attn: "self_attention", masked_self_attn: "mask", cross_attn: "cross_attention", ffn: "feed_forward", norm: "layer_norm", add: "residual_sum", add_norm: "layer_norm", q: "query", k: "key", v: "value", writes: "probability" };

/**
 * A piece below its name; each term is dotted once, where it stands first.
 *
 * @param {Set<string>} told the terms that are dotted already
 * @param {string} label
 * @param {HTMLElement} [content]
 * @param {string} [kind] what the label names
 */
export function labelled(told, label, content, kind) {
  const piece = make("div", "piece"), name = make("div", "label");
  const term = kind && !told.has(TERMS[kind]) ? TERMS[kind] : null;
  if (term) told.add(term);
  name.append(term ? termLink(term, label) : label);
  piece.append(name);
  if (content) piece.append(content);
  return piece;
}
