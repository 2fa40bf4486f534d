import { Chip } from "@mui/material";
import statuses from "@common/statuses.json";
import { FunctionField, type RaRecord } from "react-admin";

const COLORS: Record<string, "success" | "warning" | "info" | "default"> = {
  paid: "success",
  fulfilled: "success",
  published: "success",
  pending: "warning",
  refunding: "info",
};
const ORDER_LABELS = statuses.order as Record<string, { label: string }>;

export const orderStatusChoices = Object.entries(ORDER_LABELS).map(([id, { label }]) => ({ id, name: label }));

/** An amount is a decimal string beside its currency; Intl takes the string itself, so no float is made of it. */
export function MoneyField({ source, label, sortable = false }: { source: string; label?: string; sortable?: boolean }) {
  const show = (record: RaRecord) =>
    new Intl.NumberFormat(undefined, { style: "currency", currency: String(record.currency) }).format(
      record[source] as number,
    );
  return <FunctionField source={source} label={label} sortable={sortable} textAlign="right" render={show} />;
}

export function StatusField({ label }: { label?: string }) {
  const show = ({ status }: RaRecord) => (
    <Chip size="small" color={COLORS[status as string] ?? "default"} label={ORDER_LABELS[status as string]?.label ?? status} />
  );
  return <FunctionField source="status" label={label} sortable={false} render={show} />;
}
