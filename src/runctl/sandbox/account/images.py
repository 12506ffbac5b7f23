"""The AMIs that there are, under the names and public SSM parameters by which they are found on AWS."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from moto.ec2.models.amis import Ami


class Image(NamedTuple):
    """An AMI. `parameters` are the public SSM parameters that hold its id."""

    name: str
    description: str
    owner_id: str
    owner_alias: str | None
    architecture: str
    root_device: str
    root_gib: int
    parameters: tuple[str, ...]


_CANONICAL, _DEBIAN, _AMAZON = "099720109477", "136693071363", "137112412989"
_DEEP_LEARNING = "898082745236"
_ARM = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64"}


def _images() -> Iterator[Image]:
    for release, code, disk in (("22.04", "jammy", "ebs-gp2"), ("24.04", "noble", "ebs-gp3")):
        for arch in ("amd64", "arm64"):
            kind = "hvm-ssd" if disk == "ebs-gp2" else "hvm-ssd-gp3"
            yield Image(
                f"ubuntu/images/{kind}/ubuntu-{code}-{release}-{arch}-server-20260901",
                f"Canonical, Ubuntu, {release}, {arch} {code} image",
                _CANONICAL, "amazon", _ARM[arch], "/dev/sda1", 8,
                (f"/aws/service/canonical/ubuntu/server/{release}/stable/current/{arch}/hvm/{disk}/ami-id",),
            )  # fmt: skip
    for number, code in (("12", "bookworm"), ("13", "trixie")):
        for arch in ("amd64", "arm64"):
            yield Image(
                f"debian-{number}-{arch}-20260901-2000", f"Debian {number} (20260901-2000)",
                _DEBIAN, "amazon", _ARM[arch], "/dev/xvda", 8,
                (
                    f"/aws/service/debian/release/{number}/latest/{arch}",
                    f"/aws/service/debian/release/{code}/latest/{arch}",
                ),
            )  # fmt: skip
    for arch in ("x86_64", "arm64"):
        yield Image(
            f"al2023-ami-2023.8.20260901.0-kernel-6.1-{arch}", f"Amazon Linux 2023 AMI 2023.8 {arch} HVM kernel-6.1",
            _AMAZON, "amazon", arch, "/dev/xvda", 8,
            (
                f"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{arch}",
                f"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-{arch}",
            ),
        )  # fmt: skip
        for system, name, device in (
            ("ubuntu-22.04", "Ubuntu 22.04", "/dev/sda1"),
            ("ubuntu-24.04", "Ubuntu 24.04", "/dev/sda1"),
            ("amazon-linux-2023", "Amazon Linux 2023", "/dev/xvda"),
        ):
            arm = "ARM64 " if arch == "arm64" else ""
            kind = f"base-oss-nvidia-driver-gpu-{system}"
            yield Image(
                f"Deep Learning {arm}Base OSS Nvidia Driver GPU AMI ({name}) 20260901",
                f"Supported EC2 instances: G4dn, G5, G6, P4d, P5; {name}",
                _DEEP_LEARNING, "amazon", arch, device, 75,
                (f"/aws/service/deeplearning/ami/{arch}/{kind}/latest/ami-id",),
            )  # fmt: skip


IMAGES = tuple(_images())


def image_id(image: Image, region: str) -> str:
    """An AMI's id in a region: the same in every sandbox, another in every region."""
    return "ami-" + hashlib.sha256(f"{region} {image.name}".encode()).hexdigest()[:17]


def image_parameters(region: str) -> dict[str, str]:
    """The public SSM parameters of a region's AMIs: name → AMI id."""
    return {name: image_id(image, region) for image in IMAGES for name in image.parameters}


class SandboxAmi(Ami):
    """An AMI whose root device is what the table says."""

    root_gib = 8

    @property
    def block_device_mappings(self) -> list[dict[str, Any]]:
        ebs = {
            "SnapshotId": self.ebs_snapshot.id,
            "VolumeSize": self.root_gib,
            "DeleteOnTermination": True,
            "VolumeType": "gp3",
            "Iops": 3000,
            "Throughput": 125,
            "Encrypted": False,
        }
        return [{"DeviceName": self.root_device_name, "Ebs": ebs}]


def add_images(backend: Any) -> None:
    """Puts the AMIs into moto's model of a region."""
    for image in IMAGES:
        ami = SandboxAmi(
            backend,
            image_id(image, backend.region_name),
            name=image.name,
            description=image.description,
            owner_id=image.owner_id,
            owner_alias=image.owner_alias,
            public=True,
            virtualization_type="hvm",
            architecture=image.architecture,
            hypervisor="xen",
            root_device_type="ebs",
            root_device_name=image.root_device,
            image_location=f"{image.owner_alias}/{image.name}",
            region_name=f"{backend.region_name}a",
        )
        ami.root_gib = ami.ebs_snapshot.volume.size = image.root_gib
        backend.amis[ami.id] = ami
