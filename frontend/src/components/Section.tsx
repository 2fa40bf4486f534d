import { Alert, Box, Button, Card, Dialog, DialogActions, DialogContent, DialogContentText, DialogTitle, Stack, Typography } from "@mui/material";
import { Check } from "lucide-react";
import { useId, type ReactNode } from "react";
import { useTexts } from "../texts";
import { useFaultText } from "./States";

interface SectionProps {
  title: string;
  text?: ReactNode;
  /** Beside the title, such as a status. */
  aside?: ReactNode;
  isGrave?: boolean;
  children?: ReactNode;
}

/** One subject of a settings page. */
export function Section({ title, text, aside, isGrave = false, children }: SectionProps) {
  const id = useId();
  return (
    <Card
      component="section"
      aria-labelledby={id}
      sx={{ p: { xs: 2.5, sm: 3 }, borderColor: isGrave ? "error.main" : undefined }}
    >
      <Stack direction="row" sx={{ gap: 1.5, alignItems: "center", justifyContent: "space-between", flexWrap: "wrap" }}>
        <Typography variant="h3" component="h2" id={id}>
          {title}
        </Typography>
        {aside}
      </Stack>
      {text && <Typography sx={{ color: "text.secondary", mt: 0.75, maxWidth: 620 }}>{text}</Typography>}
      {children && <Box sx={{ mt: 2.5 }}>{children}</Box>}
    </Card>
  );
}

interface SaveProps {
  isPending: boolean;
  isSaved: boolean;
  text?: string;
  children?: ReactNode;
}

/** A form's button, and the word that it was done. */
export function Save({ isPending, isSaved, text, children }: SaveProps) {
  const { t } = useTexts();
  return (
    <Stack direction="row" sx={{ gap: 1.5, alignItems: "center", flexWrap: "wrap" }}>
      <Button type="submit" variant="contained" loading={isPending}>
        {text ?? t("action.save")}
      </Button>
      {children}
      <Box role="status">
        {isSaved && (
          <Stack direction="row" sx={{ gap: 0.75, alignItems: "center", color: "success.main" }}>
            <Check size={18} aria-hidden />
            {t("state.saved")}
          </Stack>
        )}
      </Box>
    </Stack>
  );
}

interface ConfirmProps {
  open: boolean;
  title: string;
  text: ReactNode;
  button: string;
  isPending: boolean;
  fault: unknown;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks once more before something goes away. */
export function Confirm({ open, title, text, button, isPending, fault, onConfirm, onClose }: ConfirmProps) {
  const { t } = useTexts();
  const faultText = useFaultText();
  const id = useId();
  return (
    <Dialog open={open} onClose={onClose} fullWidth maxWidth="xs" aria-labelledby={id}>
      <DialogTitle id={id}>{title}</DialogTitle>
      <DialogContent>
        <DialogContentText>{text}</DialogContentText>
        {Boolean(fault) && (
          <Alert severity="error" sx={{ mt: 2 }}>
            {faultText(fault)}
          </Alert>
        )}
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2.5 }}>
        <Button color="inherit" onClick={onClose}>
          {t("action.cancel")}
        </Button>
        <Button variant="contained" color="error" loading={isPending} onClick={onConfirm}>
          {button}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
