import { Box, Link } from "@mui/material";
import { useState } from "react";
import { Link as RouterLink } from "react-router";
import { ticketOf, useLogin, type Method, type Ticket } from "../../api/account";
import type { ApiError } from "../../api/client";
import { Door, DoorNote } from "../../components/Door";
import { Field } from "../../components/Form";
import { useFragment } from "../../components/fragment";
import { refusalIn } from "../../components/refusal";
import { usePageTitle } from "../../components/Shell";
import { useTexts } from "../../texts";
import { CodeLogin } from "./CodeLogin";
import { useNext, withNext } from "./next";
import { OtherWays } from "./OtherWays";
import { SecondStep } from "./SecondStep";

/** A login at a provider that needs a second step comes back here with its ticket in the fragment. */
function ticketIn(fragment: URLSearchParams): Ticket | null {
  const ticket = fragment.get("ticket");
  const methods = (fragment.get("methods") ?? "").split(",").filter(Boolean) as Method[];
  return ticket && methods.length ? { ticket, methods } : null;
}

interface PasswordLoginProps {
  next: string;
  /** Why another way in was refused. */
  refusal: ApiError | null;
  onTicket: (fault: unknown) => void;
  onCode: () => void;
}

function PasswordLogin({ next, refusal, onTicket, onCode }: PasswordLoginProps) {
  const { t } = useTexts();
  const login = useLogin();
  const fault = ticketOf(login.error) ? null : (login.error ?? (login.isIdle ? refusal : null));
  return (
    <Door
      title={t("login.title")}
      text={t("login.text")}
      fault={fault}
      fields={["email", "password"]}
      isPending={login.isPending}
      button={t("login.button")}
      onSubmit={({ email = "", password = "" }) => login.mutate({ email, password }, { onError: onTicket })}
      other={
        <>
          <OtherWays next={next} onCode={onCode} />
          <DoorNote>
            {t("login.other")}{" "}
            <Link component={RouterLink} to={withNext("/user/signup/", next)}>
              {t("nav.signup")}
            </Link>
          </DoorNote>
        </>
      }
    >
      <Field name="email" label={t("account.emailOrName")} autoComplete="username" autoFocus fault={fault} />
      <Box>
        <Field
          name="password"
          type="password"
          label={t("account.password")}
          autoComplete="current-password"
          fault={fault}
        />
        <Link
          component={RouterLink}
          to="/user/forgot-password"
          variant="body2"
          sx={{ display: "inline-block", mt: 1, py: 0.25 }}
        >
          {t("login.forgot")}
        </Link>
      </Box>
    </Door>
  );
}

export function LoginPage() {
  const { t } = useTexts();
  usePageTitle(t("login.title"));
  const next = useNext();
  const fragment = useFragment();
  const [isByCode, setByCode] = useState(false);
  const [asked, setAsked] = useState<Ticket | null>(null);
  const [isOver, setOver] = useState(false);
  const ticket = asked ?? (isOver ? null : ticketIn(fragment));
  const startAgain = () => {
    setOver(true);
    setAsked(null);
    setByCode(false);
  };
  const take = (fault: unknown) => setAsked(ticketOf(fault));
  if (ticket) return <SecondStep ticket={ticket} onBack={startAgain} />;
  if (isByCode) return <CodeLogin next={next} onTicket={take} onBack={startAgain} />;
  return (
    <PasswordLogin next={next} refusal={refusalIn(fragment)} onTicket={take} onCode={() => setByCode(true)} />
  );
}
