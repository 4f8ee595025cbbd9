"""The way back from `figures.decode.unfold_wire.packed`, as the player's JavaScript takes it."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from figures.decode.unfold import LEVELS


def unpacked(sent: dict[str, Any]) -> dict[str, Any]:
    """Return what was packed; own weights behind their position are not there any more."""
    n = len(sent["written"])
    own, cross, p, chosen = (_numbers(sent[name]) / LEVELS for name in ("own", "cross", "shares", "chosen_shares"))
    places = _numbers(sent["candidates"]).reshape(n, -1)
    bits = np.unpackbits(np.frombuffer(base64.b64decode(sent["mask"]), np.uint8))[: n * n].reshape(n, n)
    flagged = {
        side: [{"text": text, "special": text in sent["special"]} for text in texts]
        for side, texts in (("source", sent["source"]), ("read", [sent["first"], *sent["written"][:-1]]))
    }
    run = sent["run"]
    return {
        **sent,
        **flagged,
        "written": [{"text": text, "special": text in sent["special"]} for text in sent["written"]],
        "run": run
        and {
            **run,
            "steps": [dict(zip(run["steps"], row, strict=True)) for row in zip(*run["steps"].values(), strict=True)],
        },
        "steps": [
            {
                "own": own[t * (t + 1) // 2 : (t + 1) * (t + 2) // 2].tolist(),
                "cross": cross.reshape(n, -1)[t].tolist(),
                "mask": bits[t].astype(bool).tolist(),
                "candidates": [
                    {"id": i, "word": word, "special": word in sent["special"], "p": share}
                    for (i, word), share in zip(
                        (sent["vocabulary"][place] for place in places[t]), p.reshape(n, -1)[t].tolist(), strict=True
                    )
                ],
                "entropy": sent["entropy"][t],
                "chosen": {"id": sent["chosen"][t][0], "p": chosen[t], "rank": sent["chosen"][t][1]},
            }
            for t in range(n)
        ],
    }


def seen(told: dict[str, Any]) -> dict[str, Any]:
    """Return what `figures.decode.unfold.unfold` told, without own weights behind their position."""
    steps = [{**step, "own": step["own"][: t + 1]} for t, step in enumerate(told["steps"])]
    return {**told, "steps": steps}


def _numbers(text: str) -> Any:
    return np.frombuffer(base64.b64decode(text), "<u2")
