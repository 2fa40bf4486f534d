import { Button, Stack } from "@mui/material";
import { FingerprintPattern, KeyRound, Smartphone, type LucideIcon } from "lucide-react";
import { useState } from "react";
import { useSecondStep, type Method, type Ticket } from "../../api/account";
import { ApiError } from "../../api/client";
import { hasPasskeys } from "../../api/passkeys";
import { Door } from "../../components/Door";
import { CodeField, Field } from "../../components/Form";
import { useTexts, type TextKey } from "../../texts";

interface Words {
  icon: LucideIcon;
  text: TextKey;
  button: TextKey;
  choose: TextKey;
}

const WORDS: Record<Method, Words> = {
  totp: { icon: Smartphone, text: "second.appText", button: "second.button", choose: "second.byApp" },
  passkey: {
    icon: FingerprintPattern,
    text: "second.passkeyText",
    button: "login.passkey",
    choose: "second.byPasskey",
  },
  recovery: { icon: KeyRound, text: "second.recoveryText", button: "second.button", choose: "second.byRecovery" },
};

/** The ticket is no good any more: too late, or too many wrong codes. */
const isOver = (fault: unknown) => fault instanceof ApiError && fault.code === "token_invalid";

/** The second step of a login: an app's code, a passkey, or a recovery code. */
export function SecondStep({ ticket, onBack }: { ticket: Ticket; onBack: () => void }) {
  const { t } = useTexts();
  const methods = ticket.methods.filter((method) => method !== "passkey" || hasPasskeys());
  const [method, setMethod] = useState<Method>(methods[0] ?? "totp");
  const step = useSecondStep(ticket.ticket);
  const words = WORDS[method];
  if (isOver(step.error)) {
    return (
      <Door
        icon={words.icon}
        tone="warning"
        title={t("second.over")}
        text={t("second.overText")}
        fault={null}
        isPending={false}
        button={t("second.again")}
        onSubmit={onBack}
      />
    );
  }
  return (
    <Door
      key={method}
      icon={words.icon}
      title={t("second.title")}
      text={t(words.text)}
      fault={step.error}
      fields={["code"]}
      isPending={step.isPending}
      button={t(words.button)}
      onSubmit={({ code }) => step.mutate({ method, code })}
      other={
        <Stack sx={{ gap: 0.5 }}>
          {methods
            .filter((other) => other !== method)
            .map((other) => (
              <Button
                key={other}
                onClick={() => {
                  step.reset();
                  setMethod(other);
                }}
              >
                {t(WORDS[other].choose)}
              </Button>
            ))}
          <Button color="inherit" onClick={onBack}>
            {t("login.another")}
          </Button>
        </Stack>
      }
    >
      {method === "totp" && <CodeField fault={step.error} />}
      {method === "recovery" && (
        <Field
          name="code"
          label={t("second.recovery")}
          help={t("second.recoveryHelp")}
          autoComplete="off"
          autoFocus
          maxLength={40}
          fault={step.error}
        />
      )}
    </Door>
  );
}
