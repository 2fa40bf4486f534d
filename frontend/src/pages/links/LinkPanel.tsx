import { Button } from "@mui/material";
import { Link2Off, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { ApiError } from "../../api/client";
import { FormFault } from "../../components/Form";
import { Panel, WayOn } from "../../components/Door";
import { useTexts } from "../../texts";

/** Whether the token of a link is used up, too old, or was never one. */
export const isDeadLink = (fault: unknown) =>
  fault instanceof ApiError && (fault.code === "token_invalid" || Boolean(fault.fields.token));

/** A link that does nothing any more, with the way to another one. */
export function DeadLink({ text, children }: { text: string; children: ReactNode }) {
  const { t } = useTexts();
  return (
    <Panel icon={Link2Off} tone="warning" title={t("link.dead")} text={text}>
      {children}
    </Panel>
  );
}

interface LinkPanelProps {
  icon: LucideIcon;
  title: string;
  text: ReactNode;
  button: string;
  act: { mutate: () => void; isPending: boolean; error: unknown };
  isGrave?: boolean;
}

/** What a link is about to do, and the button that does it. */
export function LinkPanel({ icon, title, text, button, act, isGrave = false }: LinkPanelProps) {
  return (
    <Panel icon={icon} title={title} text={text} tone={isGrave ? "warning" : "primary"}>
      <FormFault fault={act.error} />
      <Button size="large" variant="contained" loading={act.isPending} onClick={() => act.mutate()}>
        {button}
      </Button>
    </Panel>
  );
}

interface DoneProps {
  icon: LucideIcon;
  title: string;
  text: ReactNode;
  to: string;
  way: string;
}

/** What the link has done. */
export function Done({ icon, title, text, to, way }: DoneProps) {
  return (
    <Panel icon={icon} tone="success" title={title} text={text}>
      <WayOn to={to} text={way} />
    </Panel>
  );
}
