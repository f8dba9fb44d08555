"""The types of the SDKs' own requests: which kinds a union has, and an example of each."""

import enum
import inspect
import types
import typing

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
"""A picture of one pixel."""

GIVEN = {
    "image_url": f"data:image/png;base64,{PNG}",
    "url": "https://example.org/a",
    "uri": "https://example.org/a",
    "file_uri": "https://example.org/a",
    "document_url": "https://example.org/a",
    "data": PNG,
    "file_data": f"data:application/pdf;base64,{PNG}",
    "file_url": "https://example.org/a",
    "result": PNG,
    "input_audio": PNG,
    "media_type": "image/png",
    "mime_type": "image/png",
    "mimeType": "image/png",
    "fileUri": "https://example.org/a",
    "startOffset": "1s",
    "endOffset": "2s",
    "output_format": "png",
}
"""What a field of this name is given: no word that could be told from another."""

DEEPEST = 12
"""Levels of a type that holds itself."""

WRITTEN = "word-{}"
"""What every other text says: the path of the field that it is in."""


def members(union):
    """The types of a union, however it is nested and annotated."""
    if isinstance(union, str):
        return []
    if type(union).__name__ == "TypeAliasType":
        return members(union.__value__)
    if _is_typed_dict(union) or _is_model(union):
        return [union]
    found = [one for part in typing.get_args(union) for one in members(part)]
    return list({one.__name__: one for one in found}.values())


def kinds(member):
    """The values of a member's `type`, or its name."""
    return [str(one) for one in _literals(fields(member).get("type"))] or [member.__name__]


def fields(member):
    """A member's fields and their types."""
    if _is_model(member):
        return {
            field.alias or name: field.annotation for name, field in member.model_fields.items()
        }
    return typing.get_type_hints(member, include_extras=False)


def example(kind, path="", depth=0):
    """A value of a type with every field set, and a word for each text in it."""
    if depth > DEEPEST:
        return None
    name = path.rpartition(".")[2].rstrip("0123456789[]")
    if _is_typed_dict(kind) or _is_model(kind):
        return {
            key: value
            for key, field in fields(kind).items()
            if (value := example(field, f"{path}.{key}".lstrip("."), depth + 1)) is not None
        }
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if type(kind).__name__ == "TypeAliasType":
        return example(kind.__value__, path, depth)
    if type(origin).__name__ == "TypeAliasType":  # mistralai's OptionalNullable[...]
        return example(inside[0], path, depth)
    if origin in (typing.Annotated, typing.Required, typing.NotRequired):
        return example(inside[0], path, depth)
    if origin is typing.Literal:
        return inside[0]
    if origin in (typing.Union, types.UnionType):
        return example(_first(inside), path, depth)
    if kind is str or kind is object or kind is typing.Any:
        return GIVEN.get(name, WRITTEN.format(path))
    if kind is bytes:
        return PNG.encode()
    if kind in (int, float, bool):
        return kind(1)
    if inspect.isclass(kind) and issubclass(kind, enum.Enum):
        return list(kind)[-1].value
    if origin is not None and inside:
        if issubclass(origin, typing.Mapping) or origin is dict:
            return {"key": example(inside[1], f"{path}.key", depth + 1)}
        return [example(inside[0], f"{path}[0]", depth + 1)]
    if kind is dict:
        return {"key": WRITTEN.format(f"{path}.key")}
    return None


def _first(inside):
    """The member of a union that says most: an object, else the first that is not None."""
    real = [one for one in inside if one is not type(None)]
    rich = [one for one in real if _is_typed_dict(one) or _is_model(one)]
    return (rich or real)[0]


def _literals(kind):
    if kind is None:
        return ()
    if typing.get_origin(kind) is typing.Literal:
        return typing.get_args(kind)
    if inspect.isclass(kind) and issubclass(kind, enum.Enum):
        return tuple(one.value for one in kind)
    return tuple(one for part in typing.get_args(kind) for one in _literals(part))


def _is_typed_dict(kind):
    return inspect.isclass(kind) and (
        typing.is_typeddict(kind) or hasattr(kind, "__required_keys__")
    )


def _is_model(kind):
    return inspect.isclass(kind) and hasattr(kind, "model_fields")


def words(given):
    """The words that `example` wrote, each with the path of its field."""
    if isinstance(given, dict):
        return [word for value in given.values() for word in words(value)]
    if isinstance(given, list):
        return [word for value in given for word in words(value)]
    return [given] if isinstance(given, str) and given.startswith(WRITTEN.format("")) else []
