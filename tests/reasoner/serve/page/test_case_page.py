"""The page of a case in a real browser: why it was denied, and what would be if facts were different."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from browsing import Visit
from playwright.sync_api import Page, expect
from serving import Server
from steps import DENIAL, expect_decision, field, open_example, record

from facts.paths import value_at
from reasoner import Policy, read_record


def test_a_denial_is_taken_to_an_approval_by_applying_what_is_needed(visit: Visit, policy: Policy) -> None:
    page = visit()
    open_example(page, DENIAL)
    expect(page.locator("#verdict-title")).to_contain_text("Denied: missing information (1.C)")
    ways = page.locator(".needed .way")
    expect(ways).to_have_count(4)
    ways.filter(has_text="28 days in a row; the record says").get_by_role("button", name="Apply").click()
    expect_decision(page, "approved")
    expect(field(page, "therapies[0].periods[0].start")).to_have_value("2024-11-10")
    assert page.locator(".field.changed").evaluate_all("all => all.map(one => one.id)") == ["f:therapies[0].periods"]
    found = record(page)
    assert isinstance(found, dict)
    assert policy.decide(found) == "approved"


@pytest.mark.parametrize("number", range(4))
def test_each_way_approves(visit: Visit, number: int) -> None:
    page = visit()
    open_example(page, DENIAL)
    page.locator(".needed .way .apply").nth(number).click()
    expect_decision(page, "approved")


def test_the_first_verdict_stays_beside_the_new_one(visit: Visit) -> None:
    page = visit()
    open_example(page, DENIAL)
    expect(page.locator(".first")).to_have_count(0)
    field(page, "disease.bsa_percent").fill("25")
    expect(page.locator("#verdict-title")).to_contain_text("criteria not met (1.B, 1.C)")
    expect(page.locator(".first")).to_contain_text("Denied: missing information (1.C)")
    expect(page.locator("[id='item:1.B'] .before")).to_have_text("was met")
    expect(page.locator("[id='f:disease.bsa_percent'] .before")).to_have_text("was: 9.5")
    expect(page.locator(".item .before")).to_have_count(1)
    page.locator("[data-first=now]").click()
    expect(page.locator(".before")).to_have_count(0)


def test_undo_and_redo_go_step_by_step(visit: Visit) -> None:
    page = visit()
    open_example(page, DENIAL)
    before = record(page)
    field(page, "disease.bsa_percent").press_sequentially("01")
    expect(page.locator("#verdict-title")).to_contain_text("1.C")
    page.locator("[id='f:disease.severity'] select").select_option("severe")
    expect(page.locator("#verdict-title")).to_contain_text("1,")
    after = record(page)
    page.keyboard.press("Control+z")
    expect(page.locator("[id='f:disease.severity'] select")).to_have_value("moderate")
    page.get_by_role("button", name="Undo").click()
    expect(field(page, "disease.bsa_percent")).to_have_value("9.5")
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    assert record(page) == before
    page.get_by_role("button", name="Redo").click()
    page.get_by_role("button", name="Redo").click()
    expect(page.locator("[id='f:disease.severity'] select")).to_have_value("severe")
    assert record(page) == after


def test_scenarios_stand_side_by_side_and_the_command_line_takes_their_file(
    visit: Visit, tmp_path: Path, policy: Policy
) -> None:
    page = visit()
    open_example(page, DENIAL)
    page.locator(".needed .way .apply").nth(2).click()
    expect_decision(page, "approved")
    keep_as(page, "28 days in a row")
    field(page, "disease.bsa_percent").fill("30")
    expect_decision(page, "denied")
    keep_as(page, "A large area: 30 %")
    table = page.locator("#scenarios table")
    expect(table.locator("thead th")).to_have_count(5)
    row = table.locator("tbody tr").first.locator("td")
    expect(row).to_have_text([re.compile("denied"), re.compile("approved"), re.compile("denied"), re.compile("denied")])
    page.locator("[data-scenario='0']").click()
    expect_decision(page, "approved")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as a scenarios file").click()
    file = tmp_path / "scenarios.yaml"
    download.value.save_as(file)
    command = [
        sys.executable,
        "-m",
        "reasoner",
        "what-if",
        f"facts/examples/{DENIAL}.json",
        "--scenarios",
        str(file),
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert [(one["name"], one["decision"]["after"]) for one in found] == [
        ("28 days in a row", "approved"), ("A large area: 30 %", "denied"),
    ]  # fmt: skip


def keep_as(page: Page, name: str) -> None:
    page.locator("#scenario-name").fill(name)
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.locator("#scenarios thead")).to_contain_text(name)


def test_a_reading_is_switched(visit: Visit, policy: Policy) -> None:
    page = visit()
    open_example(page, "hinge-concomitant-use")
    (name,) = policy.judge(read_record("facts/examples/hinge-concomitant-use.json")).hinges_on
    page.locator(f"[id='reading:{name}:{policy.choices[name].other}']").check()
    expect_decision(page, "approved")
    expect(page.locator(".first")).to_contain_text("Denied")
    page.locator(f"[id='reading:{name}:{policy.choices[name].default}']").check()
    expect_decision(page, "denied")
    expect(page.locator(".first")).to_have_count(0)


def test_the_next_question_is_answered_until_the_record_is_approved(visit: Visit) -> None:
    page = visit()
    open_example(page, "ad-missing-information")
    for _ in range(12):
        if page.locator("#verdict").get_attribute("data-decision") == "approved":
            break
        key = page.locator("#answer").get_attribute("data-key")
        answer(page)
        page.wait_for_function(
            "key => document.getElementById('answer')?.dataset.key !== key || document.getElementById('verdict').dataset.decision === 'approved'",
            arg=key,
        )
    expect_decision(page, "approved")


def answer(page: Page) -> None:
    """Answer a question with what the page offers first."""
    form = page.locator("#answer")
    if form.locator("select").count():
        form.locator("select").select_option(index=1)
        form.get_by_role("button", name="Answer").click()
    elif form.locator("input").count():
        asked = form.inner_text()
        form.locator("input").fill("12" if "number" in asked else "2025-01-01" if "date" in asked else "dermatology")
        form.get_by_role("button", name="Answer").click()
    else:
        form.get_by_role("button", name="Yes").click()


def test_a_shared_link_opens_in_a_fresh_profile_and_no_server_sees_its_record(visit: Visit, server: Server) -> None:
    page = visit()
    open_example(page, DENIAL)
    page.locator(".needed .way .apply").nth(3).click()
    expect_decision(page, "approved")
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#spoken")).to_contain_text("copied")
    link = str(page.evaluate("navigator.clipboard.readText()"))
    other = visit(link.removeprefix(server.url))
    expect_decision(other, "approved")
    expect(other.locator(".first")).to_contain_text("Denied")
    assert record(other) == record(page)
    assert other.url == f"{server.url}/"
    assert server.log.read_text().count("\n") == 1


@pytest.mark.parametrize("fragment", ["#case=abc", "#case=", "#case=%00", "#case=q1YqSy3KTFGyUqoFAA"])
def test_a_broken_or_foreign_link_is_refused_and_what_was_open_stays(visit: Visit, fragment: str) -> None:
    page = visit()
    open_example(page, DENIAL)
    page.evaluate("fragment => { location.hash = fragment }", fragment)
    expect(page.locator("#notice")).to_contain_text("What was open here is kept")
    expect_decision(page, "denied")


def test_what_was_typed_stays_when_it_is_wrong_and_the_fault_stands_beside_it(visit: Visit) -> None:
    page = visit()
    open_example(page, DENIAL)
    field(page, "disease.bsa_percent").fill("a lot")
    expect(page.locator("#verdict-title")).to_contain_text("One thing to mend")
    expect(field(page, "disease.bsa_percent")).to_have_value("a lot")
    expect(field(page, "disease.bsa_percent")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[id='f:disease.bsa_percent'] .fault")).to_be_visible()
    page.locator("#verdict .goto").click()
    expect(field(page, "disease.bsa_percent")).to_be_focused()
    field(page, "disease.bsa_percent").fill("8")
    expect_decision(page, "denied")


def test_a_fault_right_after_opening_stands_where_it_is_alone(visit: Visit) -> None:
    page = visit()
    open_example(page, DENIAL)
    field(page, "disease.bsa_percent").fill("a lot")
    expect(page.locator("#verdict-title")).to_contain_text("One thing to mend")
    page.wait_for_timeout(800)  # longer than a sweep waits for a pause of the typing
    expect(page.locator("#notice")).to_be_hidden()


def test_a_press_on_a_fact_goes_to_its_field(visit: Visit) -> None:
    page = visit()
    open_example(page, DENIAL)
    page.locator(".needed").get_by_role("button", name="periods of therapy 1").click()
    expect(field(page, "therapies[0].periods[0].start")).to_be_focused()


def test_entries_are_added_filled_in_and_taken_out(visit: Visit) -> None:
    page = visit()
    open_example(page, DENIAL)
    page.get_by_role("button", name="+ therapy").click()
    expect(page.locator(".entry")).to_have_count(3)
    field(page, "therapies[2].product").fill("Dupixent")
    expect(page.locator("#verdict-title")).to_contain_text("1.C")
    page.locator("[data-add='therapies[2].periods']").click()
    field(page, "therapies[2].periods[0].start").fill("2025-01-01")
    expect(page.locator("#verdict-title")).to_contain_text("X.1")
    page.get_by_role("button", name="Remove therapy 3").click()
    expect(page.locator("#verdict-title")).not_to_contain_text("X.1")
    expect(page.locator(".entry")).to_have_count(2)


def test_words_are_added_and_removed_and_shown_as_they_are_understood(visit: Visit) -> None:
    page = visit()
    open_example(page, DENIAL)
    page.locator("[data-append='disease.sites']").fill("eye lids")
    page.keyboard.press("Enter")
    expect_decision(page, "approved")
    expect(page.locator("[id='f:disease.sites'] .hint")).to_contain_text("eyelids")
    page.get_by_role("button", name="Remove eye lids").click()
    expect_decision(page, "denied")


def test_words_that_are_typed_fast_lose_no_letter(visit: Visit) -> None:
    page = visit()
    open_example(page, DENIAL)
    place = page.locator("[data-append='disease.sites']")
    place.focus()
    for word in ("face", "eye lids", "neck"):
        page.keyboard.type(word, delay=30)
        page.keyboard.press("Enter")
    expect(page.locator("[id='f:disease.sites'] .chip")).to_have_count(5)
    found = record(page)
    assert isinstance(found, dict)
    assert found["disease"]["sites"] == ["legs", "face", "eye lids", "neck"]


def test_scenarios_and_answers_follow_the_reading(visit: Visit) -> None:
    page = visit()
    open_example(page, "hinge-table-1")
    page.locator(".reading input:not(:checked)").check()
    expect_decision(page, "approved")
    expect(page.locator(".decision .read")).to_contain_text("read otherwise than the rules stand")
    keep_as(page, "read so")
    cells = page.locator("#scenarios tbody tr").first.locator("td")
    expect(cells).to_have_text([re.compile("approved"), re.compile("approved"), re.compile("approved")])
    page.get_by_role("button", name="Save as a case…").click()
    expect(page.locator("#notice")).to_contain_text("as they stand")
    other = visit()
    other.locator("#examples [data-example='hinge-class-v']").click()
    other.locator(".reading input:not(:checked)").check()
    expect_decision(other, "denied")
    other.locator("#answer").get_by_role("button", name="Yes").click()
    expect_decision(other, "approved")


def test_a_record_begun_anew_is_compared_with_what_it_was_when_it_was_first_judged(visit: Visit) -> None:
    page = visit()
    page.get_by_role("button", name="Start an empty one").click()
    field(page, "case_id").fill("mine")
    field(page, "request.type").select_option("initial")
    expect_decision(page, "denied")
    keep_as(page, "nothing yet")
    field(page, "patient.age_years").fill("30")
    expect(page.locator(".first")).to_be_visible()
    expect(page.locator("#notice")).to_be_hidden()


def test_what_was_open_is_a_step_back(visit: Visit) -> None:
    page = visit()
    open_example(page, DENIAL)
    keep_as(page, "kept")
    before = record(page)
    page.get_by_role("button", name="New", exact=True).click()
    expect(page.locator("#verdict-title")).to_contain_text("to mend")
    page.get_by_role("button", name="Undo").click()
    expect_decision(page, "denied")
    expect(page.locator("#scenarios thead")).to_contain_text("kept")
    assert record(page) == before


def test_a_record_that_is_too_large_is_not_opened(visit: Visit) -> None:
    page = visit()
    open_example(page, DENIAL)
    before = record(page)
    open_record(page, {"case_id": "x" * 4_999_950})
    expect(page.locator("#notice")).to_contain_text("5,000,000 bytes")
    expect(page.locator("#verdict-title")).to_contain_text("Denied: missing information (1.C)")
    assert record(page) == before
    field(page, "disease.bsa_percent").fill("25")
    expect(page.locator("#verdict-title")).to_contain_text("1.B")


def test_text_that_is_no_record_is_marked_and_kept(visit: Visit) -> None:
    page = visit()
    open_example(page, "ad-approved")
    page.locator("input[value=json]").check()
    page.locator("#text-input").fill("{bad")
    expect(page.locator("#judgement")).to_have_class(re.compile("stale"))
    page.locator("input[value=form]").check()
    page.locator("input[value=json]").check()
    expect(page.locator("#text-input")).to_have_value("{bad")


def test_fields_that_the_policy_does_not_declare_are_taken_out(visit: Visit) -> None:
    page = visit()
    open_record(
        page, {"case_id": "x", "a.b": 1, "c[0]": 2, "request": {"date": "2025-03-01", "type": "initial", "d e": 3}}
    )
    expect(page.locator("#form .faults li")).to_have_count(3)
    for _ in range(3):
        count = page.locator("#form .faults li").count()
        page.get_by_role("button", name="take it out").first.click()
        expect(page.locator("#form .faults li")).to_have_count(count - 1)
    expect_decision(page, "denied")


def test_a_file_is_opened(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    page.get_by_role("button", name="Open…").click()
    page.locator("#file").set_input_files("facts/examples/vitiligo-approved.yaml")
    expect_decision(page, "approved")
    broken = tmp_path / "broken.json"
    broken.write_text('{"case_id": "x",\n "request": }')
    page.get_by_role("button", name="Open…").click()
    page.locator("#file").set_input_files(broken)
    expect(page.locator("#notice")).to_contain_text("broken.json: line 2")
    expect_decision(page, "approved")


@pytest.mark.parametrize(("kind", "line"), [("yaml", 11), ("json", 14)])
def test_the_record_is_edited_as_text_and_its_faults_stand_at_their_lines(visit: Visit, kind: str, line: int) -> None:
    page = visit()
    open_example(page, DENIAL)
    page.locator(f"input[value={kind}]").check()
    text = page.locator("#text-input")
    expect(text).to_have_value(re.compile("bsa_percent"))
    before = text.input_value()
    text.fill(re.sub(r"9\.5", "25", before))
    expect(page.locator("#verdict-title")).to_contain_text("1.B")
    text.fill(re.sub(r"9\.5", '"many"', before))
    expect(page.locator("#text-faults")).to_contain_text(f"line {line} disease.bsa_percent: a number is needed")
    expect(page.locator("#text-lines .fault")).to_have_text(f"⚠ {line}")
    expect(page.locator("#form-view")).to_be_hidden()
    text.fill(before[:-20] + "[")
    expect(page.locator("#text-faults")).to_contain_text("line ")
    expect(text).to_have_value(before[:-20] + "[")
    text.fill(before)
    expect(page.locator("#text-faults li")).to_have_count(0)
    expect(page.locator("#verdict-title")).to_contain_text("Denied: missing information (1.C)")
    page.locator("#verdict .goto").first.click()
    expect(page.locator("#form-view")).to_be_visible()


def test_a_sweep_draws_its_stretches_and_a_press_goes_there(visit: Visit) -> None:
    page = visit()
    open_example(page, "ad-approved")
    page.locator("#sweep-path").select_option("disease.bsa_percent")
    stretches = page.locator(".sweep-list li")
    expect(stretches).to_have_count(2)
    expect(stretches).to_have_text([re.compile("0 to 20 %.*approved", re.S), re.compile("21 to 100 %.*denied", re.S)])
    stretches.nth(1).get_by_role("button").click()
    expect_decision(page, "denied")
    expect(field(page, "disease.bsa_percent")).to_have_value("21")
    page.locator(".sweep-picture .stretch").first.click()
    expect_decision(page, "approved")
    page.locator("#sweep-range").fill("30..10")
    page.get_by_role("button", name="Sweep").click()
    expect(page.locator("#sweep-fault")).to_be_visible()


def test_an_empty_record_is_filled_in(visit: Visit) -> None:
    page = visit()
    page.get_by_role("button", name="Start an empty one").click()
    expect(page.locator("#verdict-title")).to_contain_text("to mend")
    field(page, "case_id").fill("mine")
    field(page, "request.type").select_option("initial")
    expect_decision(page, "denied")
    expect(page.locator("#verdict-title")).to_contain_text("missing information")


_SCRIPT = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'><svg onload=alert(3)>"


def test_a_hostile_record_is_text_and_nothing_else(visit: Visit, server: Server) -> None:
    page = visit()
    hostile = {
        "case_id": _SCRIPT,
        "request": {"date": "2025-03-01", "type": "initial", "indication": _SCRIPT},
        "patient": {"age_years": 30},
        "disease": {"severity": _SCRIPT, "sites": [_SCRIPT, "javascript:alert(4)"]},
        "prescriber": {"specialty": _SCRIPT, "consulted": [_SCRIPT]},
        "therapies": [{"id": 'x" onmouseover=alert(5) y="', "product": _SCRIPT, "class": _SCRIPT, "days": 3}],
        "intolerances": [{"to": _SCRIPT, "kind": "intolerance", "documented": True}],
        "__proto__": {"polluted": True},
    }
    open_record(page, hostile)
    expect(page.locator("#verdict-title")).to_be_visible()
    page.wait_for_function("document.getElementById('verdict').childElementCount > 0")
    assert page.locator("main img, main script, main svg[onload], [onerror], [onmouseover]").count() == 0
    assert page.evaluate("({}).polluted") is None
    del hostile["__proto__"]
    hostile["disease"] = {"severity": "moderate", "sites": [_SCRIPT]}
    open_record(page, hostile)
    expect_decision(page, "denied")
    keep_as(page, _SCRIPT)
    page.locator(".item").first.wait_for()
    assert page.locator("main img, main script, main svg[onload], [onerror], [onmouseover]").count() == 0
    assert _SCRIPT not in server.log.read_text()


def open_record(page: Page, data: object) -> None:
    page.get_by_role("button", name="Open…").click()
    page.locator("#file").set_input_files(
        {"name": "x.json", "mimeType": "application/json", "buffer": json.dumps(data).encode()}
    )


def test_the_page_waits_for_a_server_that_went_away(visit: Visit, tmp_path: Path) -> None:
    with Server([], tmp_path / "log") as own:
        page = visit(url=own.url)
        open_example(page, DENIAL)
        own.stop()
        field(page, "disease.bsa_percent").fill("25")
        expect(page.locator("#notice")).to_contain_text("does not answer")
        expect(field(page, "disease.bsa_percent")).to_have_value("25")
        own.start()
        expect(page.locator("#verdict-title")).to_contain_text("1.B")
        expect(page.locator("#notice")).to_be_hidden()


def test_keyboard_alone_takes_a_denial_to_an_approval(visit: Visit) -> None:
    page = visit()
    page.locator("#examples button").first.wait_for()
    press_until(page, f"document.activeElement.dataset.example === '{DENIAL}'")
    page.keyboard.press("Enter")
    expect_decision(page, "denied")
    press_until(page, "document.activeElement.classList.contains('apply')")
    page.keyboard.press("Enter")
    expect_decision(page, "approved")
    page.keyboard.press("Control+z")
    expect_decision(page, "denied")


def press_until(page: Page, condition: str) -> None:
    for _ in range(250):
        page.keyboard.press("Tab")
        if page.evaluate(condition):
            return
    raise AssertionError(f"the Tab key never comes to where {condition}")


def test_forty_therapies_with_long_names_fit_every_width(visit: Visit) -> None:
    name = "an emollient with a name that goes on and on without a blank_" + "x" * 90
    many: dict[str, Any] = {
        "case_id": "many" * 20, "request": {"date": "2025-03-01", "type": "initial", "indication": "atopic_dermatitis"},
        "therapies": [{"product": name, "class": "emollient", "days": 10} for _ in range(40)],
    }  # fmt: skip
    many["therapies"][0]["product"] = "W" * 200
    for width in (360, 800, 2560):
        page = visit(width=width)
        open_record(page, many)
        expect_decision(page, "denied")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_case_prints_on_one_or_two_pages(visit: Visit) -> None:
    page = visit()
    for name in (DENIAL, "ad-approved", "interface"):
        page.evaluate("sessionStorage.clear()")
        page.reload()
        open_example(page, name)
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) <= 2


def test_an_edit_shows_its_verdict_at_once(visit: Visit, capsys: pytest.CaptureFixture[str]) -> None:
    page = visit()
    open_example(page, DENIAL)
    times = page.evaluate(_EDITS)
    with capsys.disabled():
        edits, trips = sorted(times["edits"]), sorted(times["trips"])
        middle = len(edits) // 2
        print(
            f"\nan edit shows its verdict after {edits[middle]:.0f} ms (median; {edits[0]:.0f} to {edits[-1]:.0f}), "
            f"{edits[middle] / trips[middle]:.1f} times an empty round trip ({trips[middle]:.1f} ms)"
        )
    assert len(edits) == 20


_EDITS = """async () => {
  const input = document.getElementById("i:disease.bsa_percent");
  const edits = [], trips = [];
  for (let number = 0; number < 20; number++) {
    let begin = performance.now();
    await fetch("/healthz");
    trips.push(performance.now() - begin);
    const decision = number % 2 ? "(1.C)" : "(1.B, 1.C)";
    const shown = new Promise((done) => {
      const watch = new MutationObserver(() => {
        if (document.getElementById("verdict-title").textContent.includes(decision)) { watch.disconnect(); done(); }
      });
      watch.observe(document.getElementById("judgement"), {subtree: true, childList: true, characterData: true});
    });
    begin = performance.now();
    input.value = number % 2 ? "9" : "25";
    input.dispatchEvent(new Event("input", {bubbles: true}));
    await shown;
    edits.push(performance.now() - begin);
  }
  return {edits, trips};
}"""


def test_paths_are_read_alike_on_both_sides(visit: Visit) -> None:
    data = {"a": [{"b": {"c": [1, 2, {"d": None}]}}], "e_f": False}
    paths = ["a", "a[0]", "a[0].b", "a[0].b.c[1]", "a[0].b.c[2].d", "e_f", "a[9]", "g.h", "a[0].b.c[0].x"]
    page = visit()
    found = page.evaluate(
        "async ([data, paths]) => { const {valueAt} = await import('/static/record.js'); return paths.map((path) => valueAt(data, path) ?? null); }",
        [data, paths],
    )
    assert found == [value_at(data, path) for path in paths]
