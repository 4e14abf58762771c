"""Who may ask: every route of the wiring wants a token, a permission, and for writes the XSRF cookie."""

from __future__ import annotations

import json
import re
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import pytest
from jupyter_server.auth import Authorizer
from tornado.web import RequestHandler

from nbtrail.server.routes import ROUTES
from tests.server.world import HERON, OTTER

BODIES = {
    "PATCH": {"note": "new"},
    "POST": {"runs": [OTTER, HERON]},
}
READS_BY_POST = {"compare"}


def wired() -> list[tuple[str, str]]:
    """Each method that a route of the wiring serves, with an address that its pattern takes."""
    found = []
    for pattern, handler in ROUTES:
        route = pattern.replace("([^/]+)", OTTER)
        assert re.fullmatch(pattern, route), f"say here what {pattern!r} takes"
        methods = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
        found += [(method, route) for method in methods if serves(handler, method.lower())]
    return found


def serves(handler, method: str) -> bool:
    return getattr(handler, method) is not getattr(RequestHandler, method)


ALL = wired()
WRITES = [(method, route) for method, route in ALL if method != "GET"]


@pytest.fixture
def send(http_server_client, jp_base_url, jp_serverapp, project):
    """Sends a request as it stands, without the token, and gives the status."""

    async def send(method: str, route: str, *, headers=None, **query: str):
        query = {"path": "heart-disease", "by": "tag", **query}
        body = json.dumps(BODIES[method]) if method in BODIES else None
        return await http_server_client.fetch(
            f"{jp_base_url}nbtrail/api/{route}?{urlencode(query)}",
            method=method,
            headers=headers or {},
            body=body,
            request_timeout=60,
            raise_error=False,
        )

    return send


@pytest.fixture
def visit(http_server_client, jp_base_url, jp_serverapp):
    """Looks at the login page, and gives the cookies that everybody gets there."""

    async def visit() -> SimpleCookie:
        page = await http_server_client.fetch(f"{jp_base_url}login")
        return SimpleCookie(page.headers["Set-Cookie"])

    return visit


@pytest.fixture
def log_in(visit, http_server_client, jp_base_url, jp_serverapp):
    """Logs in as a browser does, and gives its cookies."""

    async def log_in() -> dict[str, str]:
        jar = await visit()
        form = {"password": jp_serverapp.identity_provider.token, "_xsrf": jar["_xsrf"].value}
        answer = await http_server_client.fetch(
            f"{jp_base_url}login",
            method="POST",
            body=urlencode(form),
            headers={"Cookie": f"_xsrf={form['_xsrf']}"},
            follow_redirects=False,
            raise_error=False,
        )
        for line in answer.headers.get_list("Set-Cookie"):
            jar.load(line)
        return {name: morsel.value for name, morsel in jar.items()}

    return log_in


def as_header(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def test_the_wiring_has_the_routes_of_the_docs():
    assert {(method, route.replace(OTTER, "{id}")) for method, route in ALL} == {
        ("GET", "runs"),
        ("GET", "groups"),
        ("GET", "runs/{id}"),
        ("PATCH", "runs/{id}"),
        ("POST", "compare"),
        ("POST", "export"),
    }


@pytest.mark.parametrize(("method", "route"), ALL)
async def test_a_request_without_a_token_is_forbidden(send, method, route):
    answer = await send(method, route)

    assert answer.code == 403
    assert json.loads(answer.body)["error"]["kind"] == "Forbidden"


@pytest.mark.parametrize(("method", "route"), ALL)
async def test_an_xsrf_cookie_alone_opens_nothing(send, visit, method, route):
    """Anybody gets one from the login page."""
    xsrf = (await visit())["_xsrf"].value
    answer = await send(method, route, headers={"Cookie": f"_xsrf={xsrf}", "X-XSRFToken": xsrf})

    assert answer.code == 403
    assert "_xsrf" not in json.loads(answer.body)["error"]["message"]


@pytest.mark.parametrize(("method", "route"), WRITES)
async def test_a_browser_that_does_not_repeat_its_xsrf_cookie_may_not_write(send, log_in, method, route):
    cookies = await log_in()
    refused = await send(method, route, headers={"Cookie": as_header(cookies)})
    taken = await send(method, route, headers={"Cookie": as_header(cookies), "X-XSRFToken": cookies["_xsrf"]})

    assert (refused.code, taken.code) == (403, 200)
    assert "_xsrf" in json.loads(refused.body)["error"]["message"]


async def test_a_browser_may_read_with_its_cookie(send, log_in):
    headers = {"Cookie": as_header(await log_in())}

    assert (await send("GET", "runs", headers=headers)).code == 200


class ReadersOnly(Authorizer):
    """Lets everybody read nbtrail, and nothing else."""

    def is_authorized(self, handler, user, action, resource):
        return (action, resource) == ("read", "nbtrail")


class TestWhereOnlyReadingIsAllowed:
    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config.ServerApp.authorizer_class = ReadersOnly
        return jp_server_config

    @pytest.mark.parametrize(("method", "route"), ALL)
    async def test_reads_are_answered_and_writes_forbidden(self, send, jp_auth_header, method, route):
        reads = method == "GET" or route in READS_BY_POST

        assert (await send(method, route, headers=dict(jp_auth_header))).code == (200 if reads else 403)
