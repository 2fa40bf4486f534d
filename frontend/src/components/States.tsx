import { Alert, AlertTitle, Box, Button, Card, Grid, Skeleton, Stack, Typography } from "@mui/material";
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { ApiError } from "../api/client";
import { useTexts } from "../texts";

interface EmptyProps {
  icon: LucideIcon;
  title: string;
  text?: string;
  action?: ReactNode;
}

export function Empty({ icon: Icon, title, text, action }: EmptyProps) {
  return (
    <Stack sx={{ alignItems: "center", textAlign: "center", gap: 1.5, py: { xs: 6, md: 10 }, px: 2 }}>
      <Box sx={{ p: 2.5, borderRadius: "50%", bgcolor: "action.hover", color: "text.secondary", display: "flex" }}>
        <Icon size={36} strokeWidth={1.6} aria-hidden />
      </Box>
      <Typography variant="h2" component="h2">
        {title}
      </Typography>
      {text && <Typography sx={{ color: "text.secondary", maxWidth: 460 }}>{text}</Typography>}
      {action}
    </Stack>
  );
}

/** What went wrong in the reader's language; the API's own sentence when there is no translation. */
export function useFaultText() {
  const { t, named } = useTexts();
  return (fault: unknown): string => {
    if (!(fault instanceof ApiError)) return t("fault.unknown");
    return named("error", fault.code, fault.message);
  };
}

interface FailureProps {
  fault: unknown;
  retry?: () => void;
}

export function Failure({ fault, retry }: FailureProps) {
  const { t } = useTexts();
  const faultText = useFaultText();
  const requestId = fault instanceof ApiError ? fault.requestId : "";
  return (
    <Alert
      severity="error"
      variant="outlined"
      sx={{ my: 3 }}
      action={
        retry && (
          <Button color="inherit" onClick={retry}>
            {t("action.retry")}
          </Button>
        )
      }
    >
      <AlertTitle>{t("fault.title")}</AlertTitle>
      {faultText(fault)}
      {requestId && (
        <Typography variant="caption" component="p" sx={{ color: "text.secondary", mt: 0.5 }}>
          {t("fault.reference", { id: requestId })}
        </Typography>
      )}
    </Alert>
  );
}

export const cardColumns = { xs: 6, sm: 4, md: 4, lg: 3 } as const;

export function CardsSkeleton({ count = 8 }: { count?: number }) {
  return (
    <Grid container spacing={{ xs: 1.5, sm: 2.5 }} aria-busy>
      {Array.from({ length: count }, (_, index) => (
        <Grid size={cardColumns} key={index}>
          <Card>
            <Skeleton variant="rectangular" sx={{ aspectRatio: "4 / 3", height: "auto" }} />
            <Box sx={{ p: 2 }}>
              <Skeleton width="40%" />
              <Skeleton width="85%" />
              <Skeleton width="30%" sx={{ mt: 1 }} />
            </Box>
          </Card>
        </Grid>
      ))}
    </Grid>
  );
}

export function LinesSkeleton({ count = 3 }: { count?: number }) {
  return (
    <Stack sx={{ gap: 2 }} aria-busy>
      {Array.from({ length: count }, (_, index) => (
        <Skeleton key={index} variant="rounded" height={96} />
      ))}
    </Stack>
  );
}
