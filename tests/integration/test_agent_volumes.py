"""The agent's half of EBS volumes, on real block devices: loop devices, of which each test has its own."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runctl.core.errors import RefusedError, RunctlError
from runctl.transport.local import LocalTransport
from runctl.transport.volumes_client import Mounted, NotMounted, OnMachine, Progress, VolumesClient, Wish

pytestmark = pytest.mark.slow

MIB = 1 << 20
SIZE = 320 * MIB  # mkfs.xfs makes no smaller ones
USER = 1234


def sh(*command: str, stdin: bytes = b"") -> str:
    done = subprocess.run(command, input=stdin, capture_output=True, check=True)
    return done.stdout.decode().strip()


class Disk:
    """A loop device that stands for a volume."""

    def __init__(self, file: Path, size: int) -> None:
        self.file = file
        file.touch()
        os.truncate(file, size)
        self.path = sh("losetup", "--find", "--show", "--partscan", str(file))
        self.id = f"vol-0{random.getrandbits(64):016x}"

    @property
    def on_machine(self) -> OnMachine:
        return OnMachine(self.id, self.path)

    def write(self, data: bytes, at: int = 0) -> None:
        with open(self.path, "r+b") as device:
            device.seek(at)
            device.write(data)
            os.fsync(device.fileno())

    def contents(self) -> bytes:
        sh("blockdev", "--flushbufs", self.path)
        return self.file.read_bytes()

    def release(self) -> None:
        for line in Path("/proc/self/mountinfo").read_text().splitlines()[::-1]:
            if f" {self.path} " in line or f" {self.path}p1 " in line:
                sh("umount", line.split()[4].replace("\\040", " "))
        sh("losetup", "--detach", self.path)


Maker = Callable[..., Disk]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Maker]:
    made: list[Disk] = []

    def maker(size: int = SIZE) -> Disk:
        made.append(Disk(tmp_path / f"disk{len(made)}", size))
        return made[-1]

    yield maker
    for disk in made:
        disk.release()


@pytest.fixture
def disk(make: Maker) -> Disk:
    return make()


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> VolumesClient:
    """The agent as it is called on an instance: by sudo, for a user."""
    monkeypatch.setenv("SUDO_UID", str(USER))
    monkeypatch.setenv("SUDO_GID", str(USER))
    return VolumesClient(LocalTransport(tmp_path / "home"))


@pytest.fixture
def point() -> Iterator[str]:
    """A mount point that is not there yet."""
    folder = Path(f"/mnt/runctl-test-{uuid.uuid4().hex[:8]}")
    yield str(folder / "a place")
    for path in (folder / "a place", folder):
        if path.exists():
            subprocess.run(["umount", str(path)], capture_output=True)
            path.rmdir()


def wish(disk: Disk, point: str, **more: object) -> Wish:
    # local disks show at once what they hold; that volumes are given time is tested where they need it, in the sandbox
    return Wish(volume=disk.on_machine, mount_point=point, exactly=True, settling_s=0, **more)  # type: ignore[arg-type]


def mount(agent: VolumesClient, wish: Wish, report: Callable[[Progress], None] = lambda _: None) -> Mounted:
    [answer] = agent.mount([wish], report)
    if isinstance(answer, NotMounted):
        raise answer.error
    return answer


# --- what holds data is never formatted


def gpt(disk: Disk) -> None:
    """A protective MBR and a GPT header with one partition, written by hand: sfdisk is not everywhere."""
    import binascii
    import struct

    sectors = SIZE // 512
    kind = uuid.UUID("0FC63DAF-8483-4772-8E79-3D69D8477DE4").bytes_le
    entry = struct.pack(
        "<16s16sQQQ72s", kind, uuid.uuid4().bytes_le, 2048, sectors - 2048, 0, "data".encode("utf-16le")
    )
    entries = entry.ljust(128 * 128, b"\0")

    def header(own: int, other: int, table: int) -> bytes:
        guid = b"\1" * 16
        fields = (b"EFI PART", 0x10000, 92, 0, 0, own, other, 34, sectors - 34, guid, table, 128, 128)
        raw = struct.pack("<8sIIIIQQQQ16sQIII", *fields, binascii.crc32(entries))
        return raw[:16] + struct.pack("<I", binascii.crc32(raw)) + raw[20:]

    mbr = bytes(446) + struct.pack("<B3sB3sII", 0, b"\0\2\0", 0xEE, b"\xff\xff\xff", 1, sectors - 1) + bytes(48)
    disk.write(mbr + b"\x55\xaa" + header(1, sectors - 1, 2).ljust(512, b"\0") + entries)
    disk.write(entries + header(sectors - 1, 1, sectors - 33).ljust(512, b"\0"), (sectors - 33) * 512)


def mbr(disk: Disk) -> None:
    import struct

    entry = struct.pack("<B3sB3sII", 0, b"\0\2\0", 0x83, b"\xff\xff\xff", 2048, SIZE // 512 - 2048)
    disk.write(bytes(440) + b"disk\0\0" + entry + bytes(48) + b"\x55\xaa")


def raid(disk: Disk) -> None:
    """Version 1.2 metadata as mdadm writes it, without starting an array."""
    import struct

    array = uuid.uuid4().bytes
    raw = bytearray(
        struct.pack("<IIII16s32sQIIQIIII", 0xA92B4EFC, 1, 0, 0, array, b"host:0", 0, 1, 0, 8192, 0, 2, 0, 0)
    ).ljust(256, b"\0")
    struct.pack_into("<QQQ", raw, 128, 2048, 8192, 8)
    raw += bytes(2 * 2)
    struct.pack_into("<I", raw, 220, 2)
    total = sum(struct.unpack("<65I", bytes(raw[:260])))
    struct.pack_into("<I", raw, 216, (total & 0xFFFFFFFF) + (total >> 32) & 0xFFFFFFFF)
    disk.write(bytes(raw), 4096)


HOLDING = {
    "ext4": lambda disk: sh("mkfs.ext4", "-q", disk.path),
    "xfs": lambda disk: sh("mkfs.xfs", "-q", disk.path),
    "gpt": gpt,
    "mbr": mbr,
    "lvm": lambda disk: sh("pvcreate", "--quiet", "--yes", disk.path),
    "luks": lambda disk: sh(
        "cryptsetup", "luksFormat", "-q", "--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000", disk.path, "-",
        stdin=b"secret",
    ),
    "swap": lambda disk: sh("mkswap", disk.path),
    "raid": raid,
}  # fmt: skip


@pytest.mark.parametrize("fresh", [False, True], ids=["read whole", "trusted"])
@pytest.mark.parametrize("kind", HOLDING)
def test_a_volume_that_holds_anything_is_not_formatted(
    agent: VolumesClient, disk: Disk, point: str, kind: str, fresh: bool
) -> None:
    HOLDING[kind](disk)
    before = disk.contents()
    if kind in ("ext4", "xfs"):
        mounted = mount(agent, wish(disk, point, format="xfs", fresh=fresh))
        assert (mounted.file_system, mounted.formatted) == (kind, False)
    else:
        with pytest.raises(RefusedError) as refused:
            mount(agent, wish(disk, point, format="xfs", fresh=fresh))
        assert disk.id in refused.value.message
        words = {"gpt": "gpt partition table", "mbr": "dos partition table", "lvm": "LVM", "luks": "encrypted",
                 "swap": "swap", "raid": "RAID"}  # fmt: skip
        assert words[kind] in refused.value.message
        assert disk.contents() == before
        assert not os.path.exists(point)


SECTORS = 40960


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_bytes_at_any_offset_are_found(agent: VolumesClient, tmp_path: Path, data: st.DataObject) -> None:
    sectors = data.draw(st.integers(2048, SECTORS) | st.sampled_from([2049, 4097, 40959]))
    size = sectors * 512
    offset = data.draw(st.integers(0, size - 1) | st.sampled_from([0, 511, 512, size - 512, size - 1]))
    fresh = data.draw(st.booleans())
    small = Disk(tmp_path / f"small{uuid.uuid4().hex}", size)
    try:
        small.write(bytes([data.draw(st.integers(1, 255))]), offset)
        with pytest.raises(RefusedError, match=r"holds"):
            mount(agent, wish(small, "/mnt/runctl-test-never", format="ext4", fresh=fresh))
        assert sum(map(bool, small.contents())) == 1
        assert not os.path.exists("/mnt/runctl-test-never")
    finally:
        small.release()


def test_what_is_only_in_the_page_cache_counts(agent: VolumesClient, disk: Disk, point: str) -> None:
    with open(disk.path, "r+b", buffering=0) as device:
        device.seek(SIZE // 3)
        device.write(b"just now")
        with pytest.raises(RefusedError, match="unknown kind"):
            mount(agent, wish(disk, point, format="xfs", fresh=True))


def test_a_file_system_that_shows_only_at_the_second_look_is_mounted(
    agent: VolumesClient, disk: Disk, point: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    HOLDING["ext4"](disk)
    (tmp_path / "bin").mkdir()
    blind = tmp_path / "bin" / "blkid"
    blind.write_text(
        f'#!/bin/sh\n[ -e {tmp_path}/looked ] && exec /usr/sbin/blkid "$@"\ntouch {tmp_path}/looked\nexit 2\n'
    )
    blind.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    agent = VolumesClient(LocalTransport(tmp_path / "home"))
    mounted = mount(agent, wish(disk, point, format="xfs", fresh=True))
    assert (mounted.file_system, mounted.formatted) == ("ext4", False)
    assert (tmp_path / "looked").exists()


def test_blkid_that_fails_is_no_proof_of_anything(
    disk: Disk, point: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    for code in (8, 4, 1):
        (tmp_path / "bin" / "blkid").write_text(f"#!/bin/sh\nexit {code}\n")
        (tmp_path / "bin" / "blkid").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
        with pytest.raises(RefusedError):
            mount(VolumesClient(LocalTransport(tmp_path / "home")), wish(disk, point, format="xfs", fresh=True))
    assert not any(disk.contents())


def test_a_disk_that_another_program_has_for_itself_is_refused(agent: VolumesClient, disk: Disk, point: str) -> None:
    held = os.open(disk.path, os.O_RDONLY | os.O_EXCL)
    try:
        with pytest.raises(RefusedError, match="in use"):
            mount(agent, wish(disk, point, format="xfs", fresh=True))
    finally:
        os.close(held)


def test_a_blank_volume_is_not_formatted_unasked(agent: VolumesClient, disk: Disk, point: str) -> None:
    with pytest.raises(RefusedError, match="holds no file system") as refused:
        mount(agent, wish(disk, point, fresh=True))
    assert "--format" in (refused.value.hint or "")
    assert not any(disk.contents())


def test_only_what_is_named_is_erased_and_never_what_is_mounted(agent: VolumesClient, disk: Disk, point: str) -> None:
    HOLDING["lvm"](disk)
    with pytest.raises(RefusedError) as refused:
        mount(agent, wish(disk, point, format="xfs"))
    assert disk.id in refused.value.message
    mounted = mount(agent, wish(disk, point, format="xfs", erase=True))
    assert mounted.formatted
    (Path(point) / "mine").write_text("kept")
    with pytest.raises(RefusedError, match="is mounted at"):
        mount(agent, wish(disk, point, format="ext4", erase=True))
    assert (Path(point) / "mine").read_text() == "kept"


# --- mounting


@pytest.mark.parametrize("kind", ["xfs", "ext4"])
@pytest.mark.parametrize("fresh", [False, True])
def test_a_blank_volume_is_formatted_mounted_and_given_to_the_user(
    agent: VolumesClient, disk: Disk, point: str, kind: str, fresh: bool
) -> None:
    seen: list[Progress] = []
    mounted = mount(agent, wish(disk, point, format=kind, label="imagenet", fresh=fresh), seen.append)
    assert mounted == Mounted(disk.id, disk.path, point, kind, True, True, 0, None)
    assert "formatting" in [progress.stage for progress in seen]
    assert (os.stat(point).st_uid, os.stat(point).st_gid) == (USER, USER)
    assert sh("blkid", "-p", "-s", "LABEL", "-o", "value", disk.path) == "imagenet"
    again = mount(agent, wish(disk, point, format=kind))
    assert (again.formatted, again.mounted, again.mount_point) == (False, False, point)
    assert agent.unmount(disk.on_machine) == [point]
    assert agent.unmount(disk.on_machine) == []


def test_what_is_mounted_elsewhere_stays_there(agent: VolumesClient, disk: Disk, point: str) -> None:
    mount(agent, wish(disk, point, format="xfs", fresh=True))
    with pytest.raises(RefusedError, match="is mounted at"):
        mount(agent, wish(disk, point + "2"))
    [answer] = agent.mount([wish(disk, point + "2")._replace(exactly=False)], lambda _: None)
    assert isinstance(answer, Mounted) and answer.mount_point == point
    assert not os.path.exists(point + "2")


@pytest.mark.parametrize(
    "bad", ["/", "/usr/data", "/etc", "/home", "/proc/x", "relative", "/mnt/../etc/x", "/mnt/x/", "//mnt/x", "/mnt/\n"]
)
def test_a_system_path_is_no_mount_point(agent: VolumesClient, disk: Disk, bad: str) -> None:
    with pytest.raises(RefusedError, match="cannot mount at"):
        mount(agent, wish(disk, bad, format="xfs", fresh=True))
    assert not any(disk.contents())


def test_a_folder_with_files_a_link_or_another_disk_is_no_mount_point(
    agent: VolumesClient, make: Maker, point: str, tmp_path: Path
) -> None:
    first, second = make(), make()
    full, link = tmp_path / "full", tmp_path / "link"
    (full / "inside").mkdir(parents=True)
    link.symlink_to(tmp_path)
    mount(agent, wish(first, point, format="xfs", fresh=True))
    for place, why in ((str(full), "not empty"), (f"{link}/new", "symbolic link"), (point, "is mounted there")):
        with pytest.raises(RefusedError, match=why):
            mount(agent, wish(second, place, format="xfs", fresh=True))
    assert not any(second.contents())


def test_two_commands_at_once_format_once_and_mount_once(agent: VolumesClient, disk: Disk, point: str) -> None:
    answers: list[Mounted] = []
    threads = [
        threading.Thread(target=lambda: answers.append(mount(agent, wish(disk, point, format="xfs", fresh=True))))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.formatted for answer in answers) == [False, False, True]
    assert len([line for line in Path("/proc/self/mountinfo").read_text().splitlines() if disk.path in line]) == 1


def test_two_volumes_at_once_at_one_mount_point_leave_one_of_them_out(
    agent: VolumesClient, make: Maker, point: str
) -> None:
    disks = [make(), make()]
    for disk in disks:
        HOLDING["ext4"](disk)
    refused: list[RunctlError] = []

    def attempt(disk: Disk) -> None:
        try:
            mount(agent, wish(disk, point))
        except RefusedError as error:
            refused.append(error)

    threads = [threading.Thread(target=attempt, args=(disk,)) for disk in disks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert len([line for line in Path("/proc/self/mountinfo").read_text().splitlines() if "runctl-test" in line]) == 1


def test_a_volume_and_its_copy_are_mounted_side_by_side(agent: VolumesClient, make: Maker, point: str) -> None:
    original, copy = make(), make()
    mount(agent, wish(original, point, format="xfs", fresh=True))
    (Path(point) / "mine").write_text("original")
    agent.unmount(original.on_machine)
    copy.file.write_bytes(original.contents())
    mount(agent, wish(original, point))
    other = str(Path(point).parent / "copy")
    mount(agent, wish(copy, other))
    (Path(other) / "mine").write_text("copy")
    assert (Path(point) / "mine").read_text() == "original"
    agent.unmount(copy.on_machine)
    os.rmdir(other)


def test_the_one_partition_with_a_file_system_is_mounted(agent: VolumesClient, disk: Disk, point: str) -> None:
    gpt(disk)
    sh("partx", "--update", disk.path)
    sh("mkfs.ext4", "-q", f"{disk.path}p1")
    mounted = mount(agent, wish(disk, point))
    assert (mounted.device, mounted.file_system) == (f"{disk.path}p1", "ext4")
    [seen] = agent.volumes([disk.on_machine])
    assert seen.mount_points == [point]
    assert agent.unmount(disk.on_machine) == [point]


def test_a_file_system_that_was_not_unmounted_is_mended_by_mounting(
    agent: VolumesClient, make: Maker, point: str
) -> None:
    disk, crashed = make(), make()
    mount(agent, wish(disk, point, format="xfs", fresh=True))
    (Path(point) / "mine").write_text("kept")
    with agent.frozen(disk.on_machine):
        sh("cp", str(disk.file), str(crashed.file))
    other = str(Path(point).parent / "crashed")
    mount(agent, wish(crashed, other))
    assert (Path(other) / "mine").read_text() == "kept"
    agent.unmount(crashed.on_machine)
    os.rmdir(other)


# --- devices


def test_the_link_by_id_wins_over_the_name_of_the_attachment(agent: VolumesClient, make: Maker, point: str) -> None:
    one, other = make(), make()
    links = Path("/dev/disk/by-id")
    links.mkdir(parents=True, exist_ok=True)
    link = links / f"nvme-Amazon_Elastic_Block_Store_{one.id.replace('-', '')}"
    link.symlink_to(one.path)
    try:
        [seen] = agent.volumes([OnMachine(one.id, other.path)])
        assert seen.device == one.path
    finally:
        link.unlink()


def test_a_device_that_comes_late_is_waited_for(agent: VolumesClient, disk: Disk, point: str) -> None:
    links = Path("/dev/disk/by-id")
    links.mkdir(parents=True, exist_ok=True)
    link = links / f"nvme-Amazon_Elastic_Block_Store_{disk.id.replace('-', '')}"
    late = wish(disk, point, format="xfs", fresh=True)._replace(volume=OnMachine(disk.id, "/dev/sdnone"))
    stages: list[str] = []

    def appear(progress: Progress) -> None:
        stages.append(progress.stage)
        if progress.stage == "waiting for the device":
            link.symlink_to(disk.path)

    try:
        assert mount(agent, late, appear).formatted
        assert stages[0] == "waiting for the device"
    finally:
        link.unlink()


def test_a_machines_own_disk_is_never_touched(agent: VolumesClient, point: str) -> None:
    root = sh("findmnt", "-n", "-o", "SOURCE", "/")
    volume = OnMachine("vol-0123456789abcdef0", root)
    [answer] = agent.mount([Wish(volume, point, True, "xfs", fresh=True, erase=True)], lambda _: None)
    assert isinstance(answer, NotMounted)
    assert "this machine's own disk" in answer.error.message
    with pytest.raises(RefusedError, match="this machine's own disk"):
        agent.unmount(volume)


# --- unmounting


def test_whoever_uses_a_volume_is_named_and_left_alone(agent: VolumesClient, disk: Disk, point: str) -> None:
    mount(agent, wish(disk, point, format="ext4", fresh=True))
    wait = "print(flush=True);time.sleep(60)"
    opened = f"import sys,time;f=open(sys.argv[1],'w+b');f.write(b'x'*4096);f.flush();{wait}"
    mapped = f"import mmap,sys,time;f=open(sys.argv[1],'r+b');m=mmap.mmap(f.fileno(),0);f.close();{wait}"
    for code, folder in ((opened, "/"), (mapped, "/"), (f"import time;{wait}", point)):
        process = subprocess.Popen([sys.executable, "-c", code, f"{point}/file"], stdout=subprocess.PIPE, cwd=folder)
        try:
            assert process.stdout and process.stdout.readline()
            with pytest.raises(RefusedError) as refused:
                agent.unmount(disk.on_machine)
            assert f"process {process.pid} (" in refused.value.message
            assert "python" in refused.value.message
            assert os.path.ismount(point)
        finally:
            process.kill()
            process.communicate()
    assert agent.unmount(disk.on_machine) == [point]


def test_a_mount_below_and_a_loop_device_on_it_are_named(agent: VolumesClient, make: Maker, point: str) -> None:
    outer, inner = make(), make()
    mount(agent, wish(outer, point, format="ext4", fresh=True))
    mount(agent, wish(inner, f"{point}/below", format="ext4", fresh=True))
    with pytest.raises(RefusedError, match="below"):
        agent.unmount(outer.on_machine)
    agent.unmount(inner.on_machine)
    image = Path(point, "image")
    image.write_bytes(bytes(MIB))
    loop = sh("losetup", "--find", "--show", str(image))
    try:
        with pytest.raises(RefusedError, match="loop device"):
            agent.unmount(outer.on_machine)
    finally:
        sh("losetup", "--detach", loop)
    agent.unmount(outer.on_machine)


def test_a_container_that_keeps_the_volume_mounted_is_named(agent: VolumesClient, disk: Disk, point: str) -> None:
    mount(agent, wish(disk, point, format="ext4", fresh=True))
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", "echo; exec sleep 60"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert process.stdout and process.stdout.readline()
        with pytest.raises(RefusedError, match=f"process {process.pid} "):
            agent.unmount(disk.on_machine)
        assert os.path.ismount(point)
    finally:
        process.kill()
        process.communicate()


def test_a_container_that_starts_just_now_is_waited_for(agent: VolumesClient, disk: Disk, point: str) -> None:
    mount(agent, wish(disk, point, format="ext4", fresh=True))
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", "echo; read _; exec umount " + repr(point)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, bufsize=0)
    try:
        assert process.stdout and process.stdin and process.stdout.readline()
        threading.Timer(0.3, process.stdin.write, [b"\n"]).start()
        assert agent.unmount(disk.on_machine) == [point]
    finally:
        process.kill()
        process.communicate()


def test_all_mounts_of_a_volume_are_unmounted(agent: VolumesClient, disk: Disk, point: str, tmp_path: Path) -> None:
    mount(agent, wish(disk, point, format="ext4", fresh=True))
    (tmp_path / "again").mkdir()
    sh("mount", "--bind", point, str(tmp_path / "again"))
    assert agent.unmount(disk.on_machine) == [point, str(tmp_path / "again")]


# --- freezing, warming, growing


def test_nothing_is_written_while_a_snapshot_is_begun_and_everything_afterwards(
    agent: VolumesClient, disk: Disk, point: str
) -> None:
    mount(agent, wish(disk, point, format="xfs", fresh=True))
    with agent.frozen(disk.on_machine):
        writer = subprocess.Popen(["sh", "-c", f"echo late > '{point}/late'"])
        held = disk.contents()
        assert writer.poll() is None
    assert writer.wait() == 0
    assert held != disk.contents()
    assert agent.unmount(disk.on_machine) == [point]


def test_a_client_that_dies_leaves_nothing_frozen(agent: VolumesClient, disk: Disk, point: str, tmp_path: Path) -> None:
    mount(agent, wish(disk, point, format="xfs", fresh=True))
    code = f"""
import os, signal
from pathlib import Path
from runctl.transport.local import LocalTransport
from runctl.transport.volumes_client import OnMachine, VolumesClient
with VolumesClient(LocalTransport(Path({str(tmp_path / "home")!r}))).frozen(OnMachine({disk.id!r}, {disk.path!r})):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    Path(point, "after").write_text("written")  # blocks while it is frozen
    assert agent.unmount(disk.on_machine) == [point]


def test_warming_reads_everything_once(agent: VolumesClient, disk: Disk) -> None:
    assert agent.warm(disk.on_machine, lambda _: None) == SIZE
    assert agent.warm(disk.on_machine, lambda _: None) == 0
    Path(f"/var/lib/runctl/warming/{disk.id}.json").unlink()


def may_resize_ext4() -> bool:
    """The kernel lets only a process with CAP_SYS_RESOURCE (24) do that; some containers' root has it not."""
    capabilities = next(line for line in Path("/proc/self/status").read_text().splitlines() if "CapEff" in line)
    return bool(int(capabilities.split()[1], 16) >> 24 & 1)


@pytest.mark.parametrize("kind", ["xfs", "ext4"])
def test_a_file_system_takes_the_room_of_its_larger_disk(
    agent: VolumesClient, disk: Disk, point: str, kind: str
) -> None:
    mount(agent, wish(disk, point, format=kind, fresh=True))
    os.truncate(disk.file, 2 * SIZE)
    sh("losetup", "--set-capacity", disk.path)
    grown = agent.grow(disk.on_machine, 2 * SIZE)
    agent.unmount(disk.on_machine)
    os.truncate(disk.file, 3 * SIZE)
    sh("losetup", "--set-capacity", disk.path)
    mounted = mount(agent, wish(disk, point))
    assert mounted.mounted
    if kind == "xfs" or may_resize_ext4():
        assert (grown.problem, mounted.problem) == (None, None)
        assert grown.grown_bytes > SIZE * 0.9
        assert mounted.grown_bytes > SIZE * 0.9
    else:
        assert "Permission denied" in (grown.problem or "")
        assert "Permission denied" in (mounted.problem or "")
