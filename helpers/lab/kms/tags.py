"""Tags on KMS keys."""

from typing import Any

from .access import managed_key_for
from .exceptions import KmsError
from .key import Key, Tag
from .models import LabKmsBackend
from .paging import page

MOST_TAGS = 50


def checked(new: list[dict[str, str]], present: dict[str, Tag] | None = None) -> dict[str, Tag]:
    """Return the tags that a key has after ``new`` were added. Raises TagException."""
    tags = {tag["TagKey"]: tag["TagValue"] for tag in new}
    if len(tags) < len(new):
        raise KmsError("TagException", "Duplicate tag keys")
    if any(name.lower().startswith("aws:") for name in tags):
        raise KmsError("TagException", "Tags beginning with aws: are reserved")
    together = dict(present or {})
    for name, value in tags.items():
        last = max((tag.place for tag in together.values()), default=-1)
        place = together[name].place if name in together else last + 1
        together[name] = Tag(value, place)
    if len(together) > MOST_TAGS:
        raise KmsError("TagException", "Too many tags")
    return together


def listed(key: Key) -> list[dict[str, str]]:
    """A key's tags as the API lists them, in the order in which they were added."""
    ordered = sorted(key.tags.items(), key=lambda item: item[1].place)
    return [{"TagKey": name, "TagValue": tag.value} for name, tag in ordered]


def tag_resource(backend: LabKmsBackend, request: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html"""
    key = managed_key_for(backend, request["KeyId"], "TagResource")
    key.tags = checked(request["Tags"], key.tags)


def untag_resource(backend: LabKmsBackend, request: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_UntagResource.html"""
    key = managed_key_for(backend, request["KeyId"], "UntagResource")
    key.tags = {k: v for k, v in key.tags.items() if k not in request["TagKeys"]}


def list_resource_tags(backend: LabKmsBackend, request: dict[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html"""
    key = managed_key_for(backend, request["KeyId"], "ListResourceTags")
    # Tags keep the order in which they were added, so a tag's place is its name here.
    numbered = {
        f"{tag.place:09}": {"TagKey": name, "TagValue": tag.value} for name, tag in key.tags.items()
    }
    tags, paging = page(numbered, request, default=50, most=50)
    return {"Tags": tags, **paging}


OPERATIONS = {
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListResourceTags": list_resource_tags,
}
