#!/bin/sh
# Installs header, libraries and aios.pc below a prefix: install.sh PREFIX [FOLDER_OF_THE_LIBRARIES]
# Build first: cargo build --release -p aios-ffi. DESTDIR is put before every path, for packagers.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=${1:?usage: install.sh PREFIX [FOLDER_OF_THE_LIBRARIES]}
libraries=${2:-$here/../target/release}
case $prefix in /*) ;; *) echo "install.sh: the prefix is no absolute path: $prefix" >&2; exit 1 ;; esac
said() { sed -n "s/^#define $1 \"\{0,1\}\([0-9.]*\)\"\{0,1\}$/\1/p" "$here/include/aios.h"; }
version=$(said AIOS_VERSION)
abi=$(said AIOS_ABI_VERSION)
to=${DESTDIR:-}$prefix

install -d "$to/include" "$to/lib/pkgconfig"
install -m 644 "$here/include/aios.h" "$to/include/aios.h"
install -m 644 "$libraries/libaios.a" "$to/lib/libaios.a"
install -m 755 "$libraries/libaios.so" "$to/lib/libaios.so.$version"
ln -sf "libaios.so.$version" "$to/lib/libaios.so.$abi"
ln -sf "libaios.so.$abi" "$to/lib/libaios.so"
sed -e "s|@PREFIX@|$prefix|" -e "s|@VERSION@|$version|" "$here/aios.pc.in" > "$to/lib/pkgconfig/aios.pc"
echo "aios $version (libaios.so.$abi) is in $to"
