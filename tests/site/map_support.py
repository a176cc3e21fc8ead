"""Map services on a site: staged from projects, published, asked."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from geosharing.server import stage
from geosharing.site import Site
from rest_support import add_item, ask, fetch

ROOT = Path(__file__).resolve().parents[2]
COMPLEX = ROOT / ".." / "shared" / "corpus" / "projects" / "mapping_complex"
DRAFT = "test_mapping_complex.sddraft"
AUTHOR = "E:\\public\\arcpyext\\tests\\samples\\"


def copy_complex(folder: Path) -> Path:
    """Copy the project, and return its genuine draft with the project's path on this machine."""
    if not COMPLEX.is_dir():
        pytest.skip("project mapping_complex is not in this clone; it is in the corpus beside it")
    shutil.copytree(COMPLEX, folder, dirs_exist_ok=True)
    draft = folder / DRAFT
    draft.write_text(draft.read_text().replace(AUTHOR, f"{folder}/"))
    return draft


def edit(
    draft: Path, *, by_reference: bool, hosted: bool = False, name: str = "Test", **settings: str
) -> Path:
    """Edit a draft as scripts do: copy data or not, values of keys, extensions by `enable`."""
    text = draft.read_text()
    word = str(by_reference).lower()
    text = re.sub("<ByReference>[a-z]+</ByReference>", f"<ByReference>{word}</ByReference>", text, count=1)
    text = text.replace("<Name>Test</Name>", f"<Name>{name}</Name>")
    if hosted:
        text = text.replace("esriSVCServerType_FullServer", "esriSVCServerType_LightweightOnline")
    for kind in filter(None, settings.pop("enable", "").split(",")):
        head, tail = text.split(f"<TypeName>{kind}</TypeName>", 1)
        before, extension = head.rsplit("<SVCExtension", 1)
        if "<Enabled>" in extension:
            extension = extension.replace("<Enabled>false", "<Enabled>true", 1)
        else:
            tail = tail.replace("<Enabled>false", "<Enabled>true", 1)
        text = f"{before}<SVCExtension{extension}<TypeName>{kind}</TypeName>{tail}"
    for key, value in settings.items():
        pieces = re.split(f"(<Key>{key}</Key><Value[^>]*>)[^<]*", text)
        assert len(pieces) > 1, key
        text = "".join(piece + value if at % 2 else piece for at, piece in enumerate(pieces))
    out = draft.with_name(f"{name}.sddraft")
    out.write_text(text)
    return out


def publish_definition(
    site: Site, token: str, sd: Path, **more: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Publish a service definition as ann; return the answer and the job's end."""
    item = add_item(site, token, sd, "Service Definition")
    home = f"{site.portal_url}/sharing/rest/content/users/ann"
    answer = ask(f"{home}/publish", token=token, itemId=item, fileType="serviceDefinition", **more)
    if "services" not in answer or "jobId" not in answer["services"][0]:
        return answer, {}
    service = answer["services"][0]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        status = ask(f"{home}/items/{service['serviceItemId']}/status", token=token, jobId=service["jobId"])
        if status["status"] != "processing":
            break
        time.sleep(0.05)
    return service, status


def stage_and_publish(site: Site, token: str, draft: Path, **more: Any) -> str:
    """Return the address of the service."""
    sd = draft.with_suffix(".sd")
    sd.unlink(missing_ok=True)
    staged = stage(draft, sd)
    service, status = publish_definition(site, token, Path(staged.path), **more)
    assert status.get("status") == "completed", (service, status)
    return str(service["serviceurl"])


def picture(url: str, token: str, **form: Any) -> bytes:
    """Ask for a picture."""
    body, headers = fetch(url, f="image", token=token, **form)
    assert headers["Content-Type"].startswith("image/"), body[:500]
    return bytes(body)
