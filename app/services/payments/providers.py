"""Which payment providers there are. One more provider is one more entry here."""

from app.plugins.sandbox import sandbox
from app.utils.charges import PaymentProvider
from app.utils.errors import InvalidValue, NotFound

PROVIDERS: tuple[PaymentProvider, ...] = (sandbox,)


def methods() -> list[PaymentProvider]:
    """The providers whose settings are complete, in the order they are offered."""
    return [provider for provider in PROVIDERS if provider.enabled]


def provider_named(name: str) -> PaymentProvider:
    """The enabled provider of this name. Raises NotFound (404)."""
    for provider in methods():
        if provider.name == name:
            return provider
    raise NotFound("There is no such payment method.")


def chosen_method(name: str | None) -> str:
    """The method a person named, or the first one offered. Raises InvalidValue (422)."""
    offered = [provider.name for provider in methods()]
    if not offered:
        raise InvalidValue("No payment method is set up.", fields={"provider": ["No payment method is set up."]})
    if name is None:
        return offered[0]
    if name not in offered:
        raise InvalidValue("Unknown payment method.", fields={"provider": [f"One of: {', '.join(offered)}."]})
    return name
