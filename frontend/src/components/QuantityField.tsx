import { IconButton, Stack, Typography } from "@mui/material";
import { Minus, Plus } from "lucide-react";
import { useTexts } from "../texts";

interface QuantityFieldProps {
  value: number;
  most: number;
  onChange: (value: number) => void;
  least?: number;
  disabled?: boolean;
}

export function QuantityField({ value, most, onChange, least = 1, disabled = false }: QuantityFieldProps) {
  const { t } = useTexts();
  return (
    <Stack
      direction="row"
      role="group"
      aria-label={t("item.quantity")}
      sx={{ alignItems: "center", border: 1, borderColor: "divider", borderRadius: 1, px: 0.5 }}
    >
      <IconButton
        size="small"
        aria-label={t("item.less")}
        disabled={disabled || value <= least}
        onClick={() => onChange(value - 1)}
      >
        <Minus size={18} />
      </IconButton>
      <Typography role="status" sx={{ minWidth: 36, textAlign: "center", fontVariantNumeric: "tabular-nums" }}>
        {value}
      </Typography>
      <IconButton
        size="small"
        aria-label={t("item.more")}
        disabled={disabled || value >= most}
        onClick={() => onChange(value + 1)}
      >
        <Plus size={18} />
      </IconButton>
    </Stack>
  );
}
