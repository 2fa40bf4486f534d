"""Sets the django-oscar shop up from nothing and hands out buyers that place whole orders over HTTP."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..harness.http_client import Client
from ..harness.servers import WebServer
from .postgres import Postgres, postgres

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Shop:
    """The running shop: its web server, its database and what it was filled with."""

    server: WebServer
    database: Postgres
    products: list[int]
    buyers: list[dict]


def environment(cache_folder: Path) -> str:
    """The Python of an environment with django-oscar, made in the cache folder when it is not there yet."""
    folder = cache_folder / "bench" / "oscar"
    python = folder / "bin" / "python"
    wanted = (FOLDER / "requirements.txt").read_text()
    stamp = folder / "installed"
    if not stamp.exists() or stamp.read_text() != wanted:
        print("    making an environment for django-oscar", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r",
             str(FOLDER / "requirements.txt")], check=True,
        )  # fmt: skip
        stamp.write_text(wanted)
    return str(python)


@contextmanager
def oscar_shop(
    cache_folder: Path, work_folder: Path, products: int, buyers: int, *, waits_for_disk: bool
) -> Iterator[Shop]:
    """PostgreSQL, a migrated and filled shop, and its gunicorn; all of it gone at the end."""
    python = environment(cache_folder)
    media = work_folder / "media"
    media.mkdir(parents=True, exist_ok=True)
    with postgres(waits_for_disk) as database:
        environ = {
            "SHOP_DATABASE_PORT": str(database.port),
            "SHOP_MEDIA_FOLDER": str(media),
            "SHOP_SECRET_KEY": secrets.token_hex(32),
            "DJANGO_SETTINGS_MODULE": "shop.settings",
        }

        def run(*arguments: str) -> str:
            done = subprocess.run(
                [python, *arguments],
                cwd=FOLDER,
                env={**os.environ, **environ},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise RuntimeError(f"django-oscar set-up: {done.stderr[-1500:]}")
            return done.stdout

        run("-m", "django", "migrate", "--verbosity", "0")
        filled = json.loads(run("-m", "shop.fill", str(products), str(buyers)).splitlines()[-1])
        server = WebServer(
            "shop.wsgi:application", environ, work_folder / "oscar.log", "/basket/", python=python, folder=FOLDER
        )
        with server:
            yield Shop(server, database, filled["products"], filled["buyers"])


class OscarBuyer:
    """One signed-in buyer with a saved address, buying over a kept connection.

    Only the requests without which no order comes to be, and the page with the order at the end: a person's browser
    would load several pages more.
    """

    def __init__(self, shop: Shop, number: int) -> None:
        buyer = shop.buyers[number]
        token = secrets.token_hex(16)
        self._client = Client(
            "127.0.0.1", shop.server.port, cookies={"sessionid": buyer["session"], "csrftoken": token}
        )
        self._form = {"csrfmiddlewaretoken": token}
        self._address = buyer["address"]
        self._products = shop.products
        self._next = number

    def purchase(self) -> None:
        """Basket, address, shipping, preview, order, thank-you page. Raises UnexpectedAnswer."""
        client, product = self._client, self._products[self._next % len(self._products)]
        self._next += 7
        client.post_form(f"/basket/add/{product}/", {**self._form, "quantity": 1}, expect=(302,))
        client.post_form(
            "/checkout/shipping-address/",
            {**self._form, "action": "ship_to", "address_id": self._address},
            expect=(302,),
        )
        client.get("/checkout/shipping-method/", expect=(302,))
        client.post_form("/checkout/preview/", self._form, expect=(200,))
        placed = client.post_form("/checkout/preview/", {**self._form, "action": "place_order"}, expect=(302,))
        client.get(placed.headers["location"], expect=(200,))
