import { Box, Button, Card, Stack, Typography } from "@mui/material";
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Link as RouterLink } from "react-router";
import { FormFault, withValues } from "./Form";

interface PanelProps {
  title: string;
  text?: ReactNode;
  icon?: LucideIcon;
  tone?: "primary" | "success" | "warning" | "error";
  children?: ReactNode;
}

/** One narrow card that asks or says one thing. */
export function Panel({ title, text, icon: Icon, tone = "primary", children }: PanelProps) {
  return (
    <Card sx={{ maxWidth: 440, mx: "auto", mt: { xs: 1, md: 4 }, p: { xs: 3, sm: 4 } }}>
      {Icon && (
        <Box
          sx={{
            display: "inline-flex",
            p: 1.5,
            mb: 2,
            borderRadius: "50%",
            color: `${tone}.main`,
            bgcolor: `color-mix(in srgb, var(--mui-palette-${tone}-main) 12%, transparent)`,
          }}
        >
          <Icon size={28} strokeWidth={1.8} aria-hidden />
        </Box>
      )}
      <Typography variant="h2" component="h1" sx={{ overflowWrap: "anywhere" }}>
        {title}
      </Typography>
      {text && (
        <Typography component="div" sx={{ color: "text.secondary", mt: 0.75, overflowWrap: "anywhere" }}>
          {text}
        </Typography>
      )}
      {children && <Stack sx={{ gap: 2.25, mt: 3 }}>{children}</Stack>}
    </Card>
  );
}

interface DoorProps extends PanelProps {
  fault: unknown;
  /** Names of the fields that say themselves what they were refused for. */
  fields?: string[];
  isPending: boolean;
  button: string;
  onSubmit: (values: Record<string, string>) => void;
  /** What stands below the button. */
  other?: ReactNode;
}

/** A panel with a form and its one button. */
export function Door({ fault, fields, isPending, button, onSubmit, children, other, ...panel }: DoorProps) {
  return (
    <Panel {...panel}>
      <Stack component="form" onSubmit={withValues(onSubmit)} sx={{ gap: 2.25 }}>
        <FormFault fault={fault} fields={fields} />
        {children}
        <Button type="submit" size="large" variant="contained" loading={isPending}>
          {button}
        </Button>
      </Stack>
      {other}
    </Panel>
  );
}

/** The quiet line below a form. */
export function DoorNote({ children }: { children: ReactNode }) {
  return (
    <Typography variant="body2" sx={{ textAlign: "center", color: "text.secondary" }}>
      {children}
    </Typography>
  );
}

/** The way on from a panel. */
export function WayOn({ to, text, quiet = false }: { to: string; text: string; quiet?: boolean }) {
  return (
    <Button component={RouterLink} to={to} size="large" variant={quiet ? "text" : "contained"}>
      {text}
    </Button>
  );
}
