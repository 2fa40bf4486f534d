"""Which texts people have agreed to: every answer is kept, the latest one of a kind counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.models.accounts import Consent, User
from app.utils.errors import DomainError
from app.utils.shared import load_shared

TERMS, PRIVACY, MARKETING = "terms", "privacy", "marketing"
SIGN_UP, ACCOUNT = "sign_up", "account"


class TermsOutdated(DomainError):
    """The version that was answered is not the one in force (422); details: kind and version in force."""

    code, status = "terms_outdated", 422


@dataclass(frozen=True, slots=True)
class TermsVersion:
    """One version of one text, as common/terms.json lists them. url: where it is read on the site."""

    kind: str
    version: str
    published_at: datetime
    url: str
    must_accept: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says to one version, and how: at sign-up or in the account, from which address."""

    kind: str
    version: str
    is_given: bool
    how: str = ACCOUNT
    address: str = ""


VERSIONS: tuple[TermsVersion, ...] = tuple(
    TermsVersion(kind, row["version"], datetime.fromisoformat(row["published_at"]), row["url"], row["must_accept"])
    for kind, rows in load_shared("terms").items()
    for row in rows
)
KINDS = tuple(dict.fromkeys(version.kind for version in VERSIONS))


def versions_in_force(now: datetime, versions: Sequence[TermsVersion] = VERSIONS) -> dict[str, TermsVersion]:
    """Kind → the latest version published by `now`."""
    published = sorted((v for v in versions if v.published_at <= now), key=lambda version: version.published_at)
    return {version.kind: version for version in published}


def ensure_in_force(kind: str, version: str, *, now: datetime, versions: Sequence[TermsVersion] = VERSIONS) -> None:
    """Raises TermsOutdated (422) for any version but the one in force."""
    current = versions_in_force(now, versions).get(kind)
    if current is None or current.version != version:
        in_force = current.version if current else ""
        raise TermsOutdated(
            "These are not the words that are in force now. Please read them again.",
            fields={"version": [f"must be {in_force}" if in_force else "there is no such text"]},
            details={"kind": kind, "version": in_force},
        )


def record_answer(user: User, answer: Answer, *, now: datetime) -> Consent:
    """The answer is kept for good; one about marketing also turns those mails on or off.

    Raises TermsOutdated (422) for agreeing to anything but the version in force; taking back is always possible.
    """
    if answer.is_given:
        ensure_in_force(answer.kind, answer.version, now=now)
    row = _keep(user, answer, now)
    if answer.kind == MARKETING and user.mail_promo != answer.is_given:
        user.update(mail_promo=answer.is_given)
    return row


def note_wish(user: User, is_wanted: bool, *, address: str, now: datetime) -> None:
    """The answer to the text on marketing in force is kept, for whoever turns those mails on or off by themselves."""
    version = versions_in_force(now).get(MARKETING)
    _keep(user, Answer(MARKETING, version.version if version else "", is_wanted, address=address), now)


def list_answers(user_id: str) -> list[Consent]:
    """All answers of a person, newest first."""
    return list(Consent.objects(user_id=user_id).limit(10_000))


def versions_to_accept(
    answers: Sequence[Consent], *, now: datetime, versions: Sequence[TermsVersion] = VERSIONS
) -> list[TermsVersion]:
    """The texts in force that the person must accept and has not, or has accepted in an older version only."""
    latest: dict[str, Consent] = {}
    for answer in sorted(answers, key=lambda row: row.at):
        latest[answer.kind] = answer
    return [
        version
        for kind, version in versions_in_force(now, versions).items()
        if version.must_accept and not _accepts(latest.get(kind), version)
    ]


def _keep(user: User, answer: Answer, now: datetime) -> Consent:
    return Consent.create(
        user_id=user.id,
        at=now,
        kind=answer.kind,
        version=answer.version,
        is_given=answer.is_given,
        how=answer.how,
        address=answer.address[:64],
    )


def _accepts(answer: Consent | None, version: TermsVersion) -> bool:
    return answer is not None and bool(answer.is_given) and answer.version == version.version
