"""The body of an upload in chunks (aws-chunked), without a copy of it.

Source: S3 API reference, "Signature calculations for the authorization header: Transferring payload
in multiple chunks"; "Checking object integrity", trailing checksums.
"""

from collections.abc import Iterator

from .errors import S3Error


class Chunks:
    """The decoded body: views into the encoded one."""

    def __init__(self, encoded: bytes) -> None:
        self._views = list(_views(memoryview(encoded)))

    def pieces(self) -> Iterator[memoryview]:
        """The body, piece by piece."""
        yield from self._views

    def __len__(self) -> int:
        return sum(len(view) for view in self._views)

    def __bytes__(self) -> bytes:
        return b"".join(self._views)


def _views(encoded: memoryview) -> Iterator[memoryview]:
    """Each chunk: its length in hex (and perhaps a signature), its bytes; the last is empty."""
    position = 0
    while True:
        line = bytes(encoded[position : position + 200])
        length_line, found, _ = line.partition(b"\r\n")
        try:
            length = int(length_line.partition(b";")[0], 16)
        except ValueError:
            found = b""
        if not found:
            message = "The request body terminated unexpectedly"
            raise S3Error("IncompleteBody", message)
        if length == 0:
            return  # what follows are trailing headers
        begin = position + len(length_line) + 2
        if begin + length > len(encoded):
            raise S3Error("IncompleteBody", "The request body terminated unexpectedly")
        yield encoded[begin : begin + length]
        position = begin + length + 2
