"""A path never leads out of the server's root; the project is found from it as a kernel finds it."""

from __future__ import annotations

import json

import pytest
from tornado.httpclient import HTTPClientError

from nbtrail.errors import InputError
from nbtrail.project import FOLDER, find_project
from nbtrail.server.places import OutsideRootError, locate


@pytest.fixture
def outside(tmp_path):
    """A project beside the server's root, which it must not show."""
    (tmp_path / "outside" / FOLDER).mkdir(parents=True)
    find_project(tmp_path / "outside", environ={}).open(read_only=False).close()
    return tmp_path / "outside"


@pytest.mark.parametrize(
    "path",
    [
        "..",
        "../outside",
        "heart-disease/../../outside",
        "heart-disease/..",
        "/etc",
        "//server/share",
        "..\\outside",
    ],
)
async def test_a_path_that_leaves_the_root_is_forbidden(ask, project, outside, path):
    answer = await ask("GET", "runs", path=path)

    assert (answer.status, answer.body["error"]["kind"]) == (403, "OutsideRootError")


@pytest.mark.parametrize("path", ["%2e%2e%2foutside", "%2E%2E/outside", "..%2foutside", "new%2f..%2f..%2foutside"])
async def test_dots_written_as_percent_codes_are_dots(http_server_client, jp_base_url, jp_auth_header, outside, path):
    with pytest.raises(HTTPClientError) as refused:
        await http_server_client.fetch(f"{jp_base_url}nbtrail/api/runs?path={path}", headers=jp_auth_header)

    assert refused.value.code == 403
    assert json.loads(refused.value.response.body)["error"]["kind"] == "OutsideRootError"


@pytest.mark.parametrize("path", ["way-out", "way-out/deeper", "way-out/nb.ipynb"])
async def test_a_link_that_leads_out_of_the_root_is_forbidden(ask, project, outside, jp_root_dir, path):
    (jp_root_dir / "way-out").symlink_to(outside)

    assert (await ask("GET", "runs", path=path)).status == 403


async def test_a_linked_notebook_from_outside_the_root_is_forbidden(ask, project, outside, jp_root_dir):
    (outside / "real.ipynb").write_text("{}")
    (jp_root_dir / "nb.ipynb").symlink_to(outside / "real.ipynb")

    assert (await ask("POST", "export", {"runs": ["x"]}, path="nb.ipynb")).status == 403


async def test_a_way_that_leaves_the_root_and_comes_back_is_forbidden(ask, project, outside, jp_root_dir):
    """An export would be written where the way leads through."""
    (jp_root_dir / "way-out").symlink_to(outside)
    (outside / "nb.ipynb").symlink_to(jp_root_dir / "heart-disease")

    assert (await ask("GET", "runs", path="way-out/nb.ipynb")).status == 403


async def test_a_colon_in_a_name_is_a_colon(ask, project, jp_root_dir):
    assert (await ask("GET", "runs", path="heart-disease/Q: what now?.ipynb")).body["total"] == 5


async def test_a_link_that_stays_in_the_root_is_followed(ask, project, jp_root_dir):
    (jp_root_dir / "shortcut").symlink_to(jp_root_dir / "heart-disease")
    answer = await ask("GET", "runs", path="shortcut/train.ipynb")

    assert answer.body["total"] == 5
    assert answer.body["project"]["path"] == "heart-disease"


@pytest.mark.parametrize("below", ["", "/", "/train.ipynb", "/deep/train.ipynb"])
async def test_the_project_is_found_upward_from_the_path(ask, project, below):
    answer = await ask("GET", "runs", path=f"heart-disease{below}")

    assert answer.body["project"] == {
        "id": project.id,
        "name": "heart-disease",
        "root": str(project.root),
        "path": "heart-disease",
        "exists": True,
    }


async def test_a_project_in_the_root_itself_has_an_empty_path(ask, make_project):
    make_project(".")

    assert (await ask("GET", "runs", path="")).body["project"]["path"] == ""


async def test_a_project_above_the_root_is_found_as_a_kernel_finds_it(ask, jp_root_dir):
    (jp_root_dir.parent / FOLDER).mkdir()
    find_project(jp_root_dir, environ={}).open(read_only=False).close()
    answer = await ask("GET", "runs", path="nb.ipynb")

    assert answer.body["project"]["root"] == str(jp_root_dir.parent)
    assert answer.body["project"]["path"] is None


def test_a_path_that_the_file_system_cannot_have_is_outside(tmp_path):
    with pytest.raises(OutsideRootError, match="outside the folder"):
        locate(tmp_path, "a\0b")


def test_a_path_through_a_link_to_itself_harms_nothing(tmp_path):
    (tmp_path / "round").symlink_to(tmp_path / "round")

    assert locate(tmp_path, "round").project.exists is False


def test_a_very_long_path_harms_nothing(tmp_path):
    with pytest.raises(InputError, match="too long") as refused:
        locate(tmp_path, "x" * 100_000)

    assert len(str(refused.value)) < 300
