"""House rules as code, for the front desk."""

__version__ = "0.1.0"
