"""A Docker image for tests, made of the Python of the machine that it is on: registries may be out of reach."""

from __future__ import annotations

IMAGE = "runctl-test-python:1"
# a shell program; its argument is the image's name
MAKE_IMAGE = r"""
set -e
PATH=/usr/sbin:/usr/bin:/sbin:/bin
modules=$(/usr/bin/python3 -c 'import sysconfig; print(sysconfig.get_paths()["stdlib"])')
programs="/bin/sh /bin/cat /bin/sleep /usr/bin/env /usr/bin/python3"
libraries=$(ldd $programs "$modules"/lib-dynload/*.so | grep -o '/[^ :]*\.so[^ :]*' | grep -v lib-dynload | sort -u)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for file in $programs $libraries; do
    mkdir -p "$folder$(dirname "$file")"
    cp -L "$file" "$folder$file"
done
mkdir -p "$folder$modules" "$folder/tmp" "$folder/root" "$folder/etc"
printf 'root:x:0:0:root:/root:/bin/sh\napp:x:4321:4321::/home/app:/bin/sh\n' > "$folder/etc/passwd"
tar -C "$modules" -c --exclude __pycache__ --exclude test --exclude 'config-*' . | tar -x -C "$folder$modules"
tar -C "$folder" -c . | docker import --change 'ENV PATH=/usr/bin:/bin' - "$1"
"""
