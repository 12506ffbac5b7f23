"""Who reaches whom in a sandbox, on real packets; and nothing of it stays."""

from __future__ import annotations

import json
import secrets
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from ipaddress import IPv4Network

import pytest
from boxes import VPC, Boxes, box, output, until

from runctl.sandbox import network as network_module
from runctl.sandbox.metadata import Host, Metadata
from runctl.sandbox.model import Rule, SandboxError
from runctl.sandbox.network import Network

__all__ = ["box"]
pytestmark = pytest.mark.slow

ANYONE = ("0.0.0.0/0", "::/0")
ALL = Rule("-1", -1, -1, ANYONE)
PORTS = (80, 8080)
SERVER = """
import socketserver, sys, threading
class Who(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(self.client_address[0].encode())
        while data := self.request.recv(100):
            self.request.sendall(data)
socketserver.ThreadingTCPServer.allow_reuse_address = True
for port in map(int, sys.argv[1:]):
    threading.Thread(target=socketserver.ThreadingTCPServer(("0.0.0.0", port), Who).serve_forever).start()
open("/run/serving", "w").close()
"""
ASK = """
import socket, sys
try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), 1) as connection:
        print(connection.recv(100).decode())
except TimeoutError:
    print("silence")
"""


@pytest.fixture(scope="module")
def serving(box: Boxes) -> Boxes:
    """Both hosts tell who calls, at some ports, and let everybody in."""
    for number in (1, 2):
        box.hosts.run(str(number), ["tee", "/run/server.py"], SERVER.encode())
        box.says(number, f"python3 /run/server.py {' '.join(map(str, PORTS))} >/dev/null 2>&1 &")
        until(lambda number=number: box.run(number, "test -e /run/serving").code == 0)
    return box


@pytest.fixture
def public(serving: Boxes) -> Iterator[dict[int, str]]:
    """The public addresses of both hosts, which let everybody in."""
    addresses = {}
    for number in (1, 2):
        addresses[number] = serving.network.public_address()
        serving.network.publish(addresses[number], serving.address(number))
        serving.network.guard(serving.pid(number), [ALL])
    yield addresses
    for address in addresses.values():
        serving.network.unpublish(address)


def from_here(address: str, port: int = 80) -> str:
    """Who the host saw, or "silence"."""
    try:
        with socket.create_connection((address, port), 1) as connection:
            return connection.recv(100).decode()
    except TimeoutError:
        return "silence"


def from_host(box: Boxes, number: int, address: str, port: int = 80) -> str:
    done = box.hosts.run(str(number), ["python3", "-c", ASK, address, str(port)])
    assert done.code == 0, done
    return done.stdout.decode().strip()


def test_public_addresses_lead_to_hosts_from_here_and_from_each_other(serving: Boxes, public: dict[int, str]) -> None:
    assert from_here(public[1]) == from_here(public[2]) == serving.network.machine()
    assert from_host(serving, 2, public[1]) == public[2]
    assert from_host(serving, 1, serving.address(2)) == serving.address(1)
    assert from_here(serving.address(1)) == serving.network.gateway(VPC)


def test_a_host_without_a_public_address_reaches_those_of_others(serving: Boxes, public: dict[int, str]) -> None:
    serving.network.unpublish(public[2])
    assert from_host(serving, 2, public[1]) == serving.network.gateway(VPC)


def test_an_address_that_is_nobodys_is_silent(serving: Boxes, public: dict[int, str]) -> None:
    serving.network.unpublish(public[1])
    serving.network.unpublish(public[1])
    assert from_here(public[1]) == from_host(serving, 2, public[1]) == "silence"


def test_an_address_moves_to_another_host(serving: Boxes, public: dict[int, str]) -> None:
    serving.network.publish(public[1], serving.address(2))
    assert from_host(serving, 2, serving.address(1)) == serving.address(2)
    assert from_host(serving, 1, public[1]) == serving.network.gateway(VPC)
    assert from_here(public[2]) == "silence"


def test_only_what_a_rule_lets_in_comes_in(serving: Boxes, public: dict[int, str]) -> None:
    serving.network.guard(serving.pid(1), [Rule("tcp", 79, 80, ANYONE), Rule("udp", 0, 65535, ANYONE)])
    assert from_here(public[1]) == serving.network.machine()
    assert from_here(public[1], 8080) == from_host(serving, 2, serving.address(1), 8080) == "silence"
    assert from_host(serving, 1, "127.0.0.1", 8080) == "127.0.0.1"
    assert from_host(serving, 1, serving.address(2), 8080) == serving.address(1)
    serving.network.guard(serving.pid(1), [])
    assert from_here(public[1]) == "silence"


def test_only_whom_a_rule_names_comes_in(serving: Boxes, public: dict[int, str]) -> None:
    serving.network.guard(serving.pid(1), [Rule("-1", -1, -1, (f"{public[2]}/32", "192.0.2.1/24"))])
    assert from_host(serving, 2, public[1]) == public[2]
    assert from_host(serving, 2, serving.address(1)) == "silence"
    assert from_here(public[1]) == "silence"
    with pytest.raises(SandboxError, match="no network"):
        serving.network.guard(serving.pid(1), [Rule("-1", -1, -1, ("0.0.0.0/0 accept; drop",))])
    assert from_host(serving, 2, public[1]) == public[2]


def test_pings_pass_where_a_rule_lets_them(serving: Boxes, public: dict[int, str]) -> None:
    ping = f"ping -c 1 -W 1 {serving.address(1)}"
    for rules, code in (
        ([Rule("tcp", 0, 65535, ANYONE)], 1),
        ([Rule("icmp", -1, -1, ANYONE)], 0),
        ([Rule("icmp", 8, -1, ANYONE)], 0),
        ([Rule("icmp", 13, 0, ANYONE)], 1),
    ):
        serving.network.guard(serving.pid(1), rules)
        assert serving.run(2, ping).code == code, rules


def test_a_port_that_a_hosts_own_container_would_publish_is_guarded(serving: Boxes, public: dict[int, str]) -> None:
    redirect = "table ip own { chain c { type nat hook prerouting priority dstnat; tcp dport 9000 redirect to :80; }; }"
    serving.says(1, f"nft '{redirect}'")
    assert from_here(public[1], 9000) == serving.network.machine()
    serving.network.guard(serving.pid(1), [Rule("tcp", 80, 80, ANYONE)])
    assert from_here(public[1], 9000) == "silence"
    serving.says(1, "nft delete table ip own")


def test_a_connection_goes_on_when_its_rule_is_taken_away(serving: Boxes, public: dict[int, str]) -> None:
    with socket.create_connection((public[1], 80), 2) as connection:
        connection.recv(100)
        serving.network.guard(serving.pid(1), [])
        connection.sendall(b"still there")
        assert connection.recv(100) == b"still there"


def test_a_cut_host_is_silent_and_so_is_the_world_to_it(serving: Boxes, public: dict[int, str]) -> None:
    with socket.create_connection((public[1], 80), 1) as connection:
        connection.recv(100)
        serving.network.cut(serving.pid(1))
        serving.network.cut(serving.pid(1))
        connection.sendall(b"delayed")
        with pytest.raises(TimeoutError):
            connection.recv(100)
        assert from_here(public[1]) == from_host(serving, 1, serving.address(2)) == "silence"
        serving.network.restore(serving.pid(1))
        serving.network.restore(serving.pid(1))
        connection.settimeout(10)
        assert connection.recv(100) == b"delayed"


def test_the_metadata_service_is_at_its_usual_address_for_hosts_alone(serving: Boxes) -> None:
    now = datetime.now(timezone.utc)

    asked: list[str] = []

    def find(address: str) -> Host | None:
        asked.append(address)
        if address != serving.address(1):
            return None
        return Host("i-1", "t3.micro", "us-east-1a", "us-east-1", "ami-1", address, "host-1", "02:00", "1", now)

    metadata = Metadata(find)
    serving.network.serve_metadata(VPC, metadata.serve(serving.network.gateway(VPC), 0))
    url = "http://169.254.169.254/latest"
    token = f"curl -sS -m 2 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' {url}/api/token"
    told = f'curl -sS -m 2 -H "X-aws-ec2-metadata-token: $({token})" {url}/meta-data/instance-id'
    assert serving.says(1, told) == "i-1"
    assert "403" in serving.says(2, token)
    subprocess.run(["curl", "-s", "-m", "1", url], stdout=subprocess.DEVNULL)
    assert set(asked) == {serving.address(1), serving.address(2)}
    metadata.close()


def test_the_token_does_not_pass_a_further_hop_than_it_may(serving: Boxes) -> None:
    now = datetime.now(timezone.utc)
    host = Host("i-1", "t3.micro", "us-east-1a", "us-east-1", "ami-1", "", "host-1", "02:00", "1", now)
    limit = {"hops": 1}
    metadata = Metadata(lambda _: host._replace(hop_limit=limit["hops"]))
    port = metadata.serve(serving.network.gateway(VPC), 0)
    # a network in the host, as its own Docker engine has them
    serving.says(
        1,
        "ip netns add inner && ip link add outer type veth peer name eth0 netns inner && ip link set outer up && "
        "ip addr add 192.168.7.1/24 dev outer && ip netns exec inner ip addr add 192.168.7.2/24 dev eth0 && "
        "ip netns exec inner ip link set eth0 up && ip netns exec inner ip route add default via 192.168.7.1 && "
        "sysctl -qw net.ipv4.ip_forward=1 && "
        "nft 'table ip own { chain c { type nat hook postrouting priority srcnat; "
        "ip saddr 192.168.7.2 masquerade; }; }'",
    )
    url = f"http://{serving.network.gateway(VPC)}:{port}/latest/api/token"
    ask = f"ip netns exec inner curl -sS -m 1 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' {url}"
    assert serving.run(1, ask).code == 28
    limit["hops"] = 2
    assert len(serving.says(1, ask)) == 56
    serving.says(1, "nft delete table ip own; ip link delete outer; ip netns delete inner")
    metadata.close()


def test_sandboxes_that_start_at_once_take_blocks_of_their_own() -> None:
    names = [secrets.token_hex(4) for _ in range(4)]
    try:
        with ThreadPoolExecutor(8) as pool:
            networks = [Network(name) for name in names]
            cidrs = list(pool.map(Network.free_cidr, networks))
            machines = list(pool.map(Network.machine, networks))
        assert len(set(cidrs)) == len(set(machines)) == 4
        assert not any(IPv4Network(cidr).overlaps(IPv4Network("172.17.0.0/16")) for cidr in cidrs)
    finally:
        for name in names:
            network_module.remove_everything(name)


def test_public_addresses_come_round_late_and_skip_those_in_use() -> None:
    name = secrets.token_hex(4)
    network = Network(name)
    try:
        first = network.public_address()
        network.publish(first, "10.0.0.1")
        others = [network.public_address() for _ in range(244)]
        assert first not in others and len(set(others)) == 244
        assert network.public_address() == others[0]
    finally:
        network_module.remove_everything(name)


def test_everything_goes_without_the_object_that_made_it() -> None:
    before = traces()
    name = secrets.token_hex(4)
    network = Network(name)
    cidr = network.free_cidr()
    network.network_of("vpc-1", cidr)
    assert network.network_of("vpc-1", cidr) == network.network_of("vpc-1", cidr)
    network.publish(network.public_address(), "10.0.0.1")
    network.serve_metadata("vpc-1", 80)
    network_module.remove_everything(name)
    network_module.remove_everything(name)
    assert not [line for line in traces() if name in line or (line not in before and cidr in line)]


def test_the_network_of_a_vpc_goes_with_it() -> None:
    name = secrets.token_hex(4)
    network = Network(name)
    try:
        cidr = network.free_cidr()
        made = network.network_of("vpc-1", cidr)
        network.remove_network("vpc-1")
        network.remove_network("vpc-1")
        assert made not in output("docker", "network", "ls")
        network.network_of("vpc-2", cidr)
        with pytest.raises(SandboxError):
            network.network_of("vpc-3", cidr)
    finally:
        network_module.remove_everything(name)


def traces() -> list[str]:
    """What networks this machine has, in every place where a sandbox makes something."""
    routes = [json.dumps(route) for route in json.loads(output("ip", "-json", "route", "show", "table", "all"))]
    seen = output("ip", "-oneline", "address"), output("nft", "list", "tables"), output("docker", "network", "ls")
    return [*routes, *"\n".join(seen).splitlines()]
