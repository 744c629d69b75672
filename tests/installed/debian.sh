#!/bin/sh
# The tests in another Debian: debian.sh SUITE FOLDER
#
# Makes the suite's Debian in the folder, once, and a checkout of HEAD in it; then installs improvd
# there as the README says, runs what neither learns nor computes for long nor measures the machine,
# on MIDI systems too, and plays from a wheel. Types are not looked at: there they are NumPy's next.
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
    --include=jackd2,jack-example-tools,jack-midi-clock,fluidsynth,timgm6mb-soundfont,systemd \
    --include=pipewire,pipewire-bin,pipewire-jack \
    "$suite" "$root" ${MIRROR:+"$MIRROR"}
  touch "$root/made"
fi

mkdir -p "$root/improvd"
find "$root/improvd" -mindepth 1 -maxdepth 1 ! -name .venv -exec rm -rf {} +
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
    make .venv/checks
    .venv/bin/python -m pytest -q -n 2 --dist worksteal \
      -m \"not learning and not long and not quiet\"
    make wheel-test
  "
' "$root"
