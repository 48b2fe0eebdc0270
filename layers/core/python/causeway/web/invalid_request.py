"""What pydantic found wrong with a request, in words of ours: what was expected, and what was found.

pydantic writes for whoever wrote the schema ("Input should be a valid integer, unable to parse string as an integer");
the table below writes for whoever sent the request. Source: pydantic documentation, "Validation Errors".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from causeway.web.wire import FieldError

Found = Mapping[str, Any]
_SHOWN = 60
_SECRET = re.compile(r"password|secret|token|key|code|cursor", re.IGNORECASE)
_TIME = "must be a time such as 2024-01-31T14:30:00Z"
_DATE = "must be a date such as 2024-01-31"
_NUMBER = "must be a number"
_WHOLE = "must be a whole number"
_OBJECT = "must be a JSON object"
_LIST = "must be a list"
_EXPECTED = {
    "int_parsing": _WHOLE, "int_type": _WHOLE, "int_from_float": _WHOLE, "int_parsing_size": _WHOLE,
    "float_parsing": _NUMBER, "float_type": _NUMBER, "decimal_parsing": _NUMBER, "decimal_type": _NUMBER,
    "finite_number": "must be a finite number",
    "bool_parsing": "must be true or false", "bool_type": "must be true or false",
    "string_type": "must be text", "string_unicode": "must be text in UTF-8",
    "uuid_parsing": "must be an id such as 0b7c1f2e-1111-4222-8333-444455556666",
    "uuid_type": "must be an id such as 0b7c1f2e-1111-4222-8333-444455556666",
    "datetime_parsing": _TIME, "datetime_type": _TIME, "datetime_from_date_parsing": _TIME,
    "datetime_object_invalid": _TIME, "timezone_aware": _TIME,
    "date_parsing": _DATE, "date_type": _DATE, "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "list_type": _LIST, "tuple_type": _LIST, "dict_type": _OBJECT, "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "greater_than": "must be more than {gt}", "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}", "less_than_equal": "must be at most {le}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "literal_error": "must be one of {expected}", "enum": "must be one of {expected}",
    "string_pattern_mismatch": "must match the pattern {pattern}",
    "decimal_max_digits": "must have at most {max_digits} digits",
    "decimal_max_places": "must have at most {decimal_places} digits behind the point",
    "decimal_whole_digits": "must have at most {whole_digits} digits before the point",
    "union_tag_invalid": "must have {discriminator} of one of {expected_tags}",
    "union_tag_not_found": "must have the field {discriminator}",
}  # fmt: skip
_PATTERNS = dict.fromkeys((r"^[^\x00]*$", r"^[^\x00]+$"), "must be text without the character NUL")
_LENGTHS = {
    "string_too_short": "must have at least {min_length} {signs}; found {length}",
    "string_too_long": "must have at most {max_length} {signs}; found {length}",
    "too_short": "must hold at least {min_length} {items}; found {length}",
    "too_long": "must hold at most {max_length} {items}; found {length}",
}
_WHOLE_SENTENCES = {
    "missing": "is missing; send it",
    "extra_forbidden": "is not known here; correct its name or leave it out",
    "json_invalid": "must be JSON; found {error}",
}


def field_error(found: Found) -> FieldError:
    """One of pydantic's findings as it goes out."""
    return FieldError(field="body" if found["type"] == "json_invalid" else field_name(found["loc"]), message=say(found))


def field_name(location: Sequence[Any]) -> str:
    """``("body", "spec", "end")`` as ``spec.end``; the place (query, header) is named only when nothing follows."""
    parts = [str(part) for part in location]
    return ".".join(parts[1:] if len(parts) > 1 else parts)


def say(found: Found) -> str:
    """What was expected, and what was found unless it may be a secret."""
    kind, context = str(found["type"]), dict(found.get("ctx") or {})
    if kind in _WHOLE_SENTENCES:
        return _WHOLE_SENTENCES[kind].format_map(context)
    if kind in _LENGTHS:
        return _LENGTHS[kind].format_map(_counted(context, found.get("input")))
    if kind in {"value_error", "assertion_error"}:  # a validator of ours, which says both
        return str(context.get("error", found["msg"]))
    return _expected(kind, context, str(found["msg"])) + _shown(found)


def _expected(kind: str, context: Mapping[str, Any], message: str) -> str:
    template = _PATTERNS.get(context.get("pattern", "")) or _EXPECTED.get(kind)
    if template is None:
        return message.removeprefix("Input ").replace("should be", "must be", 1)
    told = {name: str(value).replace("'", "").replace(" or ", ", ") for name, value in context.items()}
    return template.format_map(told)


def _counted(context: Mapping[str, Any], given: Any) -> dict[str, Any]:
    bound = context.get("min_length", context.get("max_length"))
    one = bound == 1
    length = context.get("actual_length", len(given) if hasattr(given, "__len__") else "another")
    return {**context, "signs": "sign" if one else "signs", "items": "item" if one else "items", "length": length}


def _shown(found: Found) -> str:
    whole_body = tuple(found["loc"]) == ("body",)
    secret = whole_body or _SECRET.search(field_name(found["loc"]))
    if secret or isinstance(found.get("input"), dict | list | tuple):
        return ""
    text = repr(found.get("input"))
    return f"; found {text if len(text) <= _SHOWN else f'{text[:_SHOWN]}...'}"
