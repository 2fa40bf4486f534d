import { Alert, Button, Dialog, DialogActions, DialogContent, DialogTitle, Link, Stack, TextField, Typography } from "@mui/material";
import { UserRoundX } from "lucide-react";
import { useState } from "react";
import { Link as RouterLink, useNavigate } from "react-router";
import { useLookAgain, useMe } from "../../api/account";
import { ApiError } from "../../api/client";
import { useCloseAccount } from "../../api/privacy";
import { Panel, WayOn } from "../../components/Door";
import { FormFault, withValues } from "../../components/Form";
import { Section } from "../../components/Section";
import { usePageTitle } from "../../components/Shell";
import { useTexts, type TextKey } from "../../texts";

interface OpenThing {
  kind: "order" | "sale" | "role";
  id: string;
}

const THINGS: Record<OpenThing["kind"], TextKey> = { order: "close.order", sale: "close.sale", role: "close.superuser" };

/** What has to be seen through before the account can be closed. */
function InTheWay({ fault }: { fault: unknown }) {
  const { t } = useTexts();
  if (!(fault instanceof ApiError) || fault.code !== "account_in_use") return <FormFault fault={fault} />;
  const open = (fault.details.open ?? []) as OpenThing[];
  return (
    <Alert severity="warning">
      {t("close.inUse")}
      <ul style={{ margin: "8px 0 0", paddingInlineStart: 20 }}>
        {open.map(({ kind, id }) => (
          <li key={kind + id} style={{ overflowWrap: "anywhere" }}>
            {kind === "order" ? (
              <Link component={RouterLink} to={`/order?id=${id}`} color="inherit">
                {t(THINGS[kind])} {id}
              </Link>
            ) : (
              `${t(THINGS[kind])}${kind === "role" ? "" : ` ${id}`}`
            )}
          </li>
        ))}
      </ul>
    </Alert>
  );
}

function Asking({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const lookAgain = useLookAgain();
  const close = useCloseAccount();
  const [typed, setTyped] = useState("");
  const isSame = typed.trim().toLowerCase() === name.toLowerCase();
  const submit = withValues(() =>
    close.mutate(undefined, {
      onSuccess: async () => {
        sessionStorage.clear();
        await navigate("/user/closed", { replace: true });
        await lookAgain();
      },
    }),
  );
  return (
    <form onSubmit={submit}>
      <DialogContent sx={{ display: "flex", flexDirection: "column", gap: 2, pt: 0 }}>
        <Typography>{t("close.sure")}</Typography>
        <InTheWay fault={close.error} />
        <Typography id="close-type" sx={{ overflowWrap: "anywhere" }}>
          {t("close.type", { name })}
        </Typography>
        <TextField
          name="typed"
          required
          autoFocus
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          slotProps={{ htmlInput: { "aria-labelledby": "close-type" } }}
        />
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2.5 }}>
        <Button color="inherit" onClick={onClose}>
          {t("action.cancel")}
        </Button>
        <Button type="submit" variant="contained" color="error" disabled={!isSame} loading={close.isPending}>
          {t("close.button")}
        </Button>
      </DialogActions>
    </form>
  );
}

/** The end of the account: what it means, one's own name typed, and a proof. */
export function CloseAccount() {
  const { t } = useTexts();
  const { data: me } = useMe();
  const [isOpen, setOpen] = useState(false);
  return (
    <Section title={t("close.title")} isGrave>
      <Stack component="ul" sx={{ gap: 0.75, pl: 2.5, m: 0, mb: 2.5, color: "text.secondary", maxWidth: 620 }}>
        <li>{t("close.logins")}</li>
        <li>{t("close.gone")}</li>
        <li>{t("close.kept")}</li>
        <li>{t("close.copy")}</li>
      </Stack>
      <Button variant="outlined" color="error" onClick={() => setOpen(true)}>
        {t("close.open")}
      </Button>
      <Dialog open={isOpen} onClose={() => setOpen(false)} fullWidth maxWidth="xs" aria-labelledby="close-title">
        <DialogTitle id="close-title">{t("close.title")}</DialogTitle>
        {me && <Asking name={me.email || me.username} onClose={() => setOpen(false)} />}
      </Dialog>
    </Section>
  );
}

/** `/user/closed`: the last page that an account sees. */
export function ClosedPage() {
  const { t } = useTexts();
  usePageTitle(t("close.done"));
  return (
    <Panel icon={UserRoundX} title={t("close.done")} text={t("close.doneText")}>
      <WayOn to="/" text={t("missing.home")} />
    </Panel>
  );
}
