"""Who may do what, in the browser: tokens, refusals before they happen, two people, the chain."""

from __future__ import annotations

import threading

import pytest
from page_kit import Browser, serious

from service_kit import Served

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]


def test_a_token_made_on_a_page_lets_somebody_in(browser: Browser, served: Served) -> None:
    page = browser.enter()
    browser.goto(page, "/gear")
    page.get_by_role("tab", name="Tokens").click()
    page.get_by_label("For whom").fill("Nina")
    page.get_by_role("button", name="Make a token").click()
    secret = page.locator("code", has_text="rr_").inner_text()
    page.get_by_role("cell", name="Nina").wait_for()
    with served.stranger as program:
        bearer = {"authorization": f"Bearer {secret}"}
        assert program.get("/api/v1/me", headers=bearer).json()["who"] == "Nina"
    other = browser.chromium.new_context(viewport={"width": 1280, "height": 800})
    browser.contexts.append(other)
    entered = other.new_page()
    browser.seen.watch(entered)
    browser.seen.allowed.append("401")
    entered.goto(f"http://{served.host}/")
    entered.get_by_label("Token").first.fill(secret)
    entered.get_by_role("button", name="Sign in").click()
    entered.get_by_text("Nina, viewer").wait_for()
    row = page.get_by_role("row").filter(has_text="Nina")
    row.get_by_role("cell", name="all", exact=True).wait_for()
    row.get_by_role("button", name="Revoke").click()
    row.get_by_text("taken back").wait_for()
    with served.stranger as program:
        assert program.get("/api/v1/me", headers=bearer).status_code == 401


def test_a_token_made_for_one_thing_opens_nothing_else(browser: Browser, served: Served) -> None:
    page = browser.enter()
    browser.goto(page, "/gear")
    page.get_by_role("tab", name="Tokens").click()
    page.get_by_label("For whom").fill("Robot")
    page.get_by_label("Role").first.click()
    page.get_by_role("option", name="engineer").click()
    for scope in ("read", "label", "promote", "administer"):
        page.get_by_role("checkbox", name=scope).uncheck()
    page.get_by_label("Days").fill("3")
    page.get_by_role("checkbox", name="write").uncheck()
    assert page.get_by_role("button", name="Make a token").is_disabled(), "a token for nothing"
    page.get_by_role("checkbox", name="write").check()
    page.get_by_role("button", name="Make a token").click()
    secret = page.locator("code", has_text="rr_").inner_text()
    row = page.get_by_role("row").filter(has_text="Robot")
    row.get_by_role("cell", name="write", exact=True).wait_for()
    [made] = [item for item in served.get("/tokens")["items"] if item["who"] == "Robot"]
    assert (made["role"], made["scopes"]) == ("engineer", ["write"])
    assert round((made["expires_ns"] - made["created_ns"]) / 86_400e9) == 3
    saved = served.ask("POST", "/selections", token=secret, json={"name": "mine", "limit": 1})
    assert saved.status_code == 201
    elsewhere: list[tuple[str, str, dict[str, str] | None]] = [
        ("GET", "/me", None), ("GET", "/recordings", None), ("GET", "/tokens", None),
        ("POST", "/labelling/turns", {}),
    ]  # fmt: skip
    for method, path, body in elsewhere:
        refused = served.ask(method, path, token=secret, json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "not-allowed"), path


def test_browsers_are_signed_out_on_a_page(browser: Browser, served: Served) -> None:
    token = served.token("viewer", who="Vi")
    page = browser.enter()
    with served.stranger as first, served.stranger as second, served.stranger as other:
        for one in (first, second):
            one.post("/enter", json={"token": token})
        other.post("/enter", json={"token": served.token("engineer", who="Eve")})
        browser.goto(page, "/gear")
        page.get_by_role("tab", name="Sessions").click()
        page.get_by_role("row").filter(has_text="this one").get_by_text(
            "printed address"
        ).wait_for()
        page.get_by_role("button", name="Sign Vi out everywhere").click()
        page.get_by_role("row").filter(has_text="Vi").first.wait_for(state="detached")
        assert [one.get("/api/v1/me").status_code for one in (first, second, other)] == [
            401,
            401,
            200,
        ]
        page.get_by_role("row").filter(has_text="Eve").get_by_role("button").click()
        page.get_by_role("row").filter(has_text="Eve").wait_for(state="detached")
        assert other.get("/api/v1/me").status_code == 401
        assert served.ask("GET", "/me", token=token).status_code == 200, "tokens stay"
        viewer = browser.enter("viewer", who="Vi")
        browser.goto(viewer, "/gear")
        viewer.get_by_role("tab", name="Sessions").click()
        viewer.get_by_text("Only an admin sees who is signed in").wait_for()


def test_a_viewer_is_told_before_a_write_is_refused(browser: Browser, served: Served) -> None:
    page = browser.enter("viewer", who="Vi")
    browser.goto(page, "/train")
    assert page.get_by_role("button", name="Propose").is_disabled()
    page.get_by_text("The role viewer may not do this").first.wait_for()
    browser.goto(page, "/gear")
    page.get_by_role("tab", name="Tokens").click()
    page.get_by_text("Only an admin sees tokens").wait_for()
    assert page.get_by_role("button", name="Make a token").count() == 0
    page.get_by_role("tab", name="Audit").click()
    page.get_by_text("Only an admin sees the audit chain").wait_for()
    browser.seen.allowed.append("403")
    status = page.evaluate(
        "fetch('/api/v1/tokens', {method: 'POST', headers: {'content-type': 'application/json'},"
        " body: JSON.stringify({who: 'x', role: 'admin'})}).then((answer) => answer.status)"
    )
    assert status == 403, "whoever gets around the page is refused by the service"
    last = served.service.audit.entries(limit=1000)[-1]
    assert (last.who, last.operation, last.code) == ("Vi", "create_token", "not-allowed")


def test_long_work_is_cancelled_on_a_page(browser: Browser, served: Served) -> None:
    begun, go = threading.Event(), threading.Event()

    def work(workspace, body):
        begun.set()
        while not go.wait(0.02):
            workspace.progress("waiting", 0, 0)
        return {}

    served.service.operations._work_of = lambda _: work
    at = served.service.operations.submit("check-recordings", {"recordings": []}, "local").id
    assert begun.wait(30)
    try:
        viewer = browser.enter("viewer", who="Vi")
        browser.goto(viewer, "/gear")
        viewer.get_by_role("tab", name="Long work").click()
        assert viewer.get_by_role("button", name="Cancel").is_disabled()
        viewer.get_by_text("The role viewer may not do this").wait_for()
        page = browser.enter()
        browser.goto(page, "/gear")
        page.get_by_role("tab", name="Long work").click()
        page.get_by_role("button", name="Cancel").click()
        page.get_by_text("cancelled").first.wait_for()
        assert served.service.operations.get(at).state == "cancelled"
    finally:
        go.set()


def test_two_people_make_a_champion_on_pages(browser: Browser, served: Served) -> None:
    before = served.get("/aliases/demo:champion")["artifact"]
    ada, ben = (browser.enter("approver", who=who) for who in ("Ada", "Ben"))
    browser.goto(ada, "/train")
    ada.get_by_label("Is to be").first.click()
    other = ada.get_by_role("option").filter(has_not_text="champion").first
    other.click()
    ada.get_by_label("Because").fill("better at night")
    ada.get_by_role("button", name="Propose").click()
    ada.get_by_text("You proposed it: another person has to agree.").wait_for()
    assert ada.get_by_role("button", name="Agree").is_disabled()
    browser.goto(ben, "/train")
    ben.get_by_text("better at night").wait_for()
    ben.get_by_role("button", name="Agree").click()
    ben.get_by_text("agreed by Ben").wait_for()
    told = served.get("/aliases/demo:champion")
    assert told["artifact"] != before
    assert "proposed by Ada, agreed by Ben" in told["history"][-1]["reason"]


def test_the_chain_is_shown_and_followed(browser: Browser, served: Served) -> None:
    served.ask("POST", "/checks", token=served.token("viewer", who="Mallory"), json={})
    page = browser.enter()
    browser.goto(page, "/gear")
    page.get_by_role("tab", name="Audit").click()
    page.get_by_text("is whole").wait_for()
    row = page.get_by_role("row").filter(has_text="Mallory")
    assert "403 not-allowed" in row.inner_text().lower()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_where_people_enter(
    browser: Browser, served: Served, scheme: str
) -> None:
    served.ask("POST", "/tokens", json={"who": "Ada", "role": "viewer"})
    found = {}
    page = browser.enter(color_scheme=scheme)
    browser.goto(page, "/gear")
    for tab in ("Storage", "Long work", "Tokens", "Sessions", "Audit"):
        page.get_by_role("tab", name=tab).click()
        page.wait_for_load_state("networkidle")
        found[tab] = serious(page)
    browser.goto(page, "/train")
    found["train"] = serious(page)
    stranger = browser.chromium.new_context(color_scheme=scheme, reduced_motion="reduce")
    browser.contexts.append(stranger)
    sign_in = stranger.new_page()
    browser.seen.watch(sign_in)
    browser.seen.allowed.append("401")
    sign_in.goto(f"http://{served.host}/")
    sign_in.get_by_label("Token").first.wait_for()
    found["sign in"] = serious(sign_in)
    assert not {place: said for place, said in found.items() if said}
