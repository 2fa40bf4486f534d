import { Alert, Button, Card, IconButton, InputAdornment, Link, Stack, TextField, Typography } from "@mui/material";
import { Eye, EyeOff } from "lucide-react";
import { useEffect, useState, type FormEvent, type ReactNode } from "react";
import { Link as RouterLink, useNavigate, useSearchParams } from "react-router";
import { useLogin, useMe, useSignUp } from "../api/account";
import { ApiError } from "../api/client";
import { usePageTitle } from "../components/Shell";
import { useFaultText } from "../components/States";
import { useTexts } from "../texts";

const SHORTEST_PASSWORD = 8;

/** Only a path on this site: anything else in `next` would send people elsewhere. */
const safePath = (next: string | null) => (next && /^\/(?![/\\])/.test(next) ? next : "/");

/** Where to go once signed in; leaves at once when somebody already is. */
function useNext(): string {
  const [parameters] = useSearchParams();
  const next = safePath(parameters.get("next"));
  const navigate = useNavigate();
  const { data: me } = useMe();
  useEffect(() => {
    if (me) void navigate(next, { replace: true });
  }, [me, next, navigate]);
  return next;
}

interface FieldProps {
  name: string;
  label: string;
  fault: unknown;
  help?: string;
  type?: string;
  autoComplete: string;
  autoFocus?: boolean;
  defaultValue?: string;
  minLength?: number;
}

export function Field({ name, fault, help, type = "text", minLength, ...rest }: FieldProps) {
  const { t } = useTexts();
  const [shown, setShown] = useState(false);
  const isPassword = type === "password";
  const said = fault instanceof ApiError ? fault.fields[name]?.join(" ") : undefined;
  return (
    <TextField
      {...rest}
      name={name}
      required
      type={isPassword && shown ? "text" : type}
      error={Boolean(said)}
      helperText={said ?? help}
      slotProps={{
        htmlInput: { minLength },
        input: isPassword
          ? {
              endAdornment: (
                <InputAdornment position="end">
                  <IconButton
                    edge="end"
                    aria-label={t(shown ? "account.hide" : "account.show")}
                    onClick={() => setShown(!shown)}
                  >
                    {shown ? <EyeOff size={19} /> : <Eye size={19} />}
                  </IconButton>
                </InputAdornment>
              ),
            }
          : undefined,
      }}
    />
  );
}

interface DoorProps {
  title: string;
  text: string;
  fault: unknown;
  isPending: boolean;
  button: string;
  onSubmit: (values: Record<string, string>) => void;
  children: ReactNode;
  other: ReactNode;
}

function Door({ title, text, fault, isPending, button, onSubmit, children, other }: DoorProps) {
  const faultText = useFaultText();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const entries = [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)] as const);
    onSubmit(Object.fromEntries(entries));
  };
  const isFieldFault = fault instanceof ApiError && Object.keys(fault.fields).length > 0;
  return (
    <Card sx={{ maxWidth: 440, mx: "auto", mt: { xs: 1, md: 4 }, p: { xs: 3, sm: 4 } }}>
      <Typography variant="h2" component="h1">
        {title}
      </Typography>
      <Typography sx={{ color: "text.secondary", mt: 0.75, mb: 3 }}>{text}</Typography>
      <Stack component="form" onSubmit={submit} sx={{ gap: 2.25 }}>
        {Boolean(fault) && !isFieldFault && <Alert severity="error">{faultText(fault)}</Alert>}
        {children}
        <Button type="submit" size="large" variant="contained" loading={isPending}>
          {button}
        </Button>
        <Typography variant="body2" sx={{ textAlign: "center", color: "text.secondary" }}>
          {other}
        </Typography>
      </Stack>
    </Card>
  );
}

export function LoginPage() {
  const { t } = useTexts();
  usePageTitle(t("login.title"));
  const next = useNext();
  const login = useLogin();
  return (
    <Door
      title={t("login.title")}
      text={t("login.text")}
      fault={login.error}
      isPending={login.isPending}
      button={t("login.button")}
      onSubmit={({ email = "", password = "" }) => login.mutate({ email, password })}
      other={
        <>
          {t("login.other")}{" "}
          <Link component={RouterLink} to={`/user/signup/?next=${encodeURIComponent(next)}`}>
            {t("nav.signup")}
          </Link>
        </>
      }
    >
      <Field name="email" type="email" label={t("account.email")} autoComplete="username" autoFocus fault={login.error} />
      <Field
        name="password"
        type="password"
        label={t("account.password")}
        autoComplete="current-password"
        fault={login.error}
      />
    </Door>
  );
}

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
      isPending={signUp.isPending}
      button={t("signup.button")}
      onSubmit={({ first_name = "", last_name = "", email = "", password = "" }) =>
        signUp.mutate({ first_name, last_name, email, password, locale: language })
      }
      other={
        <>
          {t("signup.other")}{" "}
          <Link component={RouterLink} to={`/user/login/?next=${encodeURIComponent(next)}`}>
            {t("nav.login")}
          </Link>
        </>
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
