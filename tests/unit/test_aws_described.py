"""DescribeInstances' XML is read as botocore reads it."""

from __future__ import annotations

from typing import Any

import botocore.parsers
import botocore.session

from runctl.providers.aws import described
from runctl.providers.aws.model import instance_of

ANSWER = """<?xml version="1.0" encoding="UTF-8"?>
<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <requestId>8f7724cf-496f-496e-8fe3-example</requestId>
  <reservationSet>
    <item><reservationId>r-1</reservationId><ownerId>123456789012</ownerId><groupSet/>
      <instancesSet>
        <item>
          <instanceId>i-1234567890abcdef0</instanceId><imageId>ami-bff32ccc</imageId>
          <instanceState><code>16</code><name>running</name></instanceState>
          <privateDnsName>ip-192-168-1-88.eu-west-1.compute.internal</privateDnsName>
          <reason/><keyName>my &amp; pair</keyName><amiLaunchIndex>0</amiLaunchIndex><productCodes/>
          <instanceType>g5.xlarge</instanceType><launchTime>2026-05-08T16:46:19.000Z</launchTime>
          <placement><availabilityZone>eu-west-1c</availabilityZone><groupName/><tenancy>default</tenancy></placement>
          <monitoring><state>disabled</state></monitoring>
          <subnetId>subnet-56f5f633</subnetId><vpcId>vpc-11112222</vpcId>
          <privateIpAddress>192.168.1.88</privateIpAddress><ipAddress>54.194.252.215</ipAddress>
          <groupSet><item><groupId>sg-e4076980</groupId><groupName>runctl</groupName></item>
            <item><groupId>sg-2</groupId><groupName>other</groupName></item></groupSet>
          <architecture>arm64</architecture><rootDeviceType>ebs</rootDeviceType>
          <rootDeviceName>/dev/sda1</rootDeviceName>
          <blockDeviceMapping>
            <item><deviceName>/dev/sda1</deviceName><ebs><volumeId>vol-1</volumeId><status>attached</status>
              <attachTime>2026-05-08T16:46:20.000Z</attachTime><deleteOnTermination>true</deleteOnTermination></ebs></item>
            <item><deviceName>/dev/sdf</deviceName><ebs><volumeId>vol-2</volumeId><status>attached</status>
              <attachTime>2026-05-08T16:46:20.000Z</attachTime><deleteOnTermination>false</deleteOnTermination></ebs></item>
          </blockDeviceMapping>
          <instanceLifecycle>spot</instanceLifecycle><spotInstanceRequestId>sir-1</spotInstanceRequestId>
          <iamInstanceProfile><arn>arn:aws:iam::123456789012:instance-profile/path/runctl</arn><id>A</id></iamInstanceProfile>
          <tagSet><item><key>Name</key><value>träiner ✓</value></item><item><key>empty</key><value/></item></tagSet>
        </item>
      </instancesSet>
    </item>
    <item><reservationId>r-2</reservationId><ownerId>123456789012</ownerId>
      <instancesSet>
        <item><instanceId>i-2</instanceId><imageId>ami-2</imageId><instanceType>t3.micro</instanceType>
          <instanceState><code>48</code><name>terminated</name></instanceState>
          <placement><availabilityZone>us-east-1-bos-1a</availabilityZone></placement>
          <launchTime>2026-05-08T16:46:19.000Z</launchTime><reason>User initiated</reason>
          <stateReason><code>Client</code><message>Client.UserInitiatedShutdown: by you</message></stateReason>
          <architecture>x86_64</architecture></item>
      </instancesSet></item>
  </reservationSet>
  <nextToken>more</nextToken>
</DescribeInstancesResponse>
""".encode()


def test_both_readers_agree_about_every_field() -> None:
    model = botocore.session.get_session().get_service_model("ec2").operation_model("DescribeInstances")
    parser = botocore.parsers.create_parser("ec2")
    answer = parser.parse({"status_code": 200, "headers": {}, "body": ANSWER}, model.output_shape)
    theirs = [instance_of(each) for reservation in answer["Reservations"] for each in reservation["Instances"]]
    response: dict[str, Any] = {"status_code": 200, "headers": {}, "body": ANSWER}
    ours: dict[str, Any] = {}
    described._take_over(response_dict=response, customized_response_dict=ours)
    assert ours[described.INSTANCES] == theirs
    assert theirs[0].spot and theirs[0].name == "träiner ✓" and theirs[0].profile == "runctl"
    assert theirs[0].data_volumes[0].volume_id == "vol-2"
    assert (theirs[1].region, theirs[1].ended) == ("us-east-1", True)
    # what is left is for botocore: the next page
    rest = parser.parse(response, model.output_shape)
    assert rest["NextToken"] == "more"
    assert not rest.get("Reservations")


def test_an_error_is_left_to_botocore() -> None:
    response = {"status_code": 503, "headers": {}, "body": b"<html>busy"}
    described._take_over(response_dict=response, customized_response_dict={})
    assert response["body"] == b"<html>busy"
