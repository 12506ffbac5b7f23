"""User data is carried out as cloud-init would: on a real host, and what it consists of for any bytes."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Callable, Iterator
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runctl.sandbox import hosts as hosts_module
from runctl.sandbox import network as network_module
from runctl.sandbox.hosts import Hosts, build_image
from runctl.sandbox.hosts.cloud_init.accounts import useradd_options
from runctl.sandbox.hosts.cloud_init.files import content_of, fstab_fields, mode_of
from runctl.sandbox.hosts.cloud_init.userdata import CONFIG, SCRIPT, Part, parts_of
from runctl.sandbox.model import Boot
from runctl.sandbox.network import Network

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2p somebody"
CONFIG_WITH_EVERYTHING = f"""\
#cloud-config
bootcmd: ["echo boot >> /var/boots"]
write_files:
- {{path: /etc/new/encoded, content: aGVsbG8=, encoding: b64, owner: "ubuntu:ubuntu", permissions: "0600"}}
- {{path: /root/twice, content: "1"}}
- {{path: /root/twice, content: "2", append: true}}
- {{path: /root/of-carol, content: "", owner: carol, defer: true}}
runcmd:
- [sh, -c, 'printf %s "$1" > /var/list', sh, "it's a list"]
- printf "%s" "a text" > /var/text
users:
- default
- {{name: carol, groups: [docker], shell: /bin/sh, sudo: "ALL=(ALL) NOPASSWD:ALL", ssh_authorized_keys: ["{KEY}"]}}
ssh_authorized_keys: ["{KEY}"]
hostname: renamed
mounts: [[tmpfs, /mnt/scratch, tmpfs, size=10m]]
package_update: true
"""

Boots = Callable[[bytes], "Machine"]


class Machine:
    """A host that carries out user data."""

    def __init__(self, hosts: Hosts, instance_id: str) -> None:
        self.hosts = hosts
        self.instance_id = instance_id
        self.status = self.wait()

    def wait(self) -> str:
        """What `cloud-init status` says when all is done."""
        ready = "until test -S /run/systemd/private; do :; done; cloud-init status --wait --long"
        return self.hosts.run(self.instance_id, ["sh", "-c", ready]).stdout.decode()

    def says(self, script: str) -> str:
        """What a shell script prints, where it must succeed."""
        done = self.hosts.run(self.instance_id, ["sh", "-c", script])
        assert done.code == 0, done
        return done.stdout.decode().strip()


@pytest.fixture(scope="module")
def boots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Boots]:
    """Boots a host with user data and waits until that is done."""
    build_image(print)
    sandbox_id = secrets.token_hex(4)
    network, hosts = Network(sandbox_id), Hosts(sandbox_id, tmp_path_factory.mktemp("hosts"))
    cidr = network.free_cidr()
    name = network.network_of("vpc-0123456789abcdef0", cidr)
    addresses = (cidr.replace("0.0/16", f"16.{number}") for number in range(10, 250))

    def boot(user_data: bytes) -> Machine:
        instance_id = f"i-{secrets.token_hex(4)}"
        hosts.create(Boot(instance_id, "host", name, next(addresses), (), user_data, {}))
        return Machine(hosts, instance_id)

    yield boot
    hosts_module.remove_everything(sandbox_id)
    network_module.remove_everything(sandbox_id)


def message(*parts: tuple[str, str, str]) -> bytes:
    """A MIME message of parts: subtype, file name and text."""
    whole = MIMEMultipart()
    for subtype, name, text in parts:
        part = MIMEText(text, subtype)
        if name:
            part.add_header("Content-Disposition", "attachment", filename=name)
        whole.attach(part)
    return whole.as_bytes()


@pytest.mark.slow
def test_a_script_runs_once_as_root_and_its_output_is_logged(boots: Boots) -> None:
    machine = boots(b"#!/bin/bash\necho said by $(whoami) | tee -a /var/runs\necho and this >&2\n")
    assert machine.status == "status: done\nerrors: []\n"
    machine.says("test -e /var/lib/cloud/instance/boot-finished")
    assert {"said by root", "and this"} <= set(machine.says("cat /var/log/cloud-init-output.log").splitlines())
    assert "said by root" in machine.hosts.console(machine.instance_id)
    machine.hosts.reboot(machine.instance_id)
    assert machine.wait() == "status: done\nerrors: []\n"
    assert machine.says("cat /var/runs") == "said by root"


@pytest.mark.slow
def test_a_cloud_config_does_what_its_keys_say(boots: Boots) -> None:
    machine = boots(CONFIG_WITH_EVERYTHING.encode())
    assert machine.status == "status: done\nerrors: []\n"
    assert machine.says("cat /etc/new/encoded; stat -c ' %U:%G %a' /etc/new/encoded") == "hello ubuntu:ubuntu 600"
    assert machine.says("cat /root/twice; stat -c ' %U' /root/of-carol") == "12 carol"
    assert machine.says("cat /var/list /var/text") == "it's a lista text"
    assert machine.says("su carol -c 'sudo -n whoami; id -nG; echo $0'").split() == ["root", "carol", "docker", "sh"]
    for name in ("carol", "ubuntu", "ec2-user"):
        assert KEY in machine.says(f"cat ~{name}/.ssh/authorized_keys; su {name} -c 'cat ~/.ssh/authorized_keys'")
    assert machine.says("findmnt -nro FSTYPE,OPTIONS /mnt/scratch").startswith("tmpfs rw,relatime,size=10240k")
    assert "package_update is ignored" in machine.says("cat /var/log/cloud-init.log")
    for boots_so_far in (1, 2):
        assert machine.says("hostname; getent hosts renamed | wc -l").split() == ["renamed", "1"]
        assert machine.says("cat /var/boots").count("boot") == boots_so_far
        assert machine.says("cat /root/twice") == "12"
        machine.hosts.reboot(machine.instance_id)
        machine.wait()


@pytest.mark.slow
def test_a_message_may_hold_scripts_and_configs_and_they_run_by_name(boots: Boots) -> None:
    notes = ("x-shellscript", "b.sh", "#!/bin/sh\necho b >> /var/order\n")
    config = ("cloud-config", "", "#cloud-config\nruncmd: ['echo runcmd >> /var/order']\n")
    first = ("x-shellscript", "a.sh", "#!/usr/bin/python3\nopen('/var/order', 'a').write('a\\n')\n")
    machine = boots(gzip.compress(message(notes, config, first)))
    assert machine.status == "status: done\nerrors: []\n"
    assert machine.says("cat /var/order").split() == ["a", "b", "runcmd"]


@pytest.mark.slow
def test_what_fails_is_told_and_the_rest_goes_on(boots: Boots) -> None:
    config = "#cloud-config\nntp: {}\nwrite_files: [{content: lost}, {path: /var/kept}]\nmounts: none\nusers: [[]]\n"
    script = "#!/bin/sh\nexit 3\n"
    rest = "#include\nhttp://example.com\n"
    parts = ("x-shellscript", "1.sh", script), ("cloud-config", "", config), ("plain", "", rest)
    machine = boots(message(*parts, ("x-shellscript", "2.sh", "#!/bin/sh\ntouch /var/went-on\n")))
    assert machine.status.startswith("status: error\n")
    assert "1.sh: exit code 3" in machine.status
    assert "write_files: KeyError: 'path'" in machine.status
    assert "mounts: a list is needed, not str" in machine.status
    log = machine.says("ls /var/kept /var/went-on; cat /var/log/cloud-init.log")
    assert "cloud-config key 'ntp' is not supported by the sandbox" in log
    assert "text/x-include-url is not supported by the sandbox" in log


@pytest.mark.slow
def test_a_package_that_can_not_be_had_is_an_error_and_the_script_still_runs(boots: Boots) -> None:
    config = "#cloud-config\npackages: [no-such-package-anywhere]\nruncmd: [touch /var/went-on]\n"
    machine = boots(config.encode())
    assert machine.status.startswith("status: error\nerrors:\n  - packages: CommandFailed: apt-get ")
    machine.says("ls /var/went-on")


@pytest.mark.slow
@pytest.mark.parametrize("user_data", [b"#cloud-config\n{", b"#cloud-config\n- a list", b"nonsense", b"\xff\0\xfe"])
def test_user_data_that_can_not_be_read_does_not_keep_a_host_from_booting(boots: Boots, user_data: bytes) -> None:
    machine = boots(user_data)
    assert machine.status.startswith("status: ")
    assert machine.says("systemctl list-units --failed --plain --no-legend") == ""
    assert any(word in machine.says("cat /var/log/cloud-init.log") for word in ("WARNING: ", "ERROR: "))


@pytest.mark.slow
def test_a_process_that_a_script_leaves_behind_does_not_delay_the_end(boots: Boots) -> None:
    machine = boots(b"#!/bin/sh\n(sleep 1000; echo late) &\n")
    assert machine.status == "status: done\nerrors: []\n"
    assert machine.says("pgrep -x sleep")


def test_a_part_is_what_its_first_line_says_where_its_type_does_not() -> None:
    parts = ("plain", "", "#!/bin/sh\n"), ("plain", "c", "#cloud-config\n"), ("cloud-config", "", "a: 1\n")
    expected = [(SCRIPT, ""), (CONFIG, "c"), (CONFIG, "")]
    assert [(part.kind, part.name) for part in parts_of(message(*parts))] == expected


@pytest.mark.parametrize(
    ("first_line", "kind"),
    [
        ("#!/bin/sh", SCRIPT),
        ("#cloud-config", CONFIG),
        ("#cloud-config-archive", "text/cloud-config-archive"),
        ("#include-once", "text/x-include-once-url"),
        ("## template: jinja", "text/jinja2"),
        ("echo", "text/plain"),
    ],
)
def test_user_data_without_parts_is_one(first_line: str, kind: str) -> None:
    content = f"{first_line}\nmore\n".encode()
    assert parts_of(content) == parts_of(gzip.compress(content)) == [Part(kind, content, "")]


@given(st.binary(), st.booleans())
def test_any_bytes_are_user_data(content: bytes, in_message: bool) -> None:
    user_data = b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n" + content
    assert isinstance(parts_of(user_data if in_message else content), list)


@pytest.mark.parametrize("encoding", ["b64", "base64", "gz+b64", "gzip+base64", "gz", "text/plain"])
def test_content_is_decoded_as_its_encoding_says(encoding: str) -> None:
    contents = {"b64": "aGk=", "base64": "aGk=", "text/plain": "hi", "gz": gzip.compress(b"hi")}
    zipped = "H4sIAAAAAAAC/8vIBACsKpPYAgAAAA=="  # the same, by gzip and base64
    assert content_of({"content": contents.get(encoding, zipped), "encoding": encoding}) == b"hi"


def test_permissions_are_octal_in_quotes_and_as_yaml_read_them_without() -> None:
    assert [mode_of({"permissions": value}) for value in ("0755", 0o755)] == [0o755, 0o755]
    assert mode_of({}) == 0o644


def test_a_mount_says_as_much_as_it_likes(tmp_path: Path) -> None:
    assert fstab_fields(["null"]) == ("/dev/null", "none", "auto", "defaults,nofail", "0", "2")
    assert fstab_fields(["UUID=1", "/m", "xfs", "ro", 1, 0]) == ("UUID=1", "/m", "xfs", "ro", "1", "0")


def test_a_user_is_made_with_a_home_unless_it_is_the_systems() -> None:
    assert useradd_options({"name": "a"}) == ["--create-home"]
    assert useradd_options({"name": "a", "system": True}) == ["--system"]
    assert useradd_options({"name": "a", "uid": 7, "groups": "b, c"}) == ["--create-home", "--uid=7", "--groups=b,c"]
