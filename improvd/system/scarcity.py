"""What the system has too little of, as a sentence: descriptors, or memory."""

import errno

_FILES = "the system lets it open too few files; allow more, such as by `ulimit -n 256`"
_MEMORY = "the system gives it too little memory; end other programs, or allow more by `ulimit -v`"
# What the loader of shared libraries says then.
_UNMAPPED = "failed to map segment"


def scarcity(error: BaseException) -> str | None:
    """What there was too little of, if that is what this error comes from."""
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.EMFILE, errno.ENFILE):
        return _FILES
    unmapped = isinstance(error, ImportError) and _UNMAPPED in str(error)
    return _MEMORY if isinstance(error, MemoryError) or number == errno.ENOMEM or unmapped else None
