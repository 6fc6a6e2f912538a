"""SHA-256 of small texts, without the three milliseconds that loading OpenSSL takes at every start.

The standard library's `random` does the same. For millions of lines OpenSSL's is four times as fast: see `ledger.line`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import sha256
else:
    try:
        from _sha2 import sha256  # Python 3.12 and newer
    except ImportError:
        try:
            from _sha256 import sha256
        except ImportError:  # a Python that was built without its own
            from hashlib import sha256

__all__ = ["sha256"]
