"""How our cookies are called: over https each belongs to this host alone."""

from flask import current_app


def cookie_name(name: str) -> str:
    """The name to set and to read. Over https it begins with `__Host-`, so that no sibling subdomain can plant one and
    no browser takes it without `Secure` (RFC 6265bis, 4.1.3.2)."""
    return f"__Host-{name}" if current_app.config["SETTINGS"].cookie_secure else name
