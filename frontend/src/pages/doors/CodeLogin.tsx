import { Alert, Button, Link, Stack } from "@mui/material";
import { useState } from "react";
import { Link as RouterLink } from "react-router";
import { ticketOf, useCodeLogin, useSendCode } from "../../api/account";
import { ApiError } from "../../api/client";
import { Door } from "../../components/Door";
import { CodeField, Field } from "../../components/Form";
import { useTexts } from "../../texts";
import { withNext } from "./next";

interface CodeLoginProps {
  next: string;
  onTicket: (fault: unknown) => void;
  onBack: () => void;
}

/** A login by a code that is sent to an address or a number. */
export function CodeLogin({ next, onTicket, onBack }: CodeLoginProps) {
  const { t } = useTexts();
  const [sentTo, setSentTo] = useState("");
  const send = useSendCode();
  const login = useCodeLogin();
  const again = () => {
    login.reset();
    send.mutate(sentTo);
  };
  if (!sentTo) {
    return (
      <Door
        title={t("codeLogin.title")}
        text={t("codeLogin.text")}
        fault={send.error}
        fields={["identifier"]}
        isPending={send.isPending}
        button={t("code.send")}
        onSubmit={({ identifier = "" }) => send.mutate(identifier, { onSuccess: () => setSentTo(identifier) })}
        other={<Button onClick={onBack}>{t("login.another")}</Button>}
      >
        <Field
          name="identifier"
          label={t("codeLogin.identifier")}
          help={t("codeLogin.help")}
          autoComplete="username"
          autoFocus
          fault={send.error}
        />
      </Door>
    );
  }
  const fault = ticketOf(login.error) ? null : (login.error ?? send.error);
  const isUnknown = fault instanceof ApiError && fault.code === "no_account";
  return (
    <Door
      title={t("codeLogin.enter")}
      text={t("code.sent", { to: sentTo })}
      fault={isUnknown ? null : fault}
      fields={["code"]}
      isPending={login.isPending}
      button={t("login.button")}
      onSubmit={({ code = "" }) => login.mutate({ identifier: sentTo, code }, { onError: onTicket })}
      other={
        <Stack direction="row" sx={{ justifyContent: "space-between", flexWrap: "wrap", gap: 1 }}>
          <Button loading={send.isPending} onClick={again}>
            {t("code.again")}
          </Button>
          <Button onClick={onBack}>{t("login.another")}</Button>
        </Stack>
      }
    >
      {isUnknown && (
        <Alert severity="info">
          {t("codeLogin.noAccount")}{" "}
          <Link component={RouterLink} to={withNext("/user/signup/", next)}>
            {t("nav.signup")}
          </Link>
        </Alert>
      )}
      <CodeField fault={fault} />
    </Door>
  );
}
