"""What this room refuses. The KMS room turns it into AWS's error code."""


class MalformedPolicy(Exception):
    """A document that is not a policy of the asked kind.

    ``message`` is what AWS answers (IAM's words, as far as they are known), ``detail`` says in
    plain words what is wrong, where AWS says less.
    """

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail or message
