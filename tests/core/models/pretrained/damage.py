"""What a test does to the folder of another's model: fields and tensors changed, weights in several files."""

import json

from safetensors.torch import load_file, save_file

WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"


def change_config(folder, **fields):
    path = folder / "config.json"
    values = {**json.loads(path.read_text("utf-8")), **fields}
    path.write_text(json.dumps({name: one for name, one in values.items() if one is not ...}), "utf-8")


def change_weights(folder, change):
    state = load_file(folder / WEIGHTS)
    change(state)
    save_file(state, folder / WEIGHTS)


def in_shards(folder):
    """The weights in two files with an index."""
    state = load_file(folder / WEIGHTS)
    (folder / WEIGHTS).unlink()
    names = sorted(state)
    parts = {"model-00001-of-00002.safetensors": names[::2], "model-00002-of-00002.safetensors": names[1::2]}
    for file, part in parts.items():
        save_file({name: state[name] for name in part}, folder / file)
    table = {name: file for file, part in parts.items() for name in part}
    (folder / INDEX).write_text(json.dumps({"weight_map": table}), "utf-8")
    return table


def logits(glass):
    return glass.trace("Once upon a time")["head.logits"]
