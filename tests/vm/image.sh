#!/bin/sh
# Makes the virtual machine in the folder given: root.ext4, vmlinuz, initrd.
#
# A minimal Debian with systemd, Debian's own kernel, the ALSA sequencer, a JACK server and PipeWire.
# At boot it
# mounts the host's folder "host" on /host and runs /host/guest.py on the first serial line.
# Needs root, mmdebstrap and e2fsprogs; takes three minutes.
set -eu
out=$1
root=$out/root
mkdir -p "$out"
rm -rf "$root"

mmdebstrap --quiet --variant=minbase --include=systemd,systemd-sysv,dbus,libpam-systemd,udev,kmod \
  --include=procps,util-linux,python3,python3-venv,alsa-utils,libasound2,jackd2,linux-image-amd64 \
  --include=pipewire,pipewire-bin,pipewire-jack,wireplumber,dbus-user-session \
  bookworm "$root"

printf 'snd-seq\nsnd-virmidi\n9pnet_virtio\n' >"$root/etc/modules-load.d/vm.conf"
cat >"$root/etc/fstab" <<'FSTAB'
/dev/vda / ext4 noatime 0 0
host /host 9p trans=virtio,version=9p2000.L,msize=262144 0 0
FSTAB
mkdir "$root/host"
cat >"$root/etc/systemd/system/vm-test.service" <<'UNIT'
[Unit]
Description=The guest's part of make vm-test
RequiresMountsFor=/host
After=multi-user.target systemd-logind.service

[Service]
Type=oneshot
ExecStart=/usr/bin/python3 -u /host/guest.py
TimeoutStartSec=infinity
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS0
# A script that breaks down must not leave the host waiting.
ExecStopPost=/bin/sh -c 'test "$SERVICE_RESULT" = success || systemctl --no-block poweroff'

[Install]
WantedBy=graphical.target
UNIT
chroot "$root" useradd --create-home --groups audio musician
chroot "$root" systemctl --quiet enable vm-test.service
chroot "$root" systemctl --quiet set-default graphical.target
chroot "$root" systemctl --quiet mask serial-getty@ttyS0.service getty@tty1.service \
  apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer
echo improvd-vm >"$root/etc/hostname"

cp "$root/vmlinuz" "$out/vmlinuz"
cp "$root/initrd.img" "$out/initrd"
mke2fs -q -t ext4 -d "$root" "$out/root.ext4.part" 3G
rm -rf "$root"
# Last, so that a broken attempt is not taken for an image.
mv "$out/root.ext4.part" "$out/root.ext4"
