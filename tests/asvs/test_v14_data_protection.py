"""V14: data of people."""

from io import BytesIO

from PIL import Image

from app.models.accounts import SecondFactor, User, UserSession
from app.plugins import uploads
from app.utils.clock import utc_now
from tests.asvs.conftest import PASSWORD
from tests.asvs.reading import ROOT, document, matching, script_sources
from tests.factor_people import make_person, turn_on_app

KEEPERS = {
    "frontend/src/texts/index.tsx",
    "frontend/src/pages/Checkout.tsx",
    "frontend/src/pages/links/RoleInvitation.tsx",
    "frontend/src/api/account.ts",  # clears only, as does the next
    "frontend/src/pages/account/CloseAccount.tsx",
}


def test_v14_1_1_data_has_written_classes():
    page = document("security.md")
    for name in ("secret", "identity", "personal", "money", "public"):
        assert f"| {name} |" in page


def test_v14_1_2_each_class_says_how_it_is_kept_logged_and_read():
    assert "| Class | What | Kept | In logs | Read by |" in document("security.md")


def test_v14_2_1_no_address_has_a_secret_in_it(app):
    named = {
        (path, parameter["name"])
        for path, methods in app.api_document["paths"].items()
        for operation in methods.values()
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query"
        and any(word in parameter["name"].lower() for word in ("password", "token", "secret", "session", "api_key"))
    }
    assert named == set()
    letters = "".join(path.read_text() for path in (ROOT / "app" / "templates" / "email").glob("*.html"))
    assert "#token=" in letters and "?token=" not in letters


def test_v14_2_2_no_store_between_keeps_what_is_for_one(client, account):
    headers = account.headers
    for path in ("/api/auth/me", "/api/auth/sessions", "/api/orders", "/api/cart", "/api/auth/factors"):
        assert client.get(path, headers=headers).headers["Cache-Control"] == "no-store", path


def test_v14_2_3_pages_load_nothing_from_others(client):
    assert matching(r"""src=["']https?://|google-analytics|gtag\(|fbq\(|@import url""", script_sources()) == set()
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "connect-src 'self'" in policy and "https:" not in policy


def test_v14_2_4_secrets_are_kept_as_the_page_says(settings, account):
    person = make_person(settings)
    app, codes = turn_on_app(person, settings)
    kept = str(dict(SecondFactor.find(person.id)))
    assert app.secret not in kept and not any(code.replace("-", "") in kept for code in codes)
    signed_in = account.log_in()
    session = str(dict(UserSession.find(account.user.id, signed_in.session.id)))
    assert signed_in.cookie not in session and PASSWORD not in str(dict(User.find(account.user.id)))


def test_v14_2_8_pictures_lose_what_their_camera_noted(client, stores):
    out = BytesIO()
    noted = Image.Exif()
    noted[0x010F], noted[0x0132] = "Camera of Ann", "2026:01:01 12:00:00"
    Image.new("RGB", (20, 20)).save(out, "JPEG", exif=noted)
    assert b"Camera of Ann" in out.getvalue()
    kept = client.get(uploads.save_picture(stores, out.getvalue()).url()).data
    assert b"Camera of Ann" not in kept and not dict(Image.open(BytesIO(kept)).getexif())


def test_v14_3_1_a_logout_leaves_nothing_in_the_browser(client, account):
    client.set_cookie("login_session", account.log_in().cookie)
    token = client.get("/api/auth/csrf").json["data"]["csrf_token"]
    answer = client.post("/api/auth/logout", headers={"X-CSRF-Token": token})
    (cookie,) = [text for text in answer.headers.getlist("Set-Cookie") if text.startswith("login_session=")]
    assert cookie.startswith("login_session=;") and "Max-Age=0" in cookie
    leaving = script_sources()["frontend/src/api/account.ts"].split("function useLogout")[1]
    assert "queries.clear()" in leaving and "sessionStorage.clear()" in leaving


def test_v14_3_2_browsers_keep_no_personal_answer(client, account):
    client.set_cookie("login_session", account.log_in().cookie)
    for path in ("/api/auth/me", "/api/nothing", "/api/products"):
        assert client.get(path).headers["Cache-Control"] == "no-store", path
    login = client.application.test_client().post(
        "/api/auth/login", json={"email": account.email, "password": PASSWORD}
    )
    assert login.headers["Cache-Control"] == "no-store" and utc_now()


def test_v14_only_known_places_keep_something_in_the_browser():
    assert matching(r"localStorage|sessionStorage|indexedDB|document\.cookie", script_sources()) <= KEEPERS
