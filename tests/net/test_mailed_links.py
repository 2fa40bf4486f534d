"""Every page that a mail about an account or an order links to is there."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PLACES = ("app/templates/email", "app/templates/sms", "app/services")
ROUTES = ("frontend/src/App.tsx", "frontend/src/pages/account/routes.ts")
LINK = re.compile(r"""site_url(?: \}\}|\}| ~ ")(/(?:account|user|role|order)[a-z/-]*)""")


def links() -> list[str]:
    files = [file for place in PLACES for file in (PROJECT / place).rglob("*.[hpt]*") if file.suffix != ".pyc"]
    return sorted({path for file in files for path in LINK.findall(file.read_text(encoding="utf-8"))})


def test_the_links_are_found():
    assert {"/account/undo", "/user/activate", "/role-invitation", "/order"} < set(links())


@pytest.mark.parametrize("path", links())
def test_a_mailed_link_opens_a_page_of_the_site(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    routes = "".join((PROJECT / name).read_text(encoding="utf-8") for name in ROUTES)
    assert f'path: "{path.strip("/")}"' in routes
