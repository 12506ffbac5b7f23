# Makes a Docker image of this machine's own Python, for where no registry can be reached (Debian or Ubuntu).
# usage: sh make_python_image.sh IMAGE [MODULE…]    such modules of Debian's packages are in it too
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
