"""Chinese words in sentences: measure words, pronouns."""

from __future__ import annotations

from collections.abc import Mapping

from transformer_core.training.classroom.values import Unfit, Value, cell


def render(value: Value, form: str, words: list[str], values: Mapping[str, Value]) -> str:
    """The Chinese text of a value in a form; "" is its plain one.

    Raises:
        Unfit: if this value has no such form.
    """
    row, text = value.row, cell(value.row, "zh")
    match form:
        case "" | "pl" | "plain":
            return row.get("zh_plain", text) if form == "plain" else text
        case "m" | "one" | "m_one":
            measure = cell(row, "zh_measure")
            return {"m": measure, "one": f"一{measure}{text}", "m_one": f"一{measure}"}[form]
        case "done":
            return text.replace(row["zh_verb"], f"{row['zh_verb']}了", 1)
        case "of":
            other = values[words[0]].row
            return text + cell(other, "zh_measure") + cell(other, "zh")
        case "speech" | "capital":
            return cell(row, f"{form}_zh")
        case "ta" | "his":
            return "她" if value.gender == "f" else "他"
    raise Unfit(f"Chinese has no form {form!r}")
