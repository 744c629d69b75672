"""The files of the page, read once and served from memory: no disk is waited for while it plays."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parent / "page"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mp3": "audio/mpeg",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
# Where the page says of which version it is, so that it reloads when the service is of another.
_VERSION = b"__VERSION__"


@dataclass(frozen=True, slots=True)
class PageFile:
    """The content of a file, its type, and what is the same for as long as the content is."""

    content: bytes
    type: str
    etag: str


@dataclass(frozen=True, slots=True)
class PageFiles:
    """All files by their path under the page's address, and the version that they make up."""

    version: str
    by_path: dict[str, PageFile]


def page_files(folder: Path = PAGE) -> PageFiles:
    """Read them."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in _TYPES)
    contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    whole = hashlib.sha256(b"".join(name.encode() + data for name, data in contents.items()))
    version = whole.hexdigest()[:12]
    by_path = {}
    for name, content in contents.items():
        data = content.replace(_VERSION, version.encode())
        etag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        by_path[name] = PageFile(data, _TYPES[Path(name).suffix], etag)
    return PageFiles(version, by_path)
