import { Alert, Box, Button, Dialog, DialogActions, DialogContent, DialogTitle, Stack } from "@mui/material";
import { Check, Copy, Download } from "lucide-react";
import { useState } from "react";
import { download } from "../../components/download";
import { useTexts } from "../../texts";

interface Props {
  codes: string[];
  onClose: () => void;
}

function Codes({ codes, onClose }: Props) {
  const { t } = useTexts();
  const [isCopied, setCopied] = useState(false);
  const text = `${codes.join("\n")}\n`;
  const copy = () => void navigator.clipboard.writeText(text).then(() => setCopied(true));
  return (
    <>
      <DialogContent sx={{ display: "flex", flexDirection: "column", gap: 2, pt: 0 }}>
        <Alert severity="warning">{t("recovery.once")}</Alert>
        <Box
          component="ul"
          aria-label={t("recovery.title")}
          sx={{
            display: "grid",
            gridTemplateColumns: { xs: "1fr", sm: "1fr 1fr" },
            gap: 1,
            p: 2,
            m: 0,
            listStyle: "none",
            borderRadius: 1,
            bgcolor: "action.hover",
            fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
            textAlign: "center",
          }}
        >
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </Box>
        <Stack direction="row" sx={{ gap: 1, flexWrap: "wrap" }}>
          {navigator.clipboard && (
            <Button startIcon={isCopied ? <Check size={18} /> : <Copy size={18} />} onClick={copy}>
              {t(isCopied ? "recovery.copied" : "recovery.copy")}
            </Button>
          )}
          <Button
            startIcon={<Download size={18} />}
            onClick={() => download(new Blob([text], { type: "text/plain" }), "recovery-codes.txt")}
          >
            {t("recovery.download")}
          </Button>
        </Stack>
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2.5 }}>
        <Button variant="contained" onClick={onClose}>
          {t("recovery.kept")}
        </Button>
      </DialogActions>
    </>
  );
}

/** The codes are shown here and never again, so that only the button closes it. */
export function RecoveryCodesDialog({ codes, onClose }: Props) {
  const { t } = useTexts();
  return (
    <Dialog open={codes.length > 0} fullWidth maxWidth="xs" aria-labelledby="codes-title">
      <DialogTitle id="codes-title">{t("recovery.new")}</DialogTitle>
      {codes.length > 0 && <Codes codes={codes} onClose={onClose} />}
    </Dialog>
  );
}
