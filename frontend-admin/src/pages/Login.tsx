import { Alert, Box, Button, Card, Stack, TextField, Typography } from "@mui/material";
import { useState, type FormEvent } from "react";
import { useLogin } from "react-admin";

export function LoginPage() {
  const login = useLogin();
  const [fault, setFault] = useState("");
  const [isPending, setPending] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setPending(true);
    setFault("");
    try {
      await login({ username: String(form.get("username")), password: String(form.get("password")) });
    } catch (reason) {
      setFault(reason instanceof Error ? reason.message : "That did not work.");
    } finally {
      setPending(false);
    }
  };
  return (
    <Box component="main" sx={{ minHeight: "100dvh", display: "grid", placeItems: "center", p: 2 }}>
      <Card sx={{ width: 1, maxWidth: 400, p: 4 }}>
        <Box component="img" src={`${import.meta.env.BASE_URL}mark.svg`} alt="" width={40} height={40} />
        <Typography variant="h5" component="h1" sx={{ mt: 1.5, fontWeight: 700 }}>
          Admin panel
        </Typography>
        <Typography color="textSecondary" sx={{ mb: 3 }}>
          For the staff of the marketplace.
        </Typography>
        <Stack component="form" sx={{ gap: 2 }} onSubmit={(event: FormEvent<HTMLFormElement>) => void submit(event)}>
          {fault && <Alert severity="error">{fault}</Alert>}
          <TextField name="username" type="email" label="E-mail" autoComplete="username" required autoFocus fullWidth />
          <TextField
            name="password"
            type="password"
            label="Password"
            autoComplete="current-password"
            required
            fullWidth
          />
          <Button type="submit" variant="contained" size="large" loading={isPending}>
            Log in
          </Button>
        </Stack>
      </Card>
    </Box>
  );
}
