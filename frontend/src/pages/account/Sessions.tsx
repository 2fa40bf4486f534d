import { Button, Chip, Stack, Typography } from "@mui/material";
import { Headset, Laptop, Smartphone } from "lucide-react";
import { useState } from "react";
import { useEndSession, useSessions } from "../../api/security";
import type { Session } from "../../api/types";
import { deviceName, isTelephone } from "../../components/device";
import { FormFault } from "../../components/Form";
import { Confirm, Section } from "../../components/Section";
import { Failure, LinesSkeleton } from "../../components/States";
import { useTexts } from "../../texts";
import { AccountPage } from "./Layout";

const SUPPORT = "support";

const iconOf = (session: Session) =>
  session.kind === SUPPORT ? Headset : session.kind === "mobile" || isTelephone(session.device_name) ? Smartphone : Laptop;

function Row({ session }: { session: Session }) {
  const { t, moment } = useTexts();
  const end = useEndSession();
  const Icon = iconOf(session);
  const name = session.kind === SUPPORT ? t("sessions.support") : deviceName(session.device_name);
  const seen = session.is_current ? t("sessions.now") : t("sessions.seen", { at: moment(session.last_seen_at) });
  return (
    <Stack component="li" sx={{ gap: 1, py: 1.75, borderTop: 1, borderColor: "divider", "&:first-of-type": { borderTop: 0 } }}>
      <Stack direction="row" sx={{ gap: 2, alignItems: "center" }}>
        <Icon size={24} strokeWidth={1.8} aria-hidden style={{ flexShrink: 0 }} />
        <Stack sx={{ flex: 1, minWidth: 0 }}>
          <Stack direction="row" sx={{ gap: 1, alignItems: "center", flexWrap: "wrap" }}>
            <Typography sx={{ fontWeight: 600, overflowWrap: "anywhere" }}>{name || t("sessions.nameless")}</Typography>
            {session.is_current && <Chip size="small" color="success" variant="outlined" label={t("sessions.this")} />}
          </Stack>
          <Typography variant="body2" sx={{ color: "text.secondary", overflowWrap: "anywhere" }}>
            {[seen, session.address, t("sessions.since", { at: moment(session.started_at) })].filter(Boolean).join(" · ")}
          </Typography>
        </Stack>
        {!session.is_current && (
          <Button
            variant="outlined"
            color="inherit"
            loading={end.isPending}
            aria-label={`${t("sessions.end")}: ${name}`}
            onClick={() => end.mutate(session.id)}
          >
            {t("sessions.end")}
          </Button>
        )}
      </Stack>
      <FormFault fault={end.error} />
    </Stack>
  );
}

function EndOthers() {
  const { t } = useTexts();
  const end = useEndSession();
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button variant="outlined" color="error" onClick={() => setAsking(true)}>
        {t("sessions.endOthers")}
      </Button>
      <Confirm
        open={isAsking}
        title={t("sessions.endOthersTitle")}
        text={t("sessions.endOthersText")}
        button={t("sessions.endOthers")}
        isPending={end.isPending}
        fault={end.error}
        onConfirm={() => end.mutate("others", { onSuccess: () => setAsking(false) })}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

function Sections() {
  const { t } = useTexts();
  const { data: sessions, error, refetch } = useSessions();
  if (error) return <Failure fault={error} retry={() => void refetch()} />;
  if (!sessions) return <LinesSkeleton count={2} />;
  const own = sessions.toSorted((one, other) => Number(other.is_current) - Number(one.is_current));
  return (
    <Section title={t("sessions.title")} text={t("sessions.text")} aside={own.length > 1 && <EndOthers />}>
      <Stack component="ul" aria-label={t("sessions.title")} sx={{ p: 0, m: 0, listStyle: "none" }}>
        {own.map((session) => (
          <Row key={session.id} session={session} />
        ))}
      </Stack>
    </Section>
  );
}

/** `/account/sessions` */
export function SessionsPage() {
  return (
    <AccountPage title="sessions.title">
      <Sections />
    </AccountPage>
  );
}
