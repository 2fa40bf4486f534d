import { Link, Stack } from "@mui/material";
import { Link as RouterLink } from "react-router";
import { useSignUp } from "../../api/account";
import { Door, DoorNote } from "../../components/Door";
import { Field, SHORTEST_PASSWORD } from "../../components/Form";
import { usePageTitle } from "../../components/Shell";
import { useTexts } from "../../texts";
import { useNext, withNext } from "./next";

export function SignUpPage() {
  const { t, language } = useTexts();
  usePageTitle(t("signup.title"));
  const next = useNext();
  const signUp = useSignUp();
  return (
    <Door
      title={t("signup.title")}
      text={t("signup.text")}
      fault={signUp.error}
      fields={["first_name", "last_name", "email", "password"]}
      isPending={signUp.isPending}
      button={t("signup.button")}
      onSubmit={({ first_name = "", last_name = "", email = "", password = "" }) =>
        signUp.mutate({ first_name, last_name, email, password, locale: language })
      }
      other={
        <DoorNote>
          {t("signup.other")}{" "}
          <Link component={RouterLink} to={withNext("/user/login/", next)}>
            {t("nav.login")}
          </Link>
        </DoorNote>
      }
    >
      <Stack direction={{ xs: "column", sm: "row" }} sx={{ gap: 2.25 }}>
        <Field
          name="first_name"
          label={t("account.firstName")}
          autoComplete="given-name"
          autoFocus
          fault={signUp.error}
        />
        <Field name="last_name" label={t("account.lastName")} autoComplete="family-name" fault={signUp.error} />
      </Stack>
      <Field name="email" type="email" label={t("account.email")} autoComplete="username" fault={signUp.error} />
      <Field
        name="password"
        type="password"
        label={t("account.password")}
        autoComplete="new-password"
        minLength={SHORTEST_PASSWORD}
        help={t("account.passwordHelp", { count: SHORTEST_PASSWORD })}
        fault={signUp.error}
      />
    </Door>
  );
}
