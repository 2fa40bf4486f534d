import { Chip } from "@mui/material";
import statuses from "@common/statuses.json";
import { useTexts } from "../texts";

const COLORS: Record<string, "success" | "warning" | "info" | "default"> = {
  paid: "success",
  fulfilled: "success",
  pending: "warning",
  reserving: "warning",
  refunding: "info",
};

export function StatusChip({ status, size = "small" }: { status: string; size?: "small" | "medium" }) {
  const { named } = useTexts();
  const label = (statuses.order as Record<string, { label: string }>)[status]?.label ?? status;
  return <Chip size={size} color={COLORS[status] ?? "default"} label={named("status", status, label)} data-status={status} />;
}
