import { Chip } from "@mui/material";
import { useTexts } from "../texts";

const FEW = 5;

interface AvailabilityProps {
  kind: string;
  left: number | null;
  quiet?: boolean;
}

/** "In stock", "Only 3 left", "Sold out". `quiet` says nothing when there is plenty. */
export function Availability({ kind, left, quiet = false }: AvailabilityProps) {
  const { t, counted } = useTexts();
  if (left === 0) return <Chip size="small" label={t("item.soldOut")} />;
  if (left !== null && left <= FEW) {
    const key = kind === "course" ? "item.fewSeats" : "item.fewLeft";
    return <Chip size="small" color="warning" variant="outlined" label={counted(key, left)} />;
  }
  if (quiet) return null;
  const text = kind === "course" ? t("item.seatsFree") : t("item.inStock");
  return <Chip size="small" color="success" variant="outlined" label={text} />;
}
