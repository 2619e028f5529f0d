"""The lessons on the learner's own AWS account: only when asked for by name, and confirmed.

Nothing here is imported, read or called before ``lab.open(account="aws", ...)``, except ``state``
and ``lab_only``, which only say that no such account is open.
"""
