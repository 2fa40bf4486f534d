import { BriefcaseBusiness } from "lucide-react";
import { useEffect } from "react";
import { useMe } from "../../api/account";
import { useAcceptRole } from "../../api/links";
import { Panel, WayOn } from "../../components/Door";
import { useFragment } from "../../components/fragment";
import { usePageTitle } from "../../components/Shell";
import { LinesSkeleton } from "../../components/States";
import { useTexts } from "../../texts";
import { DeadLink, Done, isDeadLink, LinkPanel } from "./LinkPanel";

const KEPT_AS = "roleInvitation";

function Offer({ token }: { token: string }) {
  const { t } = useTexts();
  const { data: me } = useMe();
  const accept = useAcceptRole();
  // Whoever has to log in first comes back here; the token waits in this tab, for an address would be seen by others.
  const isSpent = accept.isSuccess || isDeadLink(accept.error);
  useEffect(() => {
    if (token && !isSpent) sessionStorage.setItem(KEPT_AS, token);
    else sessionStorage.removeItem(KEPT_AS);
  }, [token, isSpent]);

  if (accept.isSuccess) {
    return (
      <Done
        icon={BriefcaseBusiness}
        title={t("role.done")}
        text={t("role.doneText")}
        to="/user/login/"
        way={t("nav.login")}
      />
    );
  }
  if (!token || isDeadLink(accept.error)) {
    return (
      <DeadLink text={t("role.dead")}>
        <WayOn to="/" text={t("missing.home")} />
      </DeadLink>
    );
  }
  if (me === undefined) return <LinesSkeleton count={1} />;
  if (me === null) {
    return (
      <Panel icon={BriefcaseBusiness} title={t("role.title")} text={t("role.login")}>
        <WayOn to="/user/login/?next=/role-invitation" text={t("nav.login")} />
      </Panel>
    );
  }
  return (
    <LinkPanel
      icon={BriefcaseBusiness}
      title={t("role.title")}
      text={t("role.text", { email: me.email || me.username })}
      button={t("role.button")}
      act={{ mutate: () => accept.mutate(token), isPending: accept.isPending, error: accept.error }}
    />
  );
}

/** `/role-invitation#token=…`: a school or store offers a role. */
export function RoleInvitationPage() {
  const { t } = useTexts();
  usePageTitle(t("role.title"));
  const token = useFragment().get("token") ?? sessionStorage.getItem(KEPT_AS) ?? "";
  return <Offer key={token} token={token} />;
}
