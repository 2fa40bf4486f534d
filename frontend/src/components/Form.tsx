import { Alert, IconButton, InputAdornment, TextField, type TextFieldProps } from "@mui/material";
import { Eye, EyeOff } from "lucide-react";
import { useState, type FormEvent } from "react";
import { ApiError } from "../api/client";
import { useTexts } from "../texts";
import { useFaultText } from "./States";

export const SHORTEST_PASSWORD = 8;
const CODE_DIGITS = 6;

/** What the API says of one field, if it refused that one. */
const saidOf = (fault: unknown, name: string) =>
  fault instanceof ApiError ? fault.fields[name]?.join(" ") : undefined;

type Passed = "autoComplete" | "autoFocus" | "defaultValue" | "value" | "onChange" | "select" | "children";

interface FieldProps extends Pick<TextFieldProps, Passed> {
  name: string;
  label: string;
  fault: unknown;
  /** What the API may also call it in a refusal. */
  alias?: string;
  help?: string;
  type?: string;
  required?: boolean;
  minLength?: number;
  maxLength?: number;
}

/** A text of a form, with what the API said of it. A password can be looked at. */
export function Field(props: FieldProps) {
  const { name, fault, alias, help, type = "text", required = true, minLength, maxLength, ...rest } = props;
  const { t } = useTexts();
  const [shown, setShown] = useState(false);
  const isPassword = type === "password";
  const said = saidOf(fault, name) ?? (alias && saidOf(fault, alias));
  return (
    <TextField
      {...rest}
      name={name}
      required={required}
      type={isPassword && shown ? "text" : type}
      error={Boolean(said)}
      helperText={said ?? help}
      slotProps={{
        htmlInput: { minLength, maxLength },
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

/** A password that is being chosen. */
export function NewPasswordField({ name, fault, autoFocus }: { name: string; fault: unknown; autoFocus?: boolean }) {
  const { t } = useTexts();
  return (
    <Field
      name={name}
      alias="password"
      type="password"
      label={t("account.newPassword")}
      autoComplete="new-password"
      autoFocus={autoFocus}
      minLength={SHORTEST_PASSWORD}
      help={t("account.passwordHelp", { count: SHORTEST_PASSWORD })}
      fault={fault}
    />
  );
}

/** Six digits out of an app, a mail or a text message; telephones offer the code they have just received. */
export function CodeField({ fault, autoFocus = true }: { fault: unknown; autoFocus?: boolean }) {
  const { t } = useTexts();
  const faultText = useFaultText();
  const isRefused = Boolean(saidOf(fault, "code"));
  return (
    <TextField
      name="code"
      required
      autoFocus={autoFocus}
      label={t("code.label")}
      autoComplete="one-time-code"
      error={isRefused}
      helperText={isRefused && faultText(fault)}
      slotProps={{
        htmlInput: {
          inputMode: "numeric",
          pattern: `[0-9]{${CODE_DIGITS}}`,
          maxLength: CODE_DIGITS,
          title: t("code.help", { count: CODE_DIGITS }),
          style: { letterSpacing: "0.3em", fontVariantNumeric: "tabular-nums" },
        },
      }}
    />
  );
}

/** What the whole form was refused for; what concerns one field stands beside that field. */
export function FormFault({ fault, fields = [] }: { fault: unknown; fields?: string[] }) {
  const faultText = useFaultText();
  if (!fault || fields.some((name) => saidOf(fault, name))) return null;
  return <Alert severity="error">{faultText(fault)}</Alert>;
}

type Values = Record<string, string>;

/** For `onSubmit`: calls `act` with the texts of the form. */
export const withValues = (act: (values: Values) => void) => (event: FormEvent<HTMLFormElement>) => {
  event.preventDefault();
  const entries = [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)] as const);
  act(Object.fromEntries(entries));
};
