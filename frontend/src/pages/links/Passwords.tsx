import { MailCheck, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { useActivate, useAskReset, useResetPassword } from "../../api/links";
import { Door, Panel, WayOn } from "../../components/Door";
import { Field, NewPasswordField } from "../../components/Form";
import { useFragment } from "../../components/fragment";
import { usePageTitle } from "../../components/Shell";
import { useTexts } from "../../texts";
import { DeadLink, Done, isDeadLink } from "./LinkPanel";

const FORGOT = "/user/forgot-password";

/** `/user/forgot-password`: the answer is the same whether there is an account or not. */
export function ForgotPasswordPage() {
  const { t } = useTexts();
  usePageTitle(t("forgot.title"));
  const ask = useAskReset();
  const [sentTo, setSentTo] = useState("");
  if (sentTo) {
    return (
      <Panel icon={MailCheck} title={t("forgot.sent")} text={t("forgot.sentText", { email: sentTo })}>
        <WayOn to="/user/login/" text={t("nav.login")} quiet />
      </Panel>
    );
  }
  return (
    <Door
      title={t("forgot.title")}
      text={t("forgot.text")}
      fault={ask.error}
      fields={["email"]}
      isPending={ask.isPending}
      button={t("forgot.button")}
      onSubmit={({ email = "" }) => ask.mutate(email, { onSuccess: () => setSentTo(email) })}
      other={<WayOn to="/user/login/" text={t("nav.login")} quiet />}
    >
      <Field name="email" label={t("account.emailOrName")} autoComplete="username" autoFocus fault={ask.error} />
    </Door>
  );
}

function Resetting({ token }: { token: string }) {
  const { t } = useTexts();
  const reset = useResetPassword();
  if (reset.isSuccess) {
    return (
      <Done
        icon={ShieldCheck}
        title={t("reset.done")}
        text={t("reset.doneText")}
        to="/user/login/"
        way={t("nav.login")}
      />
    );
  }
  if (!token || isDeadLink(reset.error)) {
    return (
      <DeadLink text={t("reset.dead")}>
        <WayOn to={FORGOT} text={t("link.another")} />
      </DeadLink>
    );
  }
  return (
    <Door
      title={t("reset.title")}
      text={t("reset.text")}
      fault={reset.error}
      fields={["new", "password"]}
      isPending={reset.isPending}
      button={t("reset.button")}
      onSubmit={(values) => reset.mutate({ token, password: values.new ?? "" })}
    >
      <NewPasswordField name="new" fault={reset.error} autoFocus />
    </Door>
  );
}

/** `/user/reset-password#token=…` */
export function ResetPasswordPage() {
  const { t } = useTexts();
  usePageTitle(t("reset.title"));
  const token = useFragment().get("token") ?? "";
  return <Resetting key={token} token={token} />;
}

function Activating({ token }: { token: string }) {
  const { t } = useTexts();
  const activate = useActivate();
  if (activate.isSuccess) {
    return (
      <Done
        icon={ShieldCheck}
        title={t("activate.done")}
        text={t("activate.doneText")}
        to="/user/login/"
        way={t("nav.login")}
      />
    );
  }
  if (!token || isDeadLink(activate.error)) {
    return (
      <DeadLink text={t("activate.dead")}>
        <WayOn to={FORGOT} text={t("link.another")} />
        <WayOn to="/user/login/" text={t("nav.login")} quiet />
      </DeadLink>
    );
  }
  return (
    <Door
      title={t("activate.title")}
      text={t("activate.text")}
      fault={activate.error}
      fields={["password"]}
      isPending={activate.isPending}
      button={t("activate.button")}
      onSubmit={({ password = "" }) => activate.mutate({ token, password })}
    >
      <NewPasswordField name="password" fault={activate.error} autoFocus />
    </Door>
  );
}

/** `/user/activate#token=…`: an account that was made for somebody becomes theirs. */
export function ActivatePage() {
  const { t } = useTexts();
  usePageTitle(t("activate.title"));
  const token = useFragment().get("token") ?? "";
  return <Activating key={token} token={token} />;
}
