"""The two ways a login at a provider fails."""

from app.utils.errors import DomainError


class LoginProviderUnavailable(DomainError):
    """The provider does not answer in time, or answers what no provider should (502)."""

    code, status = "login_provider_unavailable", 502

    def __init__(self, provider: str) -> None:
        super().__init__(
            "The login provider does not answer right now. Please try again, or log in another way.",
            details={"provider": provider},
        )


class LoginRefused(DomainError):
    """The person did not log in there, or what came back proves nothing (401). `details.reason` names a known one."""

    code, status = "login_refused", 401

    def __init__(self, reason: str = "") -> None:
        details = {"reason": reason} if reason else {}
        super().__init__("The login was not accepted. Please start again.", details=details)
