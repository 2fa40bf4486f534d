import { Button, Container } from "@mui/material";
import { Compass, RefreshCw } from "lucide-react";
import { useEffect } from "react";
import { Link as RouterLink, useRouteError } from "react-router";
import { usePageTitle } from "../components/Shell";
import { Empty } from "../components/States";
import { useTexts } from "../texts";

export function NotFoundPage() {
  const { t } = useTexts();
  usePageTitle(t("missing.title"));
  return (
    <Empty
      icon={Compass}
      title={t("missing.title")}
      text={t("missing.text")}
      action={
        <Button component={RouterLink} to="/" variant="contained">
          {t("missing.home")}
        </Button>
      }
    />
  );
}

/** A page that threw, or a part of the site that could not be fetched (a new version was put up meanwhile). */
export function Broken() {
  const { t } = useTexts();
  const fault = useRouteError();
  useEffect(() => console.error(fault), [fault]);
  return (
    <Container component="main">
      <Empty
        icon={RefreshCw}
        title={t("fault.title")}
        text={t("fault.page")}
        action={
          <Button variant="contained" onClick={() => window.location.reload()}>
            {t("action.reload")}
          </Button>
        }
      />
    </Container>
  );
}
