"""Printed text as the user ends up seeing it."""

from __future__ import annotations

import pytest

from nbtrail.notebook.streams import STREAM_CHARS, Piece, Stream


def typed(*texts):
    piece, stream = Piece("stdout"), Stream()
    for text in texts:
        stream.add(piece, text)
    return piece.text()[0]


@pytest.mark.parametrize(
    ("texts", "seen"),
    [
        (["one\n", "two\n"], "one\ntwo\n"),
        (["10 %\r", "20 %\r", "100 %\n"], "100 %\n"),
        (["a long line\rshort"], "shortg line"),
        (["abc\rX", "Y"], "XYc"),
        (["windows\r\n", "lines\r\n"], "windows\nlines\n"),
        (["50 %\b\b\b\b75 %\nend"], "75 %\nend"),
        (["done\n", "\rnext"], "done\nnext"),
    ],
)
def test_carriage_returns_and_backspaces_move_the_cursor(texts, seen):
    assert typed(*texts) == seen


def test_a_progress_line_of_any_length_of_time_is_one_line():
    assert typed(*(f"\r{percent} %" for percent in range(100_000))) == "99999 %"


def test_pieces_of_one_stream_share_its_room():
    stream, pieces = Stream(), [Piece("stdout") for _ in range(100)]
    for piece in pieces:
        stream.add(piece, "a line of words\n" * 200)
    kept = [piece.text() for piece in pieces]

    assert sum(len(text) for text, _ in kept) < STREAM_CHARS + 100 * 50
    assert kept[0] == ("a line of words\n" * 200, False)
    assert kept[-1] == ("a line of words\n" * 200, False)
    assert any(is_cut for _, is_cut in kept)


def test_a_line_without_an_end_is_bounded():
    piece, stream = Piece("stdout"), Stream()
    for _ in range(300):
        stream.add(piece, "." * 1_000)

    text, is_cut = piece.text()
    assert is_cut
    assert len(text) < 2 * STREAM_CHARS
