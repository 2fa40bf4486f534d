import { Alert, Button, Divider, Stack } from "@mui/material";
import { useQuery } from "@tanstack/react-query";
import { FingerprintPattern, LogIn, MessageSquareText } from "lucide-react";
import { providersQuery, usePasskeyLogin } from "../../api/account";
import { hasPasskeys } from "../../api/passkeys";
import { useFaultText } from "../../components/States";
import { useTexts } from "../../texts";

/** The ways in without a password. */
export function OtherWays({ next, onCode }: { next: string; onCode: () => void }) {
  const { t } = useTexts();
  const faultText = useFaultText();
  const passkey = usePasskeyLogin();
  const { data: providers = [] } = useQuery(providersQuery);
  return (
    <Stack sx={{ gap: 1.25 }}>
      <Divider sx={{ color: "text.secondary", typography: "body2" }}>{t("login.or")}</Divider>
      {passkey.error && <Alert severity="error">{faultText(passkey.error)}</Alert>}
      {hasPasskeys() && (
        <Button
          variant="outlined"
          size="large"
          loading={passkey.isPending}
          loadingPosition="start"
          startIcon={<FingerprintPattern size={19} />}
          onClick={() => passkey.mutate()}
        >
          {t("login.passkey")}
        </Button>
      )}
      <Button variant="outlined" size="large" startIcon={<MessageSquareText size={19} />} onClick={onCode}>
        {t("login.code")}
      </Button>
      {providers.map((provider) => (
        <Button
          key={provider.name}
          variant="outlined"
          size="large"
          startIcon={<LogIn size={19} />}
          href={`${provider.start}?next=${encodeURIComponent(next)}`}
        >
          {t("login.provider", { name: provider.label })}
        </Button>
      ))}
    </Stack>
  );
}
