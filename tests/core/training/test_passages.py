"""Running text: files of documents, and the windows and passages that are drawn from them."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest
import torch

from tests.core.tiny import make_config
from tests.core.training_samples import TOLD
from transformer_core.glass.errors import DataError
from transformer_core.text.tokenizer import Tokenizer
from transformer_core.text.words import is_word, word_spans
from transformer_core.training.data.passages import Passages, Windows
from transformer_core.training.data.texts import Corpus, DataFile, read_documents, split_sentences
from transformer_core.training.score_texts import hide, masked_word_scores, next_word_scores
from transformer_core.transformer.model import Transformer

TOKENIZER = Tokenizer.train_bpe(TOLD, 400, language="en", mask=True)
OTHERS = ["The sea is deep.", "The sea is wide. Fish swim."]
CORPORA = [(Corpus(TOLD, TOKENIZER), 3.0), (Corpus(OTHERS, TOKENIZER), 1.0)]


def windows(**changes: int) -> Windows:
    return Windows(CORPORA, TOKENIZER, **{"length": 20, "batch_tokens": 100, "seed": 1} | changes)


def passages(*, share: float = 0.2, seed: int = 1) -> Passages:
    return Passages(CORPORA, TOKENIZER, length=24, batch_tokens=200, seed=seed, share=share)


class TestFiles:
    def test_a_line_is_a_document_also_when_compressed(self, tmp_path: Path) -> None:
        text = "\ufeffOne. Two.\n\n Three. \r\n"
        (tmp_path / "a.txt").write_text(text, encoding="utf-8")
        (tmp_path / "a.txt.gz").write_bytes(gzip.compress(text.encode()))
        for name in ("a.txt", "a.txt.gz"):
            assert read_documents(tmp_path / name) == ["One. Two.", "Three."]

    def test_paragraphs_of_a_book_are_gathered_but_never_those_of_two(self, tmp_path: Path) -> None:
        long = "word " * 200
        path = tmp_path / "books.txt"
        path.write_text(f"# First_1\nA b.\n{long}\n{long}\nC d.\n# Second_2\nE f.\n", encoding="utf-8")
        documents = read_documents(path)
        assert [document.split()[0] for document in documents] == ["A", "C", "E"]
        assert not any("#" in document for document in documents)
        assert sum(document.count("word") for document in documents) == 400

    @pytest.mark.parametrize("content", [b"\xff", b"", b"\n \n", b"# Title_1\n"])
    def test_what_is_no_text_is_refused(self, content: bytes, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_bytes(content)
        with pytest.raises(DataError, match=r"a\.txt (cannot be read|holds no text)"):
            read_documents(tmp_path / "a.txt")
        (tmp_path / "a.txt.gz").write_bytes(content + b"no gzip")
        with pytest.raises(DataError, match=r"a\.txt\.gz cannot be read"):
            read_documents(tmp_path / "a.txt.gz")

    def test_weights(self) -> None:
        assert DataFile.parse("a.txt") == DataFile(Path("a.txt"), 1.0)
        assert DataFile.parse("a=b.txt=0.5") == DataFile(Path("a=b.txt"), 0.5)
        assert DataFile.parse("a=b.txt") == DataFile(Path("a=b.txt"), 1.0)

    def test_sentences_end_at_marks_before_capitals(self) -> None:
        text = '"Hi!" said Tom. He ran 3.5 miles... and on. "Why?" Ann asked.'
        assert split_sentences(text) == ['"Hi!" said Tom.', "He ran 3.5 miles... and on.", '"Why?"', "Ann asked."]


class TestWords:
    def test_spans_are_words_marks_and_whole_characters(self) -> None:
        text = "Zebras saw Tom, 12 \u4f60!"
        ids = TOKENIZER.encode(text)
        spans = word_spans(TOKENIZER, ids)
        parts = [ids[first:behind] for first, behind in spans]
        assert [index for part in parts for index in part] == ids
        assert [TOKENIZER.decode(part).strip() for part in parts] == [
            "Zebras",
            "saw",
            "Tom",
            ",",
            "1",
            "2",
            "\u4f60",
            "!",
        ]
        assert [is_word(TOKENIZER, part) for part in parts] == [True, True, True, False, True, True, True, False]
        assert word_spans(TOKENIZER, []) == ()


class TestCorpus:
    def test_its_sentences_are_those_of_the_documents(self) -> None:
        corpus = CORPORA[0][0]
        assert len(corpus) == 3 * len(corpus.documents) == 3 * len(TOLD)
        for document, first in zip(TOLD, corpus.documents, strict=True):
            assert corpus.between(first, corpus.beyond[first]) == TOKENIZER.encode(document)
        assert TOKENIZER.decode(corpus.between(4, 5)) == split_sentences(TOLD[1])[1]


class TestWindows:
    def test_what_a_window_holds(self) -> None:
        """<s>, a document or the rest of one, </s>, another document; each place tells the next, but no <s>."""
        tails = {
            TOKENIZER.decode(TOKENIZER.encode(" ".join(split_sentences(text)[n:])))
            for text in TOLD + OTHERS
            for n in range(3)
        }
        firsts = []
        for batch in windows().epoch(0):
            assert batch.source is None
            assert batch.target_in is not None
            assert batch.target_in.shape == batch.target_out.shape == (5, 20)
            for read, told in zip(batch.target_in.tolist(), batch.target_out.tolist(), strict=True):
                assert read[0] == 1
                assert all(b == a or (a == 1 and b == 0) for a, b in zip(read[1:], told, strict=False))
                begun = TOKENIZER.decode(read[1 : read.index(2) if 2 in read else None])
                firsts.append(begun)
                assert any(tail.startswith(begun) for tail in tails)
        assert any(text.startswith("It was") for text in firsts), "sentences begin windows as well"

    def test_weights_are_shares_of_the_windows(self) -> None:
        counts: Counter[bool] = Counter()
        for epoch in range(6):
            for batch in windows().epoch(epoch):
                assert batch.target_in is not None
                counts.update(
                    TOKENIZER.decode(row[1:4]).startswith(("The", "Fish")) for row in batch.target_in.tolist()
                )
        assert 0.15 < counts[True] / counts.total() < 0.35

    def test_the_same_place_has_the_same_batch(self) -> None:
        whole = list(windows().epoch(2))
        assert len(whole) == windows().count(2)
        for start in (1, len(whole) - 1):
            rest = list(windows().epoch(2, start))
            assert all(torch.equal(a.target_out, b.target_out) for a, b in zip(rest, whole[start:], strict=True))
        other = next(windows().epoch(2, rank=1, world=2))
        assert not torch.equal(other.target_out, whole[0].target_out)
        assert windows(seed=2).fingerprint == windows().fingerprint


class TestPassages:
    def test_what_a_passage_hides(self) -> None:
        """Whole words; about the share that was asked for; of them eight in ten are masks, one is left, one changed."""
        fates: Counter[str] = Counter()
        n_words = 0
        for epoch in range(8):
            for batch in passages().epoch(epoch):
                assert batch.target_in is None
                assert batch.source is not None
                for read, told in zip(batch.source.tolist(), batch.target_out.tolist(), strict=True):
                    length = read.index(2)
                    assert any(told)
                    assert not any(told[length:])
                    text = [t or r for r, t in zip(read[:length], told, strict=False)]
                    for first, behind in word_spans(TOKENIZER, text):
                        hidden, seen = told[first:behind], read[first:behind]
                        assert all(hidden) or not any(hidden)
                        n_words += 1
                        if any(hidden):
                            fates["mask" if set(seen) == {3} else "left" if seen == hidden else "changed"] += 1
        assert 0.17 < fates.total() / n_words < 0.25
        assert 0.75 < fates["mask"] / fates.total() < 0.85
        assert fates["left"] > 0.06 * fates.total() < 16 * fates["changed"]

    def test_batches_keep_to_their_tokens_and_come_back(self) -> None:
        whole = list(passages().epoch(1))
        assert all(batch.target_out.numel() <= 200 for batch in whole)
        assert sum(len(batch.target_out) for batch in whole) == len(TOLD) + len(OTHERS)
        rest = list(passages().epoch(1, 2))
        assert all(torch.equal(a.target_out, b.target_out) for a, b in zip(rest, whole[2:], strict=True))
        shares = [list(passages().epoch(1, rank=rank, world=2)) for rank in range(2)]
        assert len(shares[0]) == len(shares[1]) == passages().count(1, world=2)

    def test_a_tokenizer_without_masks_is_refused(self) -> None:
        plain = Tokenizer.train_bpe(TOLD, 400, language="en")
        with pytest.raises(DataError, match=r"with \[MASK\]"):
            Passages(CORPORA, plain, length=24, batch_tokens=200, seed=1, share=0.2)


class TestScores:
    def model(self, side: str, length: int) -> Transformer:
        torch.manual_seed(1)
        sizes = {f"n_{side}_layers": 1, f"{'target' if side == 'decoder' else 'source'}_vocab_size": 400}
        shape = {"d_model": 8, "n_heads": 2, "d_ff": 12, "max_length": length}
        return Transformer(make_config(f"{side}-only", dropout=0.0, output_bias=True, **shape, **sizes)).eval()

    def test_every_piece_is_told_once(self) -> None:
        """A model that finds all words alike needs log2 of their number a piece, however long the text."""
        for length in (8, 64):
            model = self.model("decoder", length)
            with torch.no_grad():
                model.tgt_embed.W_E.zero_()
            scores = next_word_scores(model, TOKENIZER, [TOLD[0], OTHERS[1]])
            pieces = sum(len(TOKENIZER.encode(text)) + 1 for text in (TOLD[0], OTHERS[1]))
            bits = pieces * torch.tensor(400.0).log2().item() / (len(TOLD[0]) + len(OTHERS[1]))
            assert scores["bits_per_character"] == pytest.approx(bits, rel=1e-5)

    def test_a_short_text_is_scored_as_the_model_scores_it(self) -> None:
        model = self.model("decoder", 64)
        ids = [1, *TOKENIZER.encode(OTHERS[0]), 2]
        with torch.no_grad():
            log_probs = model(None, torch.tensor([ids[:-1]]))[0].log_softmax(-1)
        wanted = -log_probs[range(len(ids) - 1), ids[1:]].mean().item()
        assert next_word_scores(model, TOKENIZER, OTHERS[:1])["nats_per_token"] == pytest.approx(wanted, rel=1e-5)

    def test_a_word_is_right_if_each_of_its_pieces_is(self) -> None:
        """The bias alone decides here: it knows Tom, and at first only where a word of several pieces begins."""
        model = self.model("encoder", 64)
        tom, *ran = TOKENIZER.encode("Tom ran")
        assert 1 < len(ran) < 5
        bias = model.head.b
        assert bias is not None
        with torch.no_grad():
            model.src_embed.W_E.zero_()
            bias[tom], bias[ran], bias[ran[0]] = 2.0, -1.0, 1.0
        assert masked_word_scores(model, TOKENIZER, ["Tom ran."]) == {"top_1": 50.0, "top_5": 50.0}
        with torch.no_grad():
            bias[ran] = 1.0
        assert masked_word_scores(model, TOKENIZER, ["Tom ran."]) == {"top_1": 50.0, "top_5": 100.0}

    def test_hiding_a_word(self) -> None:
        read, told = hide(TOKENIZER, [300, 301, 302], 1, 3)
        assert (read, told) == ([300, 3, 3, 2], [0, 301, 302, 0])
