"""Machine images: the one for a type, found through public SSM parameters, or the one that the user names."""

from __future__ import annotations

from typing import Any, NamedTuple

from runctl.core.aws import Account, calling
from runctl.core.errors import CloudError, NotFoundError, UsageError
from runctl.core.text import printable
from runctl.providers.aws.types import InstanceType

# https://docs.aws.amazon.com/dlami/latest/devguide/find-dlami-id.html; newest system first
_GPU = (
    "/aws/service/deeplearning/ami/{dlami}/base-oss-nvidia-driver-gpu-ubuntu-24.04/latest/ami-id",
    "/aws/service/deeplearning/ami/{dlami}/base-oss-nvidia-driver-gpu-ubuntu-22.04/latest/ami-id",
)
# GPUs before Turing are not supported by the open kernel modules
_OLD_GPU = ("/aws/service/deeplearning/ami/{dlami}/base-proprietary-nvidia-driver-gpu-amazon-linux-2/latest/ami-id",)
_OLD_GPU_FAMILIES = ("p3.", "p3dn.", "p2.", "g3.", "g3s.")
# https://documentation.ubuntu.com/aws/aws-how-to/instances/find-ubuntu-images/
_PLAIN = ("/aws/service/canonical/ubuntu/server/24.04/stable/current/{ubuntu}/hvm/ebs-gp3/ami-id",)
_UBUNTU_NAMES = {"x86_64": "amd64", "arm64": "arm64"}


class Image(NamedTuple):
    """A machine image. `root_gib` is the least size of the volume that boots it; `source` says why it was chosen."""

    id: str
    name: str
    architecture: str
    root_device: str
    root_gib: int
    source: str


def image_for(account: Account, kind: InstanceType) -> Image:
    """The image for a type: NVIDIA's driver and Docker where it has GPUs, else Ubuntu. Raises CloudError."""
    names = [
        name.format(dlami=kind.architecture, ubuntu=_UBUNTU_NAMES[kind.architecture]) for name in _parameters(kind)
    ]
    with calling("look up the machine image"):
        answer = account.client("ssm").get_parameters(Names=names)
    found = {parameter["Name"]: parameter["Value"] for parameter in answer["Parameters"]}
    for name in names:
        if name in found:
            return image_called(account, found[name], kind, source=name)
    raise CloudError(
        f"{account.region} has no public parameter {names[0]}", hint="name a machine image: --ami ami-…", code="NoImage"
    )


def image_called(account: Account, image_id: str, kind: InstanceType, source: str = "--ami") -> Image:
    """The image of this id, which `kind` can boot. Raises NotFoundError, UsageError."""
    described = _described(account, image_id)
    architecture = described.get("Architecture", kind.architecture)
    if architecture != kind.architecture:
        raise UsageError(
            f"{image_id} is for {architecture}, {kind.name} is {kind.architecture}",
            hint=f"leave --ami out to have an image for {kind.name}",
        )
    device = described.get("RootDeviceName") or "/dev/sda1"
    sizes = [
        mapping["Ebs"].get("VolumeSize", 1)
        for mapping in described.get("BlockDeviceMappings", ())
        if mapping.get("DeviceName") == device and "Ebs" in mapping
    ]
    return Image(image_id, described.get("Name", ""), architecture, device, sizes[0] if sizes else 1, source)


def _described(account: Account, image_id: str) -> dict[str, Any]:
    try:
        with calling(f"look up the machine image {printable(image_id)}"):
            found = account.client("ec2").describe_images(ImageIds=[image_id])["Images"]
    except NotFoundError:
        found = []
    for image in found:
        described: dict[str, Any] = image
        return described
    raise NotFoundError(
        f"there is no machine image {printable(image_id)} in {account.region}",
        hint="images belong to one region; leave --ami out to have one chosen",
    )


def _parameters(kind: InstanceType) -> tuple[str, ...]:
    if not kind.gpus:
        return _PLAIN
    return _OLD_GPU if kind.name.startswith(_OLD_GPU_FAMILIES) else _GPU
