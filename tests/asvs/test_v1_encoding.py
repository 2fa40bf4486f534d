"""V1: what is text stays text, in every language that reads it."""

import ast

import pytest

from app.plugins import uploads
from app.plugins.system_message_center import render
from app.plugins.uploads import UploadRefused
from app.services import accounts as account_service
from app.services.accounts import NewAccount, SessionStart
from app.utils.clock import utc_now
from app.utils.ids import new_id
from tests.asvs.reading import calls, importers, matching, python_sources, script_sources

OUTBOUND = {"app/plugins/oidc/remote.py", "app/plugins/sandbox/deliveries.py", "app/plugins/sms/twilio.py"}


def test_v1_1_1_a_path_is_decoded_once(probe_client):
    assert probe_client.get("/api/probe/things/ab%63").json["data"]["id"] == "abc"
    assert probe_client.get("/api/probe/things/ab%2563").status_code == 404


def test_v1_1_2_names_are_kept_as_typed_and_escaped_where_they_are_shown(app, stores):
    account = NewAccount(f"vera-{new_id()}@example.com".lower(), "correct horse battery", first_name="<b>Vera</b>")
    signed_in = account_service.sign_up(account, SessionStart(), now=utc_now(), settings=stores)
    assert signed_in.user.first_name == "<b>Vera</b>"
    values = {"first_name": "<b>Vera</b>", "username": "vera", "confirm_token": "", "subject": "Welcome"}
    assert "&lt;b&gt;Vera&lt;/b&gt;" in render("email/welcome.html", values)
    assert "<b>Vera</b>" in render("email/welcome.txt", values | {"subject": "Welcome"})


def test_v1_2_1_a_path_in_a_page_is_no_markup(client):
    answer = client.get("/nothing/<script>alert(1)</script>")
    assert answer.status_code == 404 and b"<script>alert" not in answer.data


@pytest.mark.parametrize("next_path", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "/\\evil.example"])
def test_v1_2_2_only_own_paths_are_gone_to(client, next_path):
    answer = client.get("/api/auth/social/none/start", query_string={"next": next_path})
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["next"])


def test_v1_2_3_quotes_do_not_leave_their_text(probe_client):
    name = '","count":9,"x":"'
    data = probe_client.post("/api/probe/things", json={"name": name, "count": 1}).json["data"]
    assert (data["name"], data["count"]) == (name, 1)


def test_v1_2_4_queries_take_values_as_values(client, account):
    for name in ("' OR 1=1 --", "x'; DROP TABLE user; --", '*" OR _exists_:email'):
        assert client.post("/api/auth/login", json={"email": name, "password": "x"}).status_code == 401
        found = client.get("/api/products", query_string={"q": name})
        assert (found.status_code, found.json["page"]["total"]) == (200, 0)
    assert account.log_in().user.id == account.user.id
    statements = [call for _, call in calls("session.execute") if isinstance(call.args[0], ast.JoinedStr)]
    assert statements == []


def test_v1_2_5_no_shell_reads_a_command():
    assert list(calls("os.system", "os.popen", "subprocess.getoutput")) == []
    for path, call in calls("subprocess.run", "subprocess.Popen", "subprocess.check_output"):
        assert "shell" not in {keyword.arg for keyword in call.keywords}, path
    web = {path for path in importers("subprocess") if path.startswith(("app/net", "app/services", "app/models"))}
    assert web == set()


def test_v1_2_9_no_pattern_is_made_of_what_somebody_typed():
    named = [f"re.{name}" for name in ("compile", "search", "match", "fullmatch", "sub", "findall", "split")]
    made = [
        path
        for path, call in calls(*named)
        if not isinstance(call.args[0], (ast.Constant, ast.Name)) and "CONTEXT_WORDS" not in ast.unparse(call)
        and path.startswith(("app/net", "app/services", "app/models"))
    ]  # fmt: skip
    assert made == []


def test_v1_3_2_nothing_is_executed_that_came_as_data():
    assert list(calls("eval", "exec", "__import__", "compile")) == []
    assert matching(r"\beval\(|new Function\(|document\.write", script_sources()) == set()


def test_v1_3_3_a_text_that_is_too_long_is_refused(probe_client):
    answer = probe_client.post("/api/probe/things", json={"name": "x" * 21, "count": 1})
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["name"])


def test_v1_3_4_no_svg_is_taken(stores):
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    with pytest.raises(UploadRefused):
        uploads.save_picture(stores, drawing)


def test_v1_3_6_only_addresses_of_the_settings_are_called(client):
    assert importers("httpx") == OUTBOUND
    elsewhere = importers("requests", "aiohttp", "urllib.request", "urllib3")
    assert {path for path in elsewhere if not path.startswith("app/plugins/embedded_engines")} == set()
    assert client.get("/api/auth/social/127.0.0.1/start").status_code == 404


def test_v1_3_7_no_template_is_made_of_data():
    assert list(calls("render_template_string", "Template", "jinja2.Template", "from_string")) == []


def test_v1_3_10_no_format_is_made_of_data():
    made = [
        (path, ast.unparse(node.func))
        for path, text in python_sources().items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("format", "format_map")
        and not isinstance(node.func.value, ast.Constant)
        and not ast.unparse(node.func.value).split("[")[0].isupper()
    ]
    assert [entry for entry in made if entry[0].startswith(("app/net", "app/services"))] == []


@pytest.mark.parametrize("email", ["a@example.com\r\nBcc: b@example.com", "a@example.com,b@example.com", "a@b\n.com"])
def test_v1_3_11_an_address_is_one_address(client, email):
    answer = client.post("/api/auth/register", json={"email": email, "password": "correct horse battery"})
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["email"])


@pytest.mark.parametrize("count", [10**30, -1, 101])
def test_v1_4_2_numbers_have_a_range(probe_client, count):
    answer = probe_client.post("/api/probe/things", json={"name": "x", "count": count})
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["count"])


def test_v1_5_2_nothing_unsafe_is_read_into_objects():
    assert importers("pickle", "marshal", "shelve", "dill", "yaml", "jsonpickle") == set()
