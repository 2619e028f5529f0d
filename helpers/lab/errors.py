"""The lab's own errors: what it can't do, in words for the person at the keyboard."""


class LabError(Exception):
    """Something was asked of the lab that it won't or can't do. The message says what to do."""


class NothingSent(LabError):
    """A request was about to leave this machine. It didn't."""
