"""What the lessons import: ``lab``, ``figures`` and ``practice``."""
