"""What a person proves themselves by besides a password: authenticator app, recovery codes, passkeys, other logins."""

from app.plugins.cassandra_cqlengine import ConditionalModel, columns
from app.utils.ids import new_id


class SecondFactor(ConditionalModel):
    """One person's authenticator app and recovery codes. Read path: by the user's id, once a login.

    totp_sealed: the shared secret, sealed by the vault. totp_last_step: the last 30-second step whose code was
    accepted, so that no code is accepted twice. recovery_hashes: slot (first sign of a code) → argon2id hash of the
    code; a used one is gone. leaving: ways in that are being removed, see `factors.take_away`.
    All of it in one row, so that a change of any part is decided against all others.
    """

    __table_name__ = "second_factor"

    user_id = columns.Text(partition_key=True)
    totp_sealed = columns.Text()
    totp_enrolled_at = columns.DateTime()
    totp_confirmed_at = columns.DateTime()
    totp_last_step = columns.BigInt()
    recovery_hashes = columns.Map(columns.Text, columns.Text)
    recovery_made_at = columns.DateTime()
    leaving = columns.Set(columns.Text)

    @property
    def is_active(self) -> bool:
        """Whether a login by one factor is asked for a second one."""
        return self.totp_confirmed_at is not None

    def __repr__(self) -> str:
        return f"SecondFactor(user_id={self.user_id})"


class Passkey(ConditionalModel):
    """One WebAuthn credential. Read paths: by (user, id); all passkeys of a user, oldest first.

    credential_id: base64url, as the browser names it. public_key: COSE. sign_count: the authenticator's own count of
    its uses, 0 for those that do not count. locked_at: since when it is refused, because its count went back.
    """

    __table_name__ = "passkey"

    user_id = columns.Text(partition_key=True)
    id = columns.Text(primary_key=True, default=new_id)
    credential_id = columns.Text(required=True)
    public_key = columns.Blob(required=True)
    sign_count = columns.BigInt(required=True)
    name = columns.Text(required=True)
    transports = columns.Set(columns.Text)
    authenticator = columns.Text(default="")
    is_backed_up = columns.Boolean(default=False)
    added_at = columns.DateTime(required=True)
    last_used_at = columns.DateTime()
    locked_at = columns.DateTime()

    def __repr__(self) -> str:
        return f"Passkey(user_id={self.user_id}, id={self.id})"


class PasskeyCredential(ConditionalModel):
    """Whose credential this is. Read path: by the SHA-256 of the credential's id, once a login by passkey.

    Claimed before the passkey's own row is written: of all people one at most holds a credential.
    """

    __table_name__ = "passkey_credential"

    credential_hash = columns.Text(partition_key=True)
    user_id = columns.Text(required=True)
    passkey_id = columns.Text(required=True)


class FederatedIdentity(ConditionalModel):
    """Whose account a login at a provider opens. Read path: by (issuer, subject), once such a login.

    Claimed before anything else is written about it; a claim whose user does not exist a minute later is what a
    crash left behind, and may be taken over.
    """

    __table_name__ = "federated_identity"

    issuer = columns.Text(partition_key=True)
    subject = columns.Text(partition_key=True)
    user_id = columns.Text(required=True)
    claimed_at = columns.DateTime(required=True)


class FederatedLink(ConditionalModel):
    """The same, for the user's own list. Read paths: by (user, id); all of a user.

    id: made of issuer and subject, so that writing it again changes nothing. email: as the provider told it.
    """

    __table_name__ = "federated_link"

    user_id = columns.Text(partition_key=True)
    id = columns.Text(primary_key=True)
    provider = columns.Text(required=True)
    issuer = columns.Text(required=True)
    subject = columns.Text(required=True)
    email = columns.Text(default="")
    linked_at = columns.DateTime(required=True)
    last_used_at = columns.DateTime()
