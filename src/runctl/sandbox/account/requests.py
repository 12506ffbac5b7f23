"""EC2's actions that moto lacks, or that it answers otherwise than EC2: a subclass of its request handler."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.responses import EC2Response

from runctl.sandbox.account.launching import Launch, launch_of
from runctl.sandbox.account.prices import spot_price
from runctl.sandbox.account.refusing import refuse
from runctl.sandbox.account.tokens import Tokens


class Ec2Requests(EC2Response):
    """Reads requests and words answers; what they do is the models' affair."""

    # --- instances

    def run_instances(self) -> ActionResult:
        backend = self.ec2_backend
        return self._once(backend.tokens, self._run_instances)

    def _run_instances(self) -> ActionResult:
        backend = self.ec2_backend
        self._check_profile()
        backend.launch = launch_of(self.params, self._parse_tag_specification())
        try:
            answer = super().run_instances()
        finally:
            backend.launch = Launch()
        profile = self._get_param("IamInstanceProfile", {})
        for instance in answer.result.instances[1:] if profile else ():  # type: ignore[attr-defined]
            backend.associate_iam_instance_profile(
                instance.id,
                iam_instance_profile_name=profile.get("Name"),
                iam_instance_profile_arn=profile.get("Arn"),
            )
        return answer

    def _check_profile(self) -> None:
        name = self._get_param("IamInstanceProfile.Name")
        arn = self._get_param("IamInstanceProfile.Arn")
        if not name and not arn:
            return
        from moto.iam.models import iam_backends

        known = iam_backends[self.current_account]["aws"].instance_profiles.values()
        is_known = any(name == profile.name or arn == profile.arn for profile in known)
        if not is_known or self.ec2_backend.parts.faults.strike("no-profile-yet"):
            parameter = "iamInstanceProfile.name" if name else "iamInstanceProfile.arn"
            text = f"Value ({name or arn}) for parameter {parameter} is invalid. Invalid IAM Instance Profile "
            refuse("InvalidParameterValue", text + ("name" if name else "ARN"))

    def _parse_block_device_mapping(self) -> list[dict[str, Any]]:
        # volumes are made from the `Launch`
        return []

    def modify_instance_attribute(self) -> ActionResult:
        behavior = self._get_param("InstanceInitiatedShutdownBehavior.Value")
        if behavior is not None:
            self.error_on_dryrun()
            instance_id = self._get_param("InstanceId")
            self.ec2_backend.modify_instance_attribute(instance_id, "instance_initiated_shutdown_behavior", behavior)
            return EmptyResult()
        answer = super().modify_instance_attribute()
        if self._get_param("Groups"):
            self.ec2_backend.rules_changed()
        return answer

    def describe_instance_status(self) -> ActionResult:
        wanted = self._filters_from_querystring()
        states, zones = wanted.pop("instance-state-name", None), wanted.pop("availability-zone", None)
        everything = self._get_bool_param("IncludeAllInstances", False)
        instances = self.ec2_backend.describe_instance_status(self._get_param("InstanceIds", []), everything, [])
        found = [
            each
            for each in instances
            if (not states or each.state in states) and (not zones or each.availability_zone in zones)
        ]
        return ActionResult({"InstanceStatuses": found})

    def get_console_output(self) -> ActionResult:
        import base64

        instance = self.ec2_backend.get_instance(self._get_param("InstanceId"))
        output = self.ec2_backend.console_of(instance)
        encoded = base64.b64encode(output[-65536:].encode("utf-8", "replace")).decode()
        return ActionResult({"InstanceId": instance.id, "Output": encoded, "Timestamp": instance.launch_time})

    # --- volumes and snapshots

    def create_volume(self) -> ActionResult:
        return self._once(self.ec2_backend.tokens, self._create_volume)

    def _create_volume(self) -> ActionResult:
        zone = self._get_param("AvailabilityZone")
        if zone not in {each.name for each in self.ec2_backend.describe_availability_zones()}:
            refuse("InvalidZone.NotFound", f"The zone '{zone}' does not exist.")
        snapshot_id, size = self._get_param("SnapshotId"), self._get_param("Size")
        if snapshot_id and size and int(size) < self.ec2_backend.get_snapshot(snapshot_id).volume_size:
            refuse("InvalidParameterValue", f"Volume of size {size}GB is smaller than snapshot '{snapshot_id}'")
        answer = super().create_volume()
        self.ec2_backend.make_disk(answer.result)
        return answer

    def detach_volume(self) -> ActionResult:
        self.error_on_dryrun()
        attachment = self.ec2_backend.detach_volume(
            self._get_param("VolumeId"),
            self._get_param("InstanceId"),
            self._get_param("Device"),
            bool(self._get_bool_param("Force", False)),
        )
        result = {
            "VolumeId": attachment.volume.id,
            "InstanceId": attachment.instance.id,
            "Device": attachment.device,
            "State": "detaching",
            "AttachTime": attachment.attach_time,
        }
        return ActionResult(result)

    def describe_snapshots(self) -> ActionResult:
        answer = super().describe_snapshots()
        named = {"self": self.current_account, "amazon": "137112412989"}
        owners = {named.get(each, each) for each in self._get_param("OwnerIds", [])}
        snapshots: list[Any] = answer.result["Snapshots"]  # type: ignore[index]
        return ActionResult({"Snapshots": [each for each in snapshots if not owners or each.owner_id in owners]})

    def describe_volume_status(self) -> ActionResult:  # type: ignore[override]
        volumes = self.ec2_backend.describe_volumes(self._get_param("VolumeIds", []))
        fine = {"Status": "ok", "Details": [{"Name": "io-enabled", "Status": "passed"}]}
        statuses = [
            {"VolumeId": each.id, "AvailabilityZone": each.availability_zone, "VolumeStatus": fine, "Events": []}
            for each in volumes
        ]
        return ActionResult({"VolumeStatuses": statuses})

    # --- addresses and security groups

    def associate_address(self) -> ActionResult:
        answer = super().associate_address()
        self.ec2_backend.addresses_changed()
        return answer

    def disassociate_address(self) -> ActionResult:
        answer = super().disassociate_address()
        self.ec2_backend.addresses_changed()
        return answer

    def release_address(self) -> ActionResult:
        answer = super().release_address()
        self.ec2_backend.addresses_changed()
        return answer

    def authorize_security_group_ingress(self) -> Any:
        return self._with_rules_changed(super().authorize_security_group_ingress)

    def revoke_security_group_ingress(self) -> Any:
        return self._with_rules_changed(super().revoke_security_group_ingress)

    def modify_security_group_rules(self) -> Any:
        return self._with_rules_changed(super().modify_security_group_rules)

    def modify_network_interface_attribute(self) -> Any:
        return self._with_rules_changed(super().modify_network_interface_attribute)

    def _with_rules_changed(self, action: Callable[[], Any]) -> Any:
        answer = action()
        self.ec2_backend.rules_changed()
        return answer

    # --- spot

    def describe_spot_price_history(self) -> ActionResult:
        from moto.core.utils import utcnow

        backend, wanted = self.ec2_backend, self._filters_from_querystring()
        types = self._get_param("InstanceTypes", []) or wanted.get("instance-type", [])
        zone = self._get_param("AvailabilityZone")
        zones = [zone] if zone else wanted.get("availability-zone", [])
        offers = backend.describe_instance_type_offerings("availability-zone", {"instance-type": list(types)})
        history = [
            {
                "InstanceType": offer["InstanceType"],
                "ProductDescription": "Linux/UNIX",
                "SpotPrice": f"{spot_price(backend.region_name, offer['Location'], offer['InstanceType']):.6f}",
                "AvailabilityZone": offer["Location"],
                "Timestamp": utcnow(),
            }
            for offer in offers
            if not zones or offer["Location"] in zones
        ]
        return ActionResult({"SpotPriceHistory": history, "NextToken": ""})

    # --- the same request twice

    def _once(self, tokens: Tokens, action: Callable[[], ActionResult]) -> ActionResult:
        token = self._get_param("ClientToken")
        if not token:
            return action()
        asked = json.dumps({k: v for k, v in self.data.items() if k not in ("ClientToken", "DryRun")}, sort_keys=True)
        before = tokens.answer_to(token, asked)
        if before is not None:
            self.error_on_dryrun()
            return ActionResult(before)
        answer = action()
        tokens.remember(token, asked, answer.result)
        return answer
