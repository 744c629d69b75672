#!/bin/sh
# The checks, and what plays in real time, in another Debian: debian.sh SUITE FOLDER
#
# Makes the suite's Debian in the folder, once, and a checkout of HEAD in it; then installs improvd
# there as the README says, runs `make check` and the tests on MIDI systems, and plays from a wheel.
# Needs root and mmdebstrap. apt and pip ask whom they ask on this machine: MIRROR=... names another
# archive, and the environment's PIP_... and the system's certificates go along.
set -eu
suite=$1
root=$2/root
sources=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)

if ! [ -e "$root/made" ]; then
  mkdir -p "$2"
  proxy=$(apt-config shell PROXY Acquire::http::Proxy)
  eval "$proxy"
  mmdebstrap --quiet --variant=minbase \
    ${PROXY:+--aptopt="Acquire::http::Proxy \"$PROXY\";"} \
    --include=python3,python3-venv,python3-dev,make,git,ca-certificates,procps \
    --include=g++,pkg-config,libasound2-dev,libjack-jackd2-dev \
    --include=jackd2,jack-midi-clock,fluidsynth,timgm6mb-soundfont,systemd \
    --include=pipewire,pipewire-bin,pipewire-jack \
    "$suite" "$root" ${MIRROR:+"$MIRROR"}
  touch "$root/made"
fi

rm -rf "$root/improvd"
mkdir "$root/improvd"
git -C "$sources" archive HEAD | tar x -C "$root/improvd"
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"

# In mounts of its own, which end with it.
export HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin
export REQUIRE_MIDI=1
unset PYTHONPATH
exec unshare --mount --pid --fork sh -eu -c '
  mount --rbind /dev "$0/dev"
  mount -t tmpfs shm "$0/dev/shm"
  mount -t proc proc "$0/proc"
  exec chroot "$0" sh -eu -c "
    cd /improvd
    python3 --version
    make check
    .venv/bin/python -m pytest -q -n 2 --dist worksteal \
      -m \"realtime and not quiet and not learning\"
    make wheel-test
  "
' "$root"
