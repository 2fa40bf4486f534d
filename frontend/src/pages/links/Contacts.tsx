import { MailCheck, Undo2 } from "lucide-react";
import { useConfirmNewEmail, useUndoChange } from "../../api/links";
import { WayOn } from "../../components/Door";
import { useFragment } from "../../components/fragment";
import { usePageTitle } from "../../components/Shell";
import { useTexts } from "../../texts";
import { DeadLink, Done, isDeadLink, LinkPanel } from "./LinkPanel";

function NewEmail({ token }: { token: string }) {
  const { t } = useTexts();
  const confirm = useConfirmNewEmail();
  const act = { mutate: () => confirm.mutate(token), isPending: confirm.isPending, error: confirm.error };
  if (confirm.isSuccess) {
    return (
      <Done
        icon={MailCheck}
        title={t("newEmail.done")}
        text={t("newEmail.doneText")}
        to="/account"
        way={t("nav.profile")}
      />
    );
  }
  if (!token || isDeadLink(confirm.error)) {
    return (
      <DeadLink text={t("newEmail.dead")}>
        <WayOn to="/account" text={t("nav.profile")} />
      </DeadLink>
    );
  }
  return (
    <LinkPanel
      icon={MailCheck}
      title={t("newEmail.title")}
      text={t("newEmail.text")}
      button={t("newEmail.button")}
      act={act}
    />
  );
}

/** `/account/email#token=…`: sent to the new address of an account. */
export function NewEmailPage() {
  const { t } = useTexts();
  usePageTitle(t("newEmail.title"));
  const token = useFragment().get("token") ?? "";
  return <NewEmail key={token} token={token} />;
}

function Undoing({ token }: { token: string }) {
  const { t } = useTexts();
  const undo = useUndoChange();
  const act = { mutate: () => undo.mutate(token), isPending: undo.isPending, error: undo.error };
  if (undo.isSuccess) {
    return (
      <Done
        icon={Undo2}
        title={t("undo.done")}
        text={t("undo.doneText")}
        to="/user/forgot-password"
        way={t("undo.password")}
      />
    );
  }
  if (!token || isDeadLink(undo.error)) {
    return (
      <DeadLink text={t("undo.dead")}>
        <WayOn to="/user/forgot-password" text={t("undo.password")} />
      </DeadLink>
    );
  }
  return (
    <LinkPanel
      icon={Undo2}
      isGrave
      title={t("undo.title")}
      text={t("undo.text")}
      button={t("undo.button")}
      act={act}
    />
  );
}

/** `/account/undo#token=…`: “it was not me”, sent to the old end of a change. */
export function UndoChangePage() {
  const { t } = useTexts();
  usePageTitle(t("undo.title"));
  const token = useFragment().get("token") ?? "";
  return <Undoing key={token} token={token} />;
}
