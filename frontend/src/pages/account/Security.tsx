import { Alert, Button, Stack } from "@mui/material";
import { useState } from "react";
import { useMe } from "../../api/account";
import { useResendConfirmation } from "../../api/links";
import { useChangePassword, useFactors } from "../../api/security";
import type { Factors } from "../../api/types";
import { Field, FormFault, NewPasswordField, withValues } from "../../components/Form";
import { Save, Section } from "../../components/Section";
import { Failure, LinesSkeleton } from "../../components/States";
import { useTexts } from "../../texts";
import { AuthenticatorApp } from "./AuthenticatorApp";
import { AccountPage } from "./Layout";
import { LinkedLogins } from "./LinkedLogins";
import { Passkeys } from "./Passkeys";

function Password({ factors }: { factors: Factors }) {
  const { t } = useTexts();
  const change = useChangePassword();
  const [round, setRound] = useState(0);
  const save = withValues((values) =>
    change.mutate(
      factors.has_password ? { old: values.old, new: values.new ?? "" } : { new: values.new ?? "" },
      { onSuccess: () => setRound(round + 1) },
    ),
  );
  return (
    <Section
      title={t("account.password")}
      text={t(factors.has_password ? "password.text" : "password.noneText")}
    >
      <Stack component="form" key={round} onSubmit={save} sx={{ gap: 2.25, maxWidth: 420 }}>
        <FormFault fault={change.error} fields={["old", "new", "password"]} />
        {factors.has_password && (
          <Field
            name="old"
            type="password"
            label={t("password.old")}
            autoComplete="current-password"
            fault={change.error}
          />
        )}
        <NewPasswordField name="new" fault={change.error} />
        <Save
          isPending={change.isPending}
          isSaved={change.isSuccess}
          text={t(factors.has_password ? "password.change" : "password.set")}
        />
      </Stack>
    </Section>
  );
}

/** Until somebody has shown that an address or number is theirs, no app and no passkey is taken. */
function ConfirmFirst() {
  const { t } = useTexts();
  const { data: me } = useMe();
  const resend = useResendConfirmation();
  if (!me?.email || me.email_confirmed || me.phone_confirmed) return null;
  if (resend.isSuccess) return <Alert severity="success">{t("link.sent", { email: me.email })}</Alert>;
  return (
    <>
      <FormFault fault={resend.error} />
      <Alert severity="info">
        {t("security.confirmFirst", { email: me.email })}
        <Button
          size="small"
          variant="outlined"
          color="inherit"
          sx={{ display: "flex", mt: 1 }}
          loading={resend.isPending}
          onClick={() => resend.mutate()}
        >
          {t("contacts.resend")}
        </Button>
      </Alert>
    </>
  );
}

function Sections() {
  const { data: factors, error, refetch } = useFactors();
  if (error) return <Failure fault={error} retry={() => void refetch()} />;
  if (!factors) return <LinesSkeleton count={3} />;
  return (
    <>
      <ConfirmFirst />
      <Password factors={factors} />
      <AuthenticatorApp factors={factors} />
      <Passkeys passkeys={factors.passkeys} />
      <LinkedLogins links={factors.linked_logins} />
    </>
  );
}

/** `/account/security` */
export function SecurityPage() {
  return (
    <AccountPage title="security.title">
      <Sections />
    </AccountPage>
  );
}
