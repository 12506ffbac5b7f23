"""A Docker image for tests, made of the Python of the machine that it is on: registries may be out of reach."""

from __future__ import annotations

IMAGE = "runctl-test-python:1"
# what scikit-learn needs, as Debian has it
SKLEARN = "numpy scipy sklearn joblib threadpoolctl.py decorator.py"
# a shell program; its arguments are the image's name, and modules of Debian's that are to be in it
MAKE_IMAGE = r"""
set -e
PATH=/usr/sbin:/usr/bin:/sbin:/bin
image=$1
shift
modules=$(/usr/bin/python3 -c 'import sysconfig; print(sysconfig.get_paths()["stdlib"])')
programs="/bin/sh /bin/cat /bin/sleep /usr/bin/env /usr/bin/python3"
packages=/usr/lib/python3/dist-packages
compiled="$modules/lib-dynload $(for module; do echo "$packages/$module"; done)"
compiled=$(find $compiled -name '*.so')
libraries=$(ldd $programs $compiled | grep -o '/[^ :]*\.so[^ :]*' | grep -v -e lib-dynload -e $packages | sort -u)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for file in $programs $libraries; do
    mkdir -p "$folder$(dirname "$file")"
    cp -L "$file" "$folder$file"
done
mkdir -p "$folder$modules" "$folder$packages" "$folder/tmp" "$folder/root" "$folder/etc"
printf 'root:x:0:0:root:/root:/bin/sh\napp:x:4321:4321::/home/app:/bin/sh\n' > "$folder/etc/passwd"
tar -C "$modules" -c --exclude __pycache__ --exclude test --exclude 'config-*' . | tar -x -C "$folder$modules"
[ $# = 0 ] || tar -C "$packages" -c --exclude __pycache__ --exclude tests "$@" | tar -x -C "$folder$packages"
tar -C "$folder" -c . | docker import --change 'ENV PATH=/usr/bin:/bin' - "$image"
"""
