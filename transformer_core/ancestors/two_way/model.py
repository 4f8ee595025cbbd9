"""A language model that reads both ways, and the vectors in context that it gives (ELMo: Peters et al. 2018).

Two chains of LSTMs over one table of words, one from the left and one from the right, tell the next word and the one
before, by one softmax (section 3.1). The vector of a word is a mix of what the layers make of it, gamma times the sum
of s_j h_j; layer 0 is the table's vector, the same in both halves (section 3.2, equation 1). What is told does not
depend on the mix: it is learned by whoever uses the vectors, and begins with equal shares.

Letters: B batch, L position, D width of a vector and of a state, N layers, the table included, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from transformer_core.ancestors.base import Ancestor, AncestorConfig, State
from transformer_core.ancestors.cells import LSTM
from transformer_core.ancestors.parts import Output, Table, word_table
from transformer_core.ancestors.two_way.plan import two_way_plan
from transformer_core.glass.errors import ArgumentError
from transformer_core.glass.hooks import HookPoint
from transformer_core.transformer.modules.dropout import Dropout
from transformer_core.transformer.records import check_at_least, check_rate


@dataclass(frozen=True, kw_only=True)
class TwoWayConfig(AncestorConfig):
    """The shape of a model of two chains.

    Attributes:
        d_model: width of the vectors and of each state; the softmax multiplies by the table of words.
        n_encoder_layers: LSTMs of each chain.
        dropout: rate on what each LSTM reads and the last hands on, in training.
    """

    family = "bilm"
    has_encoder = True
    has_decoder = False
    d_model: int
    n_encoder_layers: int = 2
    dropout: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_at_least(self, "", d_model=1, n_encoder_layers=1)
        check_rate(self, "", "dropout")

    @property
    def source_vocab_size(self) -> int:  # type: ignore[override]
        """Entries of the vocabulary that it reads."""
        return self.vocab_size

    @property
    def target_vocab_size(self) -> int:
        """Nothing is written."""
        return 0


class LayerMix(nn.Module):
    """gamma times the sum of s_j h_j, s the softmax of w."""

    def __init__(self, n_layers: int) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.zeros(n_layers))  # [N]
        self.gamma = nn.Parameter(torch.ones(1))  # [1]
        self.shares = HookPoint()  # [1, N]
        self.forward_out = HookPoint()  # [B, L, D]
        self.backward_out = HookPoint()  # [B, L, D]

    def forward(self, ahead: Sequence[Tensor], back: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Return the mix of both halves.

        Args:
            ahead: what the layers of the chain from the left make of each word, [B, L, D] each.
            back: the same of the chain from the right.
        """
        shares = self.shares(self.w.softmax(dim=0)[None])[0]
        mixes = (
            self.gamma * sum(share * x for share, x in zip(shares, layers, strict=True)) for layers in (ahead, back)
        )
        one, other = mixes
        return self.forward_out(one), self.backward_out(other)


class TwoWay(Ancestor):
    """Reads a text from both ends, and tells at each word the next one and the one before."""

    config: TwoWayConfig
    head: Output

    def __init__(self, config: TwoWayConfig) -> None:
        super().__init__(config, two_way_plan(config))
        width, n = config.d_model, config.n_encoder_layers
        self.embed = Table(word_table(config.vocab_size, width))
        self.ahead = nn.ModuleList(LSTM(width) for _ in range(n))
        self.back = nn.ModuleList(LSTM(width, reverse=True) for _ in range(n))
        self.mix = LayerMix(n + 1)
        self.head = Output(self.embed.W_E)
        self.back_head = Output(self.embed.W_E, self.head.b)
        self.dropout = Dropout(config.dropout)
        self._finish()

    def forward(self, source: Tensor | None = None, target: Tensor | None = None, *, padded: bool = True) -> Tensor:
        """Return the logits of the next word at every position, then those of the word before.

        Args:
            source: ids [B, L], padded on the right.
            target: None; nothing is written.
            padded: as in `Transformer.forward`.

        Shapes: -> [B, 2 L, V].
        """
        ahead, back = self.layers(source, target)
        self.mix(ahead, back)
        return torch.cat((self.head(ahead[-1]), self.back_head(back[-1])), dim=1)

    def features(self, source: Tensor | None = None, target: Tensor | None = None, *, padded: bool = True) -> Tensor:
        """Return the last vectors of the chain from the left, then those of the other: [B, 2 L, D]."""
        ahead, back = self.layers(source, target)
        return torch.cat((ahead[-1], back[-1]), dim=1)

    def mixed(self, w: Sequence[float], gamma: float = 1.0) -> TwoWay:
        """Return a model that mixes its layers by other numbers; it shares all its other weights with this one.

        Args:
            w: [N], whose softmax are the shares.
            gamma: the scale of the mix.

        Raises:
            ArgumentError: if there are not as many numbers as layers.
        """
        if len(w) != len(self.mix.w):
            wanted = f"{len(self.mix.w)} numbers, one for each layer"
            raise ArgumentError(f"w must be {wanted}, not {list(w)}", name="w", value=str(list(w)), wanted=wanted)
        with torch.device("meta"):  # no numbers are drawn that are thrown away
            model = TwoWay(self.config)
        changed = {self.mix.w: self.mix.w.new_tensor(list(w)), self.mix.gamma: self.mix.gamma.new_tensor([gamma])}
        new = {one: nn.Parameter(numbers, requires_grad=False) for one, numbers in changed.items()}
        for mine, other in zip(self.modules(), model.modules(), strict=True):
            for name, parameter in mine.named_parameters(recurse=False, remove_duplicate=False):
                setattr(other, name, new.get(parameter, parameter))
        model.origin = self.origin
        return model.eval()

    def read(self, ids: Tensor, state: State | None, real: Tensor | None = None) -> tuple[Tensor, State]:
        """Return the last vectors of both chains side by side, [B, L, 2 D]; a text is read as a whole."""
        ahead, back = self.layers(ids)
        return torch.cat((ahead[-1], back[-1]), dim=-1), ()

    def encode(self, source: Tensor) -> Tensor:
        """Return the mix of both halves side by side, [B, L, 2 D]."""
        return torch.cat(self.mix(*self.layers(source)), dim=-1)

    def layers(self, source: Tensor | None, target: Tensor | None = None) -> tuple[list[Tensor], list[Tensor]]:
        """Return what each layer makes of each word, the table first, [B, L, D] each.

        Of the chain from the left, then of that from the right; arguments and errors as in `forward`.
        """
        self.checked_ids("target", target)
        ids = self.checked_ids("source", source)
        assert ids is not None
        x, real = self.embed(ids), ids != self.config.pad_id
        ahead, back = [x], [x]
        for cell in self.ahead:
            ahead.append(cell(self.dropout(ahead[-1]), None, None)[0])
        for cell in self.back:
            back.append(cell(self.dropout(back[-1]), None, None if bool(real.all()) else real)[0])
        ahead[-1], back[-1] = self.dropout(ahead[-1]), self.dropout(back[-1])
        return ahead, back
