import { Alert, Box, Button, Chip, Dialog, DialogActions, DialogContent, DialogTitle, Link, Stack, Typography } from "@mui/material";
import { useState } from "react";
import { useConfirmApp, useEnrolApp, useRemoveApp, useRenewRecoveryCodes } from "../../api/security";
import type { AppSecret, Factors } from "../../api/types";
import { CodeField, FormFault, withValues } from "../../components/Form";
import { Confirm, Section } from "../../components/Section";
import { useTexts } from "../../texts";
import { RecoveryCodesDialog } from "./RecoveryCodes";

const FEW_CODES = 3;

interface SetUpProps {
  secret: AppSecret;
  onDone: (codes: string[]) => void;
  onClose: () => void;
}

function SetUp({ secret, onDone, onClose }: SetUpProps) {
  const { t } = useTexts();
  const confirm = useConfirmApp();
  const submit = withValues(({ code = "" }) =>
    confirm.mutate(code, { onSuccess: ({ recovery_codes: codes }) => onDone(codes) }),
  );
  return (
    <form onSubmit={submit}>
      <DialogContent sx={{ display: "flex", flexDirection: "column", gap: 2, pt: 0 }}>
        <Typography>{t("app.scan")}</Typography>
        <Box
          component="img"
          src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(secret.qr_svg)}`}
          alt={t("app.qr")}
          sx={{ width: 208, height: 208, alignSelf: "center", bgcolor: "#ffffff", borderRadius: 1, border: 1, borderColor: "divider" }}
        />
        <Typography variant="body2" sx={{ color: "text.secondary" }}>
          {t("app.type")}{" "}
          <Box component="code" data-secret={secret.secret} sx={{ color: "text.primary", overflowWrap: "anywhere" }}>
            {secret.secret.replace(/(.{4})(?=.)/g, "$1 ")}
          </Box>
        </Typography>
        <Link href={secret.uri} variant="body2">
          {t("app.open")}
        </Link>
        <FormFault fault={confirm.error} fields={["code"]} />
        <CodeField fault={confirm.error} autoFocus={false} />
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2.5 }}>
        <Button color="inherit" onClick={onClose}>
          {t("action.cancel")}
        </Button>
        <Button type="submit" variant="contained" loading={confirm.isPending}>
          {t("app.turnOn")}
        </Button>
      </DialogActions>
    </form>
  );
}

function Recovery({ left, onCodes }: { left: number; onCodes: (codes: string[]) => void }) {
  const { t, counted } = useTexts();
  const renew = useRenewRecoveryCodes();
  const [isAsking, setAsking] = useState(false);
  const done = ({ recovery_codes: codes }: { recovery_codes: string[] }) => {
    setAsking(false);
    onCodes(codes);
  };
  return (
    <Stack sx={{ gap: 1.5, alignItems: "flex-start" }}>
      <Typography variant="subtitle1" component="h3">
        {t("recovery.title")}
      </Typography>
      {left <= FEW_CODES && <Alert severity="warning">{t("recovery.few")}</Alert>}
      <Typography sx={{ color: "text.secondary" }}>{counted("recovery.left", left)}</Typography>
      <Button variant="outlined" onClick={() => setAsking(true)}>
        {t("recovery.renew")}
      </Button>
      <Confirm
        open={isAsking}
        title={t("recovery.renewTitle")}
        text={t("recovery.renewText")}
        button={t("recovery.renew")}
        isPending={renew.isPending}
        fault={renew.error}
        onConfirm={() => renew.mutate(undefined, { onSuccess: done })}
        onClose={() => setAsking(false)}
      />
    </Stack>
  );
}

function TurnedOn({ since, left, onCodes }: { since: string; left: number; onCodes: (codes: string[]) => void }) {
  const { t, day } = useTexts();
  const remove = useRemoveApp();
  const [isRemoving, setRemoving] = useState(false);
  return (
    <Stack sx={{ gap: 3, alignItems: "flex-start" }}>
      <Stack sx={{ gap: 1.5, alignItems: "flex-start" }}>
        <Typography>{t("app.since", { day: day(since) })}</Typography>
        <Button variant="outlined" color="error" onClick={() => setRemoving(true)}>
          {t("app.remove")}
        </Button>
      </Stack>
      <Recovery left={left} onCodes={onCodes} />
      <Confirm
        open={isRemoving}
        title={t("app.removeTitle")}
        text={t("app.removeText")}
        button={t("app.remove")}
        isPending={remove.isPending}
        fault={remove.error}
        onConfirm={() => remove.mutate(undefined, { onSuccess: () => setRemoving(false) })}
        onClose={() => setRemoving(false)}
      />
    </Stack>
  );
}

/** The second step of every login: a code of an app, and the codes on paper for the day the app is lost. */
export function AuthenticatorApp({ factors }: { factors: Factors }) {
  const { t } = useTexts();
  const enrol = useEnrolApp();
  const [codes, setCodes] = useState<string[]>([]);
  const stop = () => enrol.reset();
  const done = (shown: string[]) => {
    stop();
    setCodes(shown);
  };
  return (
    <Section
      title={t("app.title")}
      text={t("app.text")}
      aside={
        <Chip
          size="small"
          variant="outlined"
          color={factors.totp_since ? "success" : "default"}
          label={t(factors.totp_since ? "app.on" : "app.off")}
        />
      }
    >
      {factors.totp_since ? (
        <TurnedOn since={factors.totp_since} left={factors.recovery_codes_left} onCodes={setCodes} />
      ) : (
        <Stack sx={{ gap: 2, alignItems: "flex-start" }}>
          <FormFault fault={enrol.error} />
          <Button variant="contained" loading={enrol.isPending} onClick={() => enrol.mutate()}>
            {t("app.setUp")}
          </Button>
        </Stack>
      )}
      <Dialog open={Boolean(enrol.data)} onClose={stop} fullWidth maxWidth="xs" aria-labelledby="app-title">
        <DialogTitle id="app-title">{t("app.setUp")}</DialogTitle>
        {enrol.data && <SetUp secret={enrol.data} onDone={done} onClose={stop} />}
      </Dialog>
      <RecoveryCodesDialog codes={codes} onClose={() => setCodes([])} />
    </Section>
  );
}
