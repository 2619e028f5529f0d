"""What the lessons import: ``lab``, ``figures``, ``practice`` and ``envelope``."""
