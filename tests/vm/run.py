"""`make vm-test`: a checkout of HEAD, installed and put through its faults in a virtual machine.

Takes what `image.sh` made, hands the guest what it needs over a shared folder (it has no network),
shows what it says, and leaves with status 1 if a step failed or never came.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
BUILD = REPOSITORY / "build" / "vm"
SHARE = BUILD / "share"
# A machine that says nothing more is switched off.
PATIENCE_S = 3600
# What Debian 12 has.
GUEST_PYTHON = "3.11"


def main() -> int:
    """The exit status."""
    prepare()
    print("Booting; what the guest says is in", BUILD / "serial.log", flush=True)
    boot()
    results = SHARE / "results"
    steps = [json.loads(line) for line in results.read_text().splitlines()]
    width = max((len(step["step"]) for step in steps), default=0)
    print()
    for step in steps:
        outcome = "pass" if step["passed"] else "FAIL"
        print(f"{outcome}  {step['step']:<{width}}  {step['seconds']:6.1f} s  {step['note']}")
    missing = [] if steps and steps[-1]["step"] == "end" else ["it ended too early"]
    failed = [step["step"] for step in steps if not step["passed"]] + missing
    print("\nAll passed." if not failed else f"\nFailed: {', '.join(failed)}.")
    return 1 if failed else 0


def prepare() -> None:
    """Make the folder that the guest sees: its scripts, and wheels of HEAD and what it needs."""
    shutil.rmtree(SHARE, ignore_errors=True)
    sources, wheels = SHARE / "sources", SHARE / "wheels"
    sources.mkdir(parents=True)
    wheels.mkdir(parents=True)
    for script in HERE.glob("*.py"):
        shutil.copy(script, SHARE)
    (SHARE / "results").touch()
    archive = subprocess.run(
        ["git", "archive", "HEAD"], cwd=REPOSITORY, check=True, stdout=subprocess.PIPE
    )
    subprocess.run(["tar", "x", "-C", sources], input=archive.stdout, check=True)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", wheels, sources], check=True)
    platforms = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
    options = ["--only-binary=:all:", "--python-version", GUEST_PYTHON]
    options += [word for platform in platforms for word in ("--platform", platform)]
    (ours,) = wheels.glob("improvd-*.whl")
    needed = [ours, "pytest"]
    subprocess.run([*pip, "download", *options, "--dest", wheels, *needed], check=True)


def boot() -> None:
    """Run the machine until it powers off. IMPROVD_VM_ACCEL=kvm where that works."""
    command = [
        *("qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none"),
        *("-accel", os.environ.get("IMPROVD_VM_ACCEL", "tcg,thread=multi")),
        *("-cpu", "max", "-smp", "2", "-m", "1024"),
        *("-kernel", BUILD / "vmlinuz", "-initrd", BUILD / "initrd"),
        *("-append", "root=/dev/vda rw console=ttyS0 systemd.show_status=1 systemd.log_color=0"),
        # What the guest writes is forgotten with the machine, but not at its reboots.
        *("-drive", f"file={BUILD / 'root.ext4'},format=raw,if=virtio,snapshot=on"),
        *("-fsdev", f"local,id=host,path={SHARE},security_model=none"),
        *("-device", "virtio-9p-pci,fsdev=host,mount_tag=host"),
        *("-serial", "stdio"),
    ]
    with (BUILD / "serial.log").open("wb") as log:
        machine = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        assert machine.stdout is not None
        limit = threading.Timer(PATIENCE_S, machine.kill)
        limit.start()
        try:
            for line in machine.stdout:
                log.write(line)
                log.flush()
                if line.startswith((b"pass ", b"FAIL ")):
                    print(line.decode(errors="replace").rstrip(), flush=True)
        finally:
            limit.cancel()
            machine.terminate()
            machine.wait()


if __name__ == "__main__":
    sys.exit(main())
