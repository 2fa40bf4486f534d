import { Alert, Button, Chip, Divider, Stack, Typography } from "@mui/material";
import { useState } from "react";
import { useMe } from "../../api/account";
import { useResendConfirmation } from "../../api/links";
import { useAskEmail, useAskPhone, useChangeProfile, useConfirmPhone } from "../../api/personal";
import type { Profile } from "../../api/types";
import { CodeField, Field, FormFault, withValues } from "../../components/Form";
import { Section } from "../../components/Section";
import { useTexts } from "../../texts";

function IsConfirmed({ isConfirmed }: { isConfirmed: boolean }) {
  const { t } = useTexts();
  return (
    <Chip
      size="small"
      color={isConfirmed ? "success" : "warning"}
      variant="outlined"
      label={t(isConfirmed ? "contacts.confirmed" : "contacts.unconfirmed")}
    />
  );
}

function Value({ label, text, isConfirmed }: { label: string; text: string; isConfirmed: boolean | null }) {
  return (
    <Stack sx={{ minWidth: 0, gap: 0.25 }}>
      <Typography variant="body2" sx={{ color: "text.secondary" }}>
        {label}
      </Typography>
      <Stack direction="row" sx={{ gap: 1, alignItems: "center", flexWrap: "wrap" }}>
        <Typography sx={{ fontWeight: 600, overflowWrap: "anywhere" }}>{text}</Typography>
        {isConfirmed !== null && <IsConfirmed isConfirmed={isConfirmed} />}
      </Stack>
    </Stack>
  );
}

function EmailRow({ profile }: { profile: Profile }) {
  const { t } = useTexts();
  const { data: me } = useMe();
  const [isOpen, setOpen] = useState(false);
  const ask = useAskEmail();
  const resend = useResendConfirmation();
  const isUnconfirmed = Boolean(profile.email) && !me?.email_confirmed;
  const submit = withValues(({ email = "" }) => ask.mutate(email, { onSuccess: () => setOpen(false) }));
  return (
    <Stack sx={{ gap: 2 }}>
      <Stack direction="row" sx={{ gap: 2, justifyContent: "space-between", alignItems: "flex-start", flexWrap: "wrap" }}>
        <Value
          label={t("account.email")}
          text={profile.email || t("contacts.none")}
          isConfirmed={profile.email ? !isUnconfirmed : null}
        />
        {!isOpen && (
          <Stack direction="row" sx={{ gap: 1 }}>
            {isUnconfirmed && !resend.isSuccess && (
              <Button loading={resend.isPending} onClick={() => resend.mutate()}>
                {t("contacts.resend")}
              </Button>
            )}
            <Button variant="outlined" onClick={() => setOpen(true)}>
              {t("contacts.changeEmail")}
            </Button>
          </Stack>
        )}
      </Stack>
      <FormFault fault={resend.error} />
      {resend.isSuccess && <Alert severity="success">{t("link.sent", { email: profile.email })}</Alert>}
      {profile.pending_email && !isOpen && (
        <Alert severity="info">{t("contacts.pendingEmail", { email: profile.pending_email })}</Alert>
      )}
      {isOpen && (
        <Stack component="form" onSubmit={submit} sx={{ gap: 2 }}>
          <FormFault fault={ask.error} fields={["email"]} />
          <Field
            name="email"
            type="email"
            label={t("contacts.newEmail")}
            help={t("contacts.newEmailHelp")}
            autoComplete="email"
            autoFocus
            fault={ask.error}
          />
          <Stack direction="row" sx={{ gap: 1 }}>
            <Button type="submit" variant="contained" loading={ask.isPending}>
              {t("contacts.askEmail")}
            </Button>
            <Button color="inherit" onClick={() => setOpen(false)}>
              {t("action.cancel")}
            </Button>
          </Stack>
        </Stack>
      )}
    </Stack>
  );
}

type PhoneStep = "rest" | "number" | "code";

function PhoneRow({ profile }: { profile: Profile }) {
  const { t } = useTexts();
  const { data: me } = useMe();
  const [step, setStep] = useState<PhoneStep>("rest");
  const ask = useAskPhone();
  const confirm = useConfirmPhone();
  const change = useChangeProfile();
  const rest = () => setStep("rest");
  const submit = withValues(({ phone = "", code = "" }) => {
    if (step === "number") ask.mutate(phone, { onSuccess: () => setStep("code") });
    else confirm.mutate(code, { onSuccess: rest });
  });
  const open = () => {
    ask.reset();
    confirm.reset();
    setStep("number");
  };
  return (
    <Stack sx={{ gap: 2 }}>
      <Stack direction="row" sx={{ gap: 2, justifyContent: "space-between", alignItems: "flex-start", flexWrap: "wrap" }}>
        <Value
          label={t("contacts.phone")}
          text={profile.phone ?? t("contacts.none")}
          isConfirmed={profile.phone ? Boolean(me?.phone_confirmed) : null}
        />
        {step === "rest" && (
          <Stack direction="row" sx={{ gap: 1 }}>
            {profile.phone && (
              <Button color="inherit" loading={change.isPending} onClick={() => change.mutate({ phone: null })}>
                {t("contacts.removePhone")}
              </Button>
            )}
            <Button variant="outlined" onClick={open}>
              {t(profile.phone ? "contacts.changePhone" : "contacts.addPhone")}
            </Button>
          </Stack>
        )}
      </Stack>
      <FormFault fault={change.error} />
      {step === "rest" && profile.pending_phone && (
        <Alert
          severity="info"
          action={
            <Button color="inherit" size="small" onClick={() => setStep("code")}>
              {t("contacts.enterCode")}
            </Button>
          }
        >
          {t("contacts.pendingPhone", { phone: profile.pending_phone })}
        </Alert>
      )}
      {step !== "rest" && (
        <Stack component="form" key={step} onSubmit={submit} sx={{ gap: 2 }}>
          <FormFault fault={step === "number" ? ask.error : confirm.error} fields={["phone", "code"]} />
          {step === "number" ? (
            <Field
              name="phone"
              type="tel"
              label={t("contacts.newPhone")}
              help={t("contacts.newPhoneHelp")}
              autoComplete="tel"
              autoFocus
              fault={ask.error}
            />
          ) : (
            <>
              <Alert severity="info">{t("code.sent", { to: profile.pending_phone || t("contacts.newPhone") })}</Alert>
              <CodeField fault={confirm.error} />
            </>
          )}
          <Stack direction="row" sx={{ gap: 1 }}>
            <Button type="submit" variant="contained" loading={ask.isPending || confirm.isPending}>
              {t(step === "number" ? "code.send" : "contacts.confirmPhone")}
            </Button>
            <Button color="inherit" onClick={rest}>
              {t("action.cancel")}
            </Button>
          </Stack>
        </Stack>
      )}
    </Stack>
  );
}

/** Address and number; each new one is confirmed by its own end. */
export function Contacts({ profile }: { profile: Profile }) {
  const { t } = useTexts();
  return (
    <Section title={t("contacts.title")} text={t("contacts.text")}>
      <Stack divider={<Divider />} sx={{ gap: 2.5 }}>
        <EmailRow profile={profile} />
        <PhoneRow profile={profile} />
      </Stack>
    </Section>
  );
}
