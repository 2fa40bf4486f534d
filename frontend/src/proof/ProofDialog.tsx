import { Alert, Button, Dialog, DialogActions, DialogContent, DialogTitle, Stack, Typography } from "@mui/material";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useMe, useSendCode } from "../api/account";
import { hasPasskeys } from "../api/passkeys";
import { useProve, useProveElsewhere } from "../api/proof";
import { factorsQuery } from "../api/security";
import type { Factors, User } from "../api/types";
import { CodeField, Field, FormFault, withValues } from "../components/Form";
import { Failure, LinesSkeleton } from "../components/States";
import { useTexts, type TextKey } from "../texts";

type Way = "password" | "totp" | "passkey" | "mail";

const NAMES: Record<Way, TextKey> = {
  password: "proof.byPassword",
  totp: "proof.byApp",
  passkey: "proof.byPasskey",
  mail: "proof.byMail",
};

function waysOf(factors: Factors, me: User): Way[] {
  const ways: Way[] = [];
  if (factors.has_password) ways.push("password");
  if (factors.totp_since) ways.push("totp");
  if (hasPasskeys() && factors.passkeys.some((passkey) => !passkey.is_locked)) ways.push("passkey");
  if (me.email) ways.push("mail");
  return ways;
}

interface AskingProps {
  factors: Factors;
  me: User;
  onProved: () => void;
  onClose: () => void;
}

function Asking({ factors, me, onProved, onClose }: AskingProps) {
  const { t } = useTexts();
  const ways = waysOf(factors, me);
  const [way, setWay] = useState<Way | undefined>(ways[0]);
  const prove = useProve();
  const send = useSendCode();
  const elsewhere = useProveElsewhere();
  const isSent = send.isSuccess;
  const submit = withValues(({ password, code = "" }) => {
    if (way === "mail" && !isSent) return send.mutate(me.email);
    if (way === "mail") return prove.mutate({ received: { identifier: me.email, code } }, { onSuccess: onProved });
    const proof = way === "password" ? { password } : way === "totp" ? { code } : { passkey: true as const };
    prove.mutate(proof, { onSuccess: onProved });
  });
  const choose = (next: Way) => {
    prove.reset();
    send.reset();
    setWay(next);
  };
  const fault = prove.error ?? send.error ?? elsewhere.error;
  return (
    <form onSubmit={submit}>
      <DialogContent sx={{ display: "flex", flexDirection: "column", gap: 2.25, pt: 0 }}>
        <Typography sx={{ color: "text.secondary" }}>{t("proof.text")}</Typography>
        <FormFault fault={fault} fields={way === "mail" || way === "totp" ? ["code"] : []} />
        {way === "password" && (
          <Field
            name="password"
            type="password"
            label={t("account.password")}
            autoComplete="current-password"
            autoFocus
            fault={prove.error}
          />
        )}
        {way === "totp" && <CodeField fault={prove.error} />}
        {way === "passkey" && <Typography>{t("proof.passkeyText")}</Typography>}
        {way === "mail" &&
          (isSent ? (
            <>
              <Alert severity="info" sx={{ overflowWrap: "anywhere" }}>{t("code.sent", { to: me.email })}</Alert>
              <CodeField fault={prove.error} />
            </>
          ) : (
            <Typography sx={{ overflowWrap: "anywhere" }}>{t("proof.mailText", { email: me.email })}</Typography>
          ))}
        <Stack sx={{ alignItems: "flex-start", gap: 0.25 }}>
          {ways
            .filter((other) => other !== way)
            .map((other) => (
              <Button key={other} size="small" onClick={() => choose(other)}>
                {t(NAMES[other])}
              </Button>
            ))}
          {factors.linked_logins.map((link) => (
            <Button
              key={link.id}
              size="small"
              onClick={() => elsewhere.mutate({ provider: link.provider, next: window.location.pathname })}
            >
              {t("proof.byProvider", { provider: link.provider })}
            </Button>
          ))}
        </Stack>
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2.5 }}>
        <Button color="inherit" onClick={onClose}>
          {t("action.cancel")}
        </Button>
        {way && (
          <Button type="submit" variant="contained" loading={prove.isPending || send.isPending}>
            {t(way === "mail" && !isSent ? "code.send" : "proof.button")}
          </Button>
        )}
      </DialogActions>
    </form>
  );
}

interface DialogProps {
  open: boolean;
  onProved: () => void;
  onClose: () => void;
}

/** Asks who is before the screen, by whatever the account has. */
export function ProofDialog({ open, onProved, onClose }: DialogProps) {
  const { t } = useTexts();
  const { data: me } = useMe();
  const { data: factors, error, refetch } = useQuery({ ...factorsQuery, enabled: open });
  return (
    <Dialog open={open} onClose={onClose} fullWidth maxWidth="xs" aria-labelledby="proof-title">
      <DialogTitle id="proof-title">{t("proof.title")}</DialogTitle>
      {me && factors ? (
        <Asking factors={factors} me={me} onProved={onProved} onClose={onClose} />
      ) : (
        <DialogContent>{error ? <Failure fault={error} retry={() => void refetch()} /> : <LinesSkeleton count={1} />}</DialogContent>
      )}
    </Dialog>
  );
}
