"""DescribeInstances' answer, read straight from its XML: of a thousand instances in a fifth of botocore's time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from runctl.providers.aws.model import AttachedVolume, Instance

_EVENT = "before-parse.ec2.DescribeInstances"
# the key under which pages carry their instances
INSTANCES = "runctl:instances"
Fields = dict[str, ElementTree.Element]


@contextmanager
def reading_itself(client: Any) -> Iterator[None]:
    """Within the block pages of DescribeInstances hold a list of Instance under INSTANCES, and no reservations."""
    client.meta.events.register(_EVENT, _take_over, unique_id=INSTANCES)
    try:
        yield
    finally:
        client.meta.events.unregister(_EVENT, unique_id=INSTANCES)


def _take_over(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    if response_dict["status_code"] != 200:
        return  # an error is botocore's
    answer = ElementTree.fromstring(response_dict["body"])
    reservations = answer.find("{*}reservationSet")
    customized_response_dict[INSTANCES] = [
        _instance(_fields(item))
        for reservation in (reservations if reservations is not None else ())
        for instances in reservation.iterfind("{*}instancesSet")
        for item in instances
    ]
    # what is left for botocore: the token of the next page
    if reservations is not None:
        answer.remove(reservations)
    response_dict["body"] = ElementTree.tostring(answer)


def _instance(fields: Fields) -> Instance:
    return Instance(
        id=_text(fields, "instanceId"),
        type=_text(fields, "instanceType"),
        state=_inner(fields, "instanceState", "name"),
        zone=_inner(fields, "placement", "availabilityZone"),
        ami=_text(fields, "imageId"),
        architecture=_text(fields, "architecture") or "x86_64",
        launched_at=_seconds(_text(fields, "launchTime")),
        public_address=_text(fields, "ipAddress") or None,
        private_address=_text(fields, "privateIpAddress") or None,
        vpc=_text(fields, "vpcId") or None,
        subnet=_text(fields, "subnetId") or None,
        key_name=_text(fields, "keyName") or None,
        profile=_inner(fields, "iamInstanceProfile", "arn").rpartition("/")[2] or None,
        security_groups=tuple(_text(_fields(group), "groupId") for group in fields.get("groupSet", ())),
        spot=_text(fields, "instanceLifecycle") == "spot",
        spot_request=_text(fields, "spotInstanceRequestId") or None,
        reason=_inner(fields, "stateReason", "message") or _text(fields, "reason"),
        root_device=_text(fields, "rootDeviceName"),
        volumes=tuple(_volumes(fields.get("blockDeviceMapping", ()))),
        tags=_tags(fields.get("tagSet", ())),
    )


def _volumes(mappings: Iterable[ElementTree.Element]) -> Iterator[AttachedVolume]:
    for mapping in map(_fields, mappings):
        if "ebs" in mapping:
            ebs = _fields(mapping["ebs"])
            ends = _text(ebs, "deleteOnTermination") == "true"
            yield AttachedVolume(_text(ebs, "volumeId"), _text(mapping, "deviceName"), ends)


def _tags(items: Iterable[ElementTree.Element]) -> Mapping[str, str]:
    found = map(_fields, items)
    return {_text(item, "key"): _text(item, "value") for item in found}


def _fields(element: ElementTree.Element) -> Fields:
    """The children of an element by their names without namespace."""
    return {child.tag.rpartition("}")[2]: child for child in element}


def _text(fields: Fields, name: str) -> str:
    return (fields[name].text or "") if name in fields else ""


def _inner(fields: Fields, outer: str, name: str) -> str:
    return _text(_fields(fields[outer]), name) if outer in fields else ""


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() if text else 0.0
