"""Companies as they are compared: without the suffix of their legal form, without brackets around a place."""

from __future__ import annotations

from crm_cli.identity.scripts import tokens

# Longest first; folded. Mainland, Hong Kong and Taiwan, then the usual Latin ones.
_FORMS = (
    *(
        "股份有限公司",
        "有限责任公司",
        "集团有限公司",
        "控股有限公司",
        "有限公司",
        "股份公司",
        "集团公司",
        "总公司",
        "公司",
        "集团",
    ),
    *(
        "companylimited",
        "coltd",
        "limited",
        "ltd",
        "llc",
        "inc",
        "incorporated",
        "corporation",
        "corp",
        "gmbh",
        "plc",
        "co",
    ),
)


def company_key(text: str) -> str:
    """Answer what a company is found by: its name in one script without its legal form, never nothing."""
    words = "".join(tokens(text))
    for form in _FORMS:
        if words.endswith(form) and len(words) > len(form) + 1:
            return words[: -len(form)]
    return words
