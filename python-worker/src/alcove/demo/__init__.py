"""What people try first: an image shared by hand between processes, and one played as a live stream.

``python -m alcove.demo --help`` says more; ``./alcove demo`` does the same in Java. It stands on what ``alcove``
exports, and shows how little that takes.
"""
