# Installs what the tests and the sandbox need from Debian's packages, where it is missing: Docker's engine, an SSH
# server, tools for file systems and for the network. Nothing happens when all of it is there.
set -eu
PATH="$PATH:/usr/sbin:/sbin"

packages=""
need() { # COMMAND PACKAGE
    command -v "$1" >/dev/null || packages="$packages $2"
}
need dockerd docker.io
need docker docker.io
need ssh openssh-client
need sshd openssh-server
need debootstrap debootstrap
need nft nftables
need iptables iptables
need ip iproute2
need losetup mount
need blkid util-linux
need mkfs.ext4 e2fsprogs
need mkfs.xfs xfsprogs
need pvcreate lvm2
need cryptsetup cryptsetup-bin
need mdadm mdadm
need rsync rsync
need zsh zsh
need fish fish

[ -n "$packages" ] || exit 0
if ! command -v apt-get >/dev/null; then
    echo "missing, and this is no Debian or Ubuntu that could install them:$packages" >&2
    exit 1
fi
if [ "$(id -u)" = 0 ]; then as_root=""; else as_root="sudo"; fi
echo "installing:$packages" >&2
$as_root apt-get update -qq
# shellcheck disable=SC2086 - a list of packages
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
