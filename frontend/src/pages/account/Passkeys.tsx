import { Alert, Button, Chip, Dialog, DialogActions, DialogContent, DialogTitle, IconButton, Stack, Tooltip, Typography } from "@mui/material";
import { FingerprintPattern, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { hasPasskeys } from "../../api/passkeys";
import { useAddPasskey, useRemovePasskey, useRenamePasskey } from "../../api/security";
import type { Passkey } from "../../api/types";
import { deviceName } from "../../components/device";
import { Field, FormFault, withValues } from "../../components/Form";
import { Confirm, Section } from "../../components/Section";
import { useTexts } from "../../texts";

const LONGEST_NAME = 60;

interface NamingProps {
  open: boolean;
  title: string;
  text?: string;
  name: string;
  button: string;
  isPending: boolean;
  fault: unknown;
  onName: (name: string) => void;
  onClose: () => void;
}

function Naming({ open, title, text, name, button, isPending, fault, onName, onClose }: NamingProps) {
  const { t } = useTexts();
  return (
    <Dialog open={open} onClose={onClose} fullWidth maxWidth="xs" aria-labelledby="naming-title">
      <DialogTitle id="naming-title">{title}</DialogTitle>
      <form onSubmit={withValues((values) => onName(values.name ?? ""))}>
        <DialogContent sx={{ display: "flex", flexDirection: "column", gap: 2, pt: 0 }}>
          {text && <Typography sx={{ color: "text.secondary" }}>{text}</Typography>}
          <FormFault fault={fault} fields={["name"]} />
          <Field
            name="name"
            label={t("passkeys.name")}
            help={t("passkeys.nameHelp")}
            autoComplete="off"
            autoFocus
            defaultValue={name}
            maxLength={LONGEST_NAME}
            fault={fault}
          />
        </DialogContent>
        <DialogActions sx={{ px: 3, pb: 2.5 }}>
          <Button color="inherit" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button type="submit" variant="contained" loading={isPending}>
            {button}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function Row({ passkey }: { passkey: Passkey }) {
  const { t, day } = useTexts();
  const rename = useRenamePasskey();
  const remove = useRemovePasskey();
  const [asking, setAsking] = useState<"name" | "removal" | null>(null);
  const close = () => setAsking(null);
  const dates = [
    t("passkeys.added", { day: day(passkey.added_at) }),
    passkey.last_used_at ? t("passkeys.used", { day: day(passkey.last_used_at) }) : t("passkeys.unused"),
  ];
  return (
    <Stack component="li" direction="row" sx={{ gap: 1.5, alignItems: "center", py: 1.25 }}>
      <FingerprintPattern size={22} aria-hidden style={{ flexShrink: 0 }} />
      <Stack sx={{ flex: 1, minWidth: 0 }}>
        <Stack direction="row" sx={{ gap: 1, alignItems: "center", flexWrap: "wrap" }}>
          <Typography sx={{ fontWeight: 600, overflowWrap: "anywhere" }}>{passkey.name}</Typography>
          {passkey.is_backed_up && <Chip size="small" variant="outlined" label={t("passkeys.synced")} />}
          {passkey.is_locked && <Chip size="small" color="error" label={t("passkeys.locked")} />}
        </Stack>
        <Typography variant="body2" sx={{ color: "text.secondary" }}>
          {passkey.is_locked ? t("passkeys.lockedText") : dates.join(" · ")}
        </Typography>
      </Stack>
      <Tooltip title={t("passkeys.rename")}>
        <IconButton aria-label={`${t("passkeys.rename")}: ${passkey.name}`} onClick={() => setAsking("name")}>
          <Pencil size={18} />
        </IconButton>
      </Tooltip>
      <Tooltip title={t("passkeys.remove")}>
        <IconButton aria-label={`${t("passkeys.remove")}: ${passkey.name}`} onClick={() => setAsking("removal")}>
          <Trash2 size={18} />
        </IconButton>
      </Tooltip>
      <Naming
        open={asking === "name"}
        title={t("passkeys.rename")}
        name={passkey.name}
        button={t("action.save")}
        isPending={rename.isPending}
        fault={rename.error}
        onName={(name) => rename.mutate({ id: passkey.id, name }, { onSuccess: close })}
        onClose={close}
      />
      <Confirm
        open={asking === "removal"}
        title={t("passkeys.removeTitle", { name: passkey.name })}
        text={t("passkeys.removeText")}
        button={t("passkeys.remove")}
        isPending={remove.isPending}
        fault={remove.error}
        onConfirm={() => remove.mutate(passkey.id, { onSuccess: close })}
        onClose={close}
      />
    </Stack>
  );
}

export function Passkeys({ passkeys }: { passkeys: Passkey[] }) {
  const { t } = useTexts();
  const add = useAddPasskey();
  const [isNaming, setNaming] = useState(false);
  const close = () => setNaming(false);
  return (
    <Section title={t("passkeys.title")} text={t("passkeys.text")}>
      <Stack sx={{ gap: 1.5, alignItems: "flex-start" }}>
        {passkeys.length > 0 && (
          <Stack component="ul" aria-label={t("passkeys.title")} sx={{ p: 0, m: 0, width: 1, listStyle: "none" }}>
            {passkeys.map((passkey) => (
              <Row key={passkey.id} passkey={passkey} />
            ))}
          </Stack>
        )}
        {hasPasskeys() ? (
          <Button
            variant={passkeys.length ? "outlined" : "contained"}
            onClick={() => {
              add.reset();
              setNaming(true);
            }}
          >
            {t("passkeys.add")}
          </Button>
        ) : (
          <Alert severity="info">{t("passkeys.unknown")}</Alert>
        )}
      </Stack>
      <Naming
        open={isNaming}
        title={t("passkeys.add")}
        text={t("passkeys.addText")}
        name={deviceName(navigator.userAgent)}
        button={t("passkeys.go")}
        isPending={add.isPending}
        fault={add.error}
        onName={(name) => add.mutate(name, { onSuccess: close })}
        onClose={close}
      />
    </Section>
  );
}
