"""Invitations to a role on a school or store.

A role is taken, not thrust upon somebody: it ends the logins of who gets it and is looked up with each of their
requests, so a stranger with a store could otherwise do harm. The answer is the same whether the person exists or not.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.models.accounts import Role, User
from app.models.stores import Seller
from app.services import audit, messages
from app.services.accounts import grants, names, one_time
from app.services.accounts.one_time import TokenInvalid
from app.services.accounts.rights import Identity, rights_of
from app.services.accounts.roles import Authority, ensure_may_write, ensure_within, get_role, held_by, tenant_text
from app.services.accounts.sessions import ensure_in_person
from app.services.accounts.tenants import get_tenant
from app.services.audit import Actor, Deed
from app.utils.errors import DomainError, InvalidValue
from app.utils.ids import new_id

PURPOSE = "role-invitation"
LIVES = timedelta(days=7)
_NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Invitation:
    """An offer of a role, good once and for who it names."""

    id: str
    tenant_name: str
    role_name: str
    expires_at: datetime
    token: str = field(repr=False)


def invite(tenant: Seller, role_id: str, who: str, by: Authority, *, now: datetime) -> None:
    """The person with this username or email, if there is one, has a mail by which they can take the role.

    Raises NotFound (404: tenant or role), Forbidden (403), InvalidValue (422: themselves).
    """
    ensure_may_write(by, tenant)
    role = get_role(tenant, role_id)
    ensure_within(by, held_by(role), tenant)
    user = User.find(names.find_holder(who) or _NOBODY)
    if user is not None and user.id == by.rights.id:
        raise InvalidValue("Invite somebody else.", fields={"who": ["is yourself"]})
    expires_at = now + LIVES
    token = one_time.issue(
        PURPOSE,
        user.id if user else _NOBODY,
        lives=LIVES,
        now=now,
        tenant_kind=tenant.kind,
        tenant_id=tenant.id,
        role_id=role.id,
        invited_by=by.rights.id,
    )
    noted = {"role": role.id, "tenant": tenant_text(tenant.kind, tenant.id)}
    audit.record(Deed("users.role.invite", "role", role.id, after=noted), by.actor, now=now)
    if user is not None and user.is_active:
        invitation = Invitation(new_id(), tenant.name, role.name, expires_at, token)
        messages.role_invited(invitation, email=user.email, user_id=user.id, now=now)


def accept(token: str, identity: Identity, actor: Actor, *, now: datetime) -> None:
    """The person has the role they were offered; all their logins end, so that the next one has it.

    Raises TokenInvalid (422: also when it was offered to another, or who offered it may not give it any more),
    ActingRefused (403), TooManyRoles (409).
    """
    ensure_in_person(identity)
    if one_time.peek(PURPOSE, token, now=now).subject != identity.id:
        raise TokenInvalid("This link or code is not valid any more. Please ask for a new one.")
    offered = one_time.redeem(PURPOSE, token, now=now).payload
    role = _role_still_offered(offered["tenant_kind"], offered["tenant_id"], offered["role_id"], offered["invited_by"])
    grants.give(role, identity.id, granted_by=offered["invited_by"], actor=actor, now=now)


def _role_still_offered(kind: str, tenant_id: str, role_id: str, invited_by: str) -> Role:
    """The role, provided that who offered it may still give it, whatever it holds by now."""
    inviter = User.find(invited_by)
    try:
        if inviter is None or not inviter.is_active:
            raise TokenInvalid("Nobody stands behind this offer any more.")
        tenant = get_tenant(kind, tenant_id)
        by = Authority(rights_of(inviter), Actor(inviter.id))
        role = get_role(tenant, role_id)
        ensure_may_write(by, tenant)
        ensure_within(by, held_by(role), tenant)
    except DomainError as refusal:
        if refusal.status >= 500:
            raise
        raise TokenInvalid("This link or code is not valid any more. Please ask for a new one.") from None
    return role
