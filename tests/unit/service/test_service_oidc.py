"""Signing in at a real issuer on loopback; what is wrong with it or its tokens lets nobody in."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2 as httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from oidc_issuer import CLIENT, SECRET, Issuer, issuing, key, text_of
from ringroad.domain.errors import InvalidConfig
from ringroad.service.access import COOKIE
from ringroad.service.oidc.settings import Oidc, read_oidc
from ringroad.service.oidc.signature import verified
from ringroad.service.settings import ServiceSettings
from ringroad.service.web import BROWSER_COOKIE
from service_kit import API, Served, copied, serve

ROLES = {"perception": "engineer", "labels": "labeller", "leads": "approver"}


@pytest.fixture(scope="module")
def running(demo_workspace: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("oidc") / "workspace"
    copied(demo_workspace.folder, folder)
    with issuing() as issuer:
        oidc = Oidc(
            issuer=issuer.address, client_id=CLIENT, address="http://127.0.0.1:1", roles=ROLES
        )
        for served in serve(folder, ServiceSettings(port=0, oidc=oidc)):
            object.__setattr__(oidc, "address", f"http://{served.host}")
            yield served, issuer


@pytest.fixture
def site(running: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[Served, Issuer]:
    """A service and its issuer, which does all right until a test bends it."""
    served, issuer = running
    monkeypatch.setenv("RINGROAD_OIDC_SECRET", SECRET)
    fresh = Issuer()
    for name in ("head", "document", "keys", "signs", "token"):
        setattr(issuer, name, getattr(fresh, name))
    issuer.claims = {"email": "ada@example.org", "email_verified": True, "groups": ["perception"]}
    issuer.asked.clear()
    served.service.access.sign_in._issuer._read_at = float("-inf")
    return served, issuer


def go(browser: httpx.Client) -> httpx.Response:
    """To the issuer and back, as a browser goes."""
    away = browser.get("/enter/oidc")
    assert away.status_code == 303, away.text
    back = httpx.get(away.headers["location"], trust_env=False)
    return browser.get(back.headers["location"])


def test_somebody_signs_in_and_has_the_role_of_the_claim(site: tuple[Served, Issuer]):
    served, issuer = site
    with served.stranger as browser:
        assert browser.get("/enter/ways").json() == {"oidc": "single sign-on"}
        answer = go(browser)
        assert answer.status_code == 200
        assert 'http-equiv="refresh"' in answer.text
        cookie = answer.headers["set-cookie"].lower()
        for part in (COOKIE, "httponly", "samesite=strict"):
            assert part in cookie
        me = browser.get(f"{API}/me").json()
        assert (me["who"], me["role"]) == ("ada@example.org", "engineer")
        own = {"origin": f"http://{served.host}"}
        body = {"name": "mine", "limit": 1}
        assert browser.post(f"{API}/selections", json=body, headers=own).status_code == 201
    assert issuer.asked == ["/.well-known/openid-configuration", "/keys", "/authorize", "/token"]
    served.service.refusals.settle()
    noted = [(item.who, item.operation, item.status) for item in served.service.audit.entries()]
    assert noted[-2:] == [
        ("ada@example.org", "enter", 200),
        ("ada@example.org", "save_selection", 201),
    ]


@pytest.mark.parametrize(
    ("groups", "role"),
    [(["labels", "leads", "perception"], "approver"), ("labels", "labeller"),
     (["unknown", "labels", 7, None], "labeller")],
)  # fmt: skip
def test_the_highest_role_counts(site: tuple[Served, Issuer], groups: Any, role: str):
    served, issuer = site
    issuer.claims["groups"] = groups
    with served.stranger as browser:
        go(browser)
        assert browser.get(f"{API}/me").json()["role"] == role


def test_another_role_at_the_issuer_ends_sessions_with_the_old_one(site: tuple[Served, Issuer]):
    served, issuer = site
    with served.stranger as first, served.stranger as same, served.stranger as later:
        go(first)
        go(same)
        assert [at.get(f"{API}/me").status_code for at in (first, same)] == [200, 200]
        issuer.claims["groups"] = ["labels"]
        go(later)
        assert [at.get(f"{API}/me").status_code for at in (first, same, later)] == [401, 401, 200]
        [item] = [at for at in served.get("/sessions")["items"] if at["who"] == "ada@example.org"]
        assert (item["role"], item["how"]) == ("labeller", "single sign-on")
        assert item["expires_ns"] - item["created_ns"] <= 12 * 3600 * 10**9 + 10**9
        ended = served.ask("POST", "/sessions/ada@example.org:end")
        assert ended.json()["ended"] == 1
        assert later.get(f"{API}/me").status_code == 401


@pytest.mark.parametrize("groups", [[], None, "nothing", ["admin"], {"perception": True}, 7])
def test_no_role_is_no_way_in(site: tuple[Served, Issuer], groups: Any):
    served, issuer = site
    issuer.claims["groups"] = groups
    with served.stranger as browser:
        answer = go(browser)
        assert (answer.status_code, COOKIE in browser.cookies) == (403, False)
        assert "[oidc.roles]" in answer.text


def unsigned(claims: dict[str, Any], head: dict[str, Any]) -> str:
    parts = [urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
             for part in (head, claims)]  # fmt: skip
    return ".".join([*parts, ""])


NOW = int(time.time())
WRONG: dict[str, dict[str, Any]] = {
    "of another issuer": {"claims": {"iss": "https://evil.example"}},
    "for another client": {"claims": {"aud": "other"}},
    "for no client": {"claims": {"aud": None}},
    "for several": {"claims": {"aud": [CLIENT, "other"]}},
    "for another party": {"claims": {"azp": "other"}},
    "over": {"claims": {"exp": NOW - 1000}},
    "without an end": {"claims": {"exp": None}},
    "with a text as its end": {"claims": {"exp": "9999999999"}},
    "old": {"claims": {"iat": NOW - 100_000}},
    "of the future": {"claims": {"iat": NOW + 100_000}},
    "not good yet": {"claims": {"nbf": NOW + 100_000}},
    "of another sign-in": {"claims": {"nonce": "x"}},
    "without a nonce": {"claims": {"nonce": None}},
    "without a name": {"claims": {"email": None}},
    "with a name on two lines": {"claims": {"email": "a\nb"}},
    "with an address that nobody verified": {"claims": {"email_verified": False}},
    "unsigned": {"token": unsigned({"email": "x"}, {"alg": "none"})},
    "signed by nothing": {"token": unsigned({"email": "x"}, {"alg": "RS256", "kid": "one"})},
    "signed with the public key as a secret": {"head": {"alg": "HS256"}},
    "of another algorithm": {"head": {"alg": "RS384"}},
    "critical": {"head": {"crit": ["b64"]}},
    "signed by a stranger": {"signs": key("two")},
    "signed by a stranger under our name": {"head": {"kid": "one"}, "signs": key("two")},
    "signed by a short key": {"signs": key("small", 1024), "keys": [key("small", 1024)]},
    "of an unknown key": {"head": {"kid": "nine"}},
    "no token": {"token": "x"},
    "no text": {"token": "a.b.c"},
    "too long": {"token": "a" * 30_000 + ".b.c"},
}


@pytest.mark.parametrize("name", WRONG)
def test_a_token_that_is_wrong_lets_nobody_in(site: tuple[Served, Issuer], name: str):
    served, issuer = site
    for part, value in WRONG[name].items():
        setattr(issuer, part, {**issuer.claims, **value} if part == "claims" else value)
    served.service.refusals.settle()
    before = len(served.service.audit.entries(limit=100_000))
    with served.stranger as browser:
        answer = go(browser)
        assert (answer.status_code, COOKIE in browser.cookies) == (401, False), answer.text
        assert browser.get(f"{API}/me").status_code == 401
    noted = served.service.audit.entries(after=before)
    assert (noted[0].operation, noted[0].status) == ("enter", 401)


def test_a_bent_signature_is_none(site: tuple[Served, Issuer]):
    """Blocks that careless checks take: short padding with a tail, and zero."""
    served, issuer = site
    one = key("one")
    size = (one.n.bit_length() + 7) // 8
    good = one.sign({"alg": "RS256", "kid": "one"}, {"email": "x"}).rpartition(".")[0]
    for block in (b"\0\1\xff\0" + b"x" * (size - 4), b"\0" * size, b"\xff" * size):
        issuer.token = f"{good}.{text_of(block)}"
        with served.stranger as browser:
            assert go(browser).status_code == 401


def test_a_new_key_of_the_issuer_is_found(site: tuple[Served, Issuer]):
    served, issuer = site
    with served.stranger as browser:
        go(browser)
    issuer.keys, issuer.signs = [key("one"), key("two")], key("two")
    served.service.access.sign_in._issuer._read_at -= 60
    with served.stranger as browser:
        assert go(browser).status_code == 200
    assert issuer.asked.count("/keys") == 2


def test_a_way_back_is_gone_once_by_the_browser_that_began_it(site: tuple[Served, Issuer]):
    served, _ = site
    with served.stranger as browser, served.stranger as thief:
        away = browser.get("/enter/oidc")
        back = httpx.get(away.headers["location"], trust_env=False).headers["location"]
        assert thief.get(back).status_code == 401, "a link to one's own account signs nobody in"
        assert browser.get(back).status_code == 401, "it was used"
        assert go(browser).status_code == 200
        for query in ("", "?code=x", "?state=x", "?code=x&state=x", "?error=access_denied"):
            assert browser.get(f"/enter/oidc/back{query}").status_code == 401


def test_what_the_issuer_is_sent(site: tuple[Served, Issuer]):
    """PKCE, a state and a nonce that nobody guesses, and the address to come back to."""
    served, _ = site
    with served.stranger as browser:
        first, again = (browser.get("/enter/oidc") for _ in range(2))
    asked, other = (parse_qs(urlsplit(at.headers["location"]).query) for at in (first, again))
    assert asked["redirect_uri"] == [f"http://{served.host}/enter/oidc/back"]
    assert asked["code_challenge_method"] == ["S256"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name][0]) >= 43
        assert asked[name] != other[name]
    cookie = first.headers["set-cookie"].lower()
    assert BROWSER_COOKIE in cookie
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_an_error_of_the_issuer_is_text(site: tuple[Served, Issuer]):
    served, _ = site
    with served.stranger as browser:
        state = parse_qs(urlsplit(browser.get("/enter/oidc").headers["location"]).query)["state"][0]
        bad = {"state": state, "error": "<script>alert(1)</script>"}
        answer = browser.get("/enter/oidc/back", params=bad)
    assert answer.status_code == 401
    assert "<script" not in answer.text


@pytest.mark.parametrize(
    "document",
    [{"issuer": "https://evil.example"}, {"token_endpoint": "https://evil.example/token"},
     {"jwks_uri": "http://evil.example/keys"}, {"jwks_uri": "file:///etc/passwd"},
     {"authorization_endpoint": None}, {"jwks_uri": "http://169.254.169.254/"}],
)  # fmt: skip
def test_a_document_that_leads_away_is_refused(
    site: tuple[Served, Issuer], document: dict[str, Any]
):
    served, issuer = site
    issuer.document = document
    with served.stranger as browser:
        answer = browser.get("/enter/oidc")
    assert answer.status_code in {401, 422}
    assert "Not signed in" in answer.text
    assert "/keys" not in issuer.asked


def test_an_issuer_that_is_not_there_is_told(demo_workspace: Any, tmp_path: Path):
    copied(demo_workspace.folder, tmp_path / "workspace")
    oidc = Oidc(
        issuer="http://127.0.0.1:9", client_id=CLIENT, address="http://localhost", roles=ROLES
    )
    for served in serve(tmp_path / "workspace", ServiceSettings(port=0, oidc=oidc)):
        with served.stranger as browser:
            answer = browser.get("/enter/oidc")
        assert answer.status_code == 401
        assert "does not answer" in answer.text


def test_without_an_issuer_there_is_no_such_way(shared: Served):
    with shared.stranger as browser:
        assert browser.get("/enter/ways").json() == {"oidc": None}
        for path in ("/enter/oidc", "/enter/oidc/back?code=x&state=y"):
            assert browser.get(path).status_code == 404


GOOD = """
[oidc]
issuer = "https://sso.example/realms/maps"
client_id = "ringroad"
address = "https://data.example"
[oidc.roles]
perception = "engineer"
"""


def test_a_file_names_the_issuer(tmp_path: Path):
    (tmp_path / "sso.toml").write_text(GOOD)
    found = read_oidc(tmp_path / "sso.toml")
    assert found.back == "https://data.example/enter/oidc/back"
    assert found.allowed_hosts == {"sso.example"}


@pytest.mark.parametrize(
    ("old", "new"),
    [("https://sso", "http://sso"), ("https://data", "http://data"), ("engineer", "root"),
     ('perception = "engineer"', ""), ("client_id", "client"), ("[oidc]", "[oidc]\nhours = 0"),
     ("[oidc]", '[oidc]\nscope = "email"'), ("[oidc]", "[oidc]\nsecret = 'x'")],
)  # fmt: skip
def test_a_file_that_is_wrong_is_told(tmp_path: Path, old: str, new: str):
    (tmp_path / "sso.toml").write_text(GOOD.replace(old, new))
    with pytest.raises(InvalidConfig):
        read_oidc(tmp_path / "sso.toml")


def test_keys_on_curves_sign_too():
    """As JSON Web Keys and JSON Web Signatures write them: RFC 7518, 3.4 and 6.2.1."""
    for algorithm, curve, name, hashed in (
        ("ES256", ec.SECP256R1(), "P-256", SHA256()),
        ("ES384", ec.SECP384R1(), "P-384", SHA384()),
    ):
        private = ec.generate_private_key(curve)
        at, size = private.public_key().public_numbers(), (curve.key_size + 7) // 8
        jwk = {"kty": "EC", "crv": name, "x": text_of(at.x.to_bytes(size)),
               "y": text_of(at.y.to_bytes(size))}  # fmt: skip
        pair = decode_dss_signature(private.sign(b"said", ec.ECDSA(hashed)))
        signature = b"".join(part.to_bytes(size) for part in pair)
        assert verified(jwk, algorithm, b"said", signature)
        assert not verified(jwk, algorithm, b"sad", signature)
        assert not verified(jwk, algorithm, b"said", b"\0" * 2 * size)
        assert not verified(jwk | {"crv": "P-521"}, algorithm, b"said", signature)
        assert not verified(jwk | {"x": text_of(b"\1" * size)}, algorithm, b"said", signature)
        assert not verified(jwk, "RS256", b"said", signature)
        assert not verified(key("one").public(), algorithm, b"said", signature)


def test_a_short_key_is_not_believed():
    one = key("short", 1024)
    signed, _, signature = one.sign({"alg": "RS256"}, {}).rpartition(".")
    assert not verified(one.public(), "RS256", signed.encode(), urlsafe_b64decode(signature + "=="))
