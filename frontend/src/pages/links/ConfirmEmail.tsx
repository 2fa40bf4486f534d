import { Alert, Button } from "@mui/material";
import { MailCheck } from "lucide-react";
import { useMe } from "../../api/account";
import { useConfirmEmail, useResendConfirmation } from "../../api/links";
import { WayOn } from "../../components/Door";
import { FormFault } from "../../components/Form";
import { useFragment } from "../../components/fragment";
import { usePageTitle } from "../../components/Shell";
import { useTexts } from "../../texts";
import { DeadLink, Done, isDeadLink, LinkPanel } from "./LinkPanel";

/** A new link, for who is logged in; others log in first, so that nobody learns who has an account. */
function AnotherLink() {
  const { t } = useTexts();
  const { data: me } = useMe();
  const resend = useResendConfirmation();
  if (!me) return <WayOn to="/user/login/?next=/user/confirm-email" text={t("nav.login")} />;
  if (resend.isSuccess) return <Alert severity="success">{t("link.sent", { email: me.email })}</Alert>;
  return (
    <>
      <FormFault fault={resend.error} />
      <Button size="large" variant="contained" loading={resend.isPending} onClick={() => resend.mutate()}>
        {t("link.another")}
      </Button>
    </>
  );
}

function Confirming({ token }: { token: string }) {
  const { t } = useTexts();
  const { data: me } = useMe();
  const confirm = useConfirmEmail();
  const act = { mutate: () => confirm.mutate(token), isPending: confirm.isPending, error: confirm.error };
  const isBad = !token || isDeadLink(confirm.error);
  if (confirm.isSuccess || (isBad && me?.email_confirmed)) {
    const [to, way] = me ? (["/account", t("nav.profile")] as const) : (["/user/login/", t("nav.login")] as const);
    return <Done icon={MailCheck} title={t("confirm.done")} text={t("confirm.doneText")} to={to} way={way} />;
  }
  if (isBad) {
    return (
      <DeadLink text={t(me ? "confirm.dead" : "confirm.deadVisitor")}>
        <AnotherLink />
      </DeadLink>
    );
  }
  return (
    <LinkPanel
      icon={MailCheck}
      title={t("confirm.title")}
      text={t("confirm.text")}
      button={t("confirm.button")}
      act={act}
    />
  );
}

/** `/user/confirm-email#token=…` */
export function ConfirmEmailPage() {
  const { t } = useTexts();
  usePageTitle(t("confirm.title"));
  const token = useFragment().get("token") ?? "";
  return <Confirming key={token} token={token} />;
}
