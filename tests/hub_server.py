"""A Hub on loopback: repositories, branches, large files and downloads, as huggingface_hub asks for them.

Weights go the way of Git LFS (batch, PUT to a storage address, verify), everything else inside the
commit; a download of a large file is a redirect to the storage. `HF_HUB_DISABLE_XET` keeps the client
off the Hub's newer storage protocol, which has no server but its own.
"""

import base64
import hashlib
import json
import os
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TOKEN = "loopback-hub-token"
LARGE_SUFFIXES = (".onnx", ".safetensors")
_REPO = r"(?P<repo>[\w.-]+/[\w.-]+)"


@dataclass
class Repository:
    """Files of every commit, and the commit of every branch."""

    private: bool
    branches: dict[str, str] = field(default_factory=dict)
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def commit(self, branch: str, files: dict[str, bytes]) -> str:
        before = self.commits.get(self.branches.get(branch, ""), {})
        name = hashlib.sha1(repr((len(self.commits), sorted(files))).encode()).hexdigest()
        self.commits[name] = {**before, **files}
        self.branches[branch] = name
        return name

    def find(self, revision: str) -> str | None:
        return self.branches.get(revision, revision if revision in self.commits else None)


class Hub:
    """`with Hub() as hub:` and give `hub.environment(home)` to the process that should use it."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.large: dict[str, bytes] = {}  # by sha256
        self.asked: list[str] = []
        self._servers = [ThreadingHTTPServer(("127.0.0.1", 0), _handler(self)) for _ in range(2)]
        # The storage is another host, as on the Hub, whose client treats a redirect to it otherwise.
        self.url, self.storage_url = (f"http://127.0.0.1:{one.server_port}" for one in self._servers)

    def __enter__(self) -> "Hub":
        for server in self._servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def environment(self, home: Path, token: str | None = TOKEN) -> dict[str, str]:
        """For a child process: this Hub, and a cache of its own."""
        own = {"HF_ENDPOINT": self.url, "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1", "NO_PROXY": "*"}
        return {"PATH": os.environ["PATH"], **own, **({"HF_TOKEN": token} if token else {})}


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        pass

    Handler.hub = hub
    return Handler


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        body = self._body()
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._json(401, {"error": "Invalid credentials in Authorization header"})
        for pattern, answer in _POSTS.items():
            if found := re.fullmatch(pattern, self._path()):
                return answer(self, body, **found.groupdict())
        return self._json(404, {"error": "Not found"})

    def do_PUT(self) -> None:
        body, sha256 = self._body(), self._path().rpartition("/")[2]
        if hashlib.sha256(body).hexdigest() != sha256:
            return self._json(400, {"error": "other content"})
        self.hub.large[sha256] = body
        return self._answer(200, b"")

    def do_GET(self) -> None:
        if found := re.fullmatch(r"/large/(\w+)", self._path()):
            return self._answer(200, self.hub.large[found[1]], {"ETag": f'"{found[1]}"'})
        for pattern, answer in _GETS.items():
            if found := re.fullmatch(pattern, self._path()):
                return self._of_repository(answer, **found.groupdict())
        return self._json(404, {"error": "Not found"}, {"X-Error-Code": "RepoNotFound"})

    do_HEAD = do_GET  # noqa: N815

    def _of_repository(self, answer: Any, repo: str, revision: str, path: str = "") -> None:
        repository = self.hub.repositories.get(repo)
        may = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        if repository is None or (repository.private and not may):
            return self._json(401, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})
        commit = repository.find(revision)
        if commit is None:
            return self._json(404, {"error": "Invalid rev"}, {"X-Error-Code": "RevisionNotFound"})
        return answer(self, repo, commit, repository.commits[commit], path)

    def create(self, body: bytes) -> None:
        asked = json.loads(body)
        repo = f"{asked['organization']}/{asked['name']}"
        if repo in self.hub.repositories:
            taken = {"error": "You already created this model repo", "url": f"{self.hub.url}/{repo}"}
            return self._json(409, taken)
        is_private = asked.get("private") or asked.get("visibility") == "private"
        self.hub.repositories[repo] = Repository(bool(is_private))
        self.hub.repositories[repo].commit("main", {".gitattributes": b"*.onnx filter=lfs\n"})
        return self._json(200, {"url": f"{self.hub.url}/{repo}", "name": repo, "id": repo})

    def branch(self, body: bytes, repo: str, branch: str) -> None:
        repository = self.hub.repositories[repo]
        if branch in repository.branches:
            return self._json(409, {"error": "Reference already exists"})
        repository.branches[branch] = repository.branches["main"]
        return self._json(201, {})

    def validate(self, body: bytes) -> None:
        has_license = json.loads(body)["content"].startswith("---\nlicense: ")
        errors = [] if has_license else [{"message": "no license"}]
        return self._json(200 if has_license else 400, {"errors": errors, "warnings": []})

    def preupload(self, body: bytes, repo: str, revision: str) -> None:
        files = [
            {
                "path": file["path"],
                "uploadMode": "lfs" if file["path"].endswith(LARGE_SUFFIXES) else "regular",
                "shouldIgnore": False,
            }
            for file in json.loads(body)["files"]
        ]
        return self._json(200, {"files": files})

    def batch(self, body: bytes, repo: str) -> None:
        objects = []
        for one in json.loads(body)["objects"]:
            upload = {"href": f"{self.hub.storage_url}/large/{one['oid']}"}
            verify = {"href": f"{self.hub.url}/{repo}.git/info/lfs/verify"}
            objects.append({**one, "actions": {"upload": upload, "verify": verify}})
        return self._json(200, {"transfer": "basic", "objects": objects})

    def verify(self, body: bytes, repo: str) -> None:
        one = json.loads(body)
        there = len(self.hub.large.get(one["oid"], b"")) == one["size"]
        return self._json(200 if there else 404, {})

    def commit(self, body: bytes, repo: str, revision: str) -> None:
        files = {}
        for line in map(json.loads, body.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = self.hub.large[value["oid"]]
        name = self.hub.repositories[repo].commit(revision, files)
        url = f"{self.hub.url}/{repo}/commit/{name}"
        return self._json(200, {"success": True, "commitOid": name, "commitUrl": url})

    def info(self, repo: str, commit: str, files: dict[str, bytes], _: str) -> None:
        siblings = [{"rfilename": name} for name in files]
        return self._json(200, {"id": repo, "sha": commit, "siblings": siblings})

    def tree(self, repo: str, commit: str, files: dict[str, bytes], _: str) -> None:
        listed = [
            {"type": "file", "path": name, "size": len(content), "oid": _git_digest(content)}
            for name, content in files.items()
        ]
        return self._json(200, listed)

    def resolve(self, repo: str, commit: str, files: dict[str, bytes], path: str) -> None:
        about = {"X-Repo-Commit": commit}
        if path not in files:
            return self._json(404, {"error": "Entry not found"}, {**about, "X-Error-Code": "EntryNotFound"})
        content = files[path]
        if not path.endswith(LARGE_SUFFIXES):
            return self._answer(200, content, {**about, "ETag": f'"{_git_digest(content)}"'})
        sha256 = hashlib.sha256(content).hexdigest()
        linked = {"X-Linked-Etag": f'"{sha256}"', "X-Linked-Size": str(len(content))}
        return self._answer(
            302, b"", {**about, **linked, "Location": f"{self.hub.storage_url}/large/{sha256}"}
        )

    def _path(self) -> str:
        return self.path.partition("?")[0]

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _json(self, status: int, value: object, headers: dict[str, str] | None = None) -> None:
        about = {"Content-Type": "application/json", **(headers or {})}
        self._answer(status, json.dumps(value).encode(), about)

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.hub.asked.append(f"{self.command} {self.path} {status}")
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _git_digest(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


_POSTS: dict[str, Any] = {
    "/api/repos/create": _Handler.create,
    "/api/validate-yaml": _Handler.validate,
    f"/api/models/{_REPO}/branch/(?P<branch>.+)": _Handler.branch,
    f"/api/models/{_REPO}/preupload/(?P<revision>.+)": _Handler.preupload,
    f"/api/models/{_REPO}/commit/(?P<revision>.+)": _Handler.commit,
    f"/{_REPO}.git/info/lfs/objects/batch": _Handler.batch,
    f"/{_REPO}.git/info/lfs/verify": _Handler.verify,
}
_GETS: dict[str, Any] = {
    f"/api/models/{_REPO}/revision/(?P<revision>.+)": _Handler.info,
    f"/api/models/{_REPO}/tree/(?P<revision>.+)": _Handler.tree,
    f"/{_REPO}/resolve/(?P<revision>[^/]+)/(?P<path>.+)": _Handler.resolve,
}
