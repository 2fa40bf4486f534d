import { Button } from "@mui/material";
import { UserRound } from "lucide-react";
import { Link as RouterLink } from "react-router";
import { useTexts } from "../texts";
import { Empty } from "./States";

/** In the place of a page that is only for who is logged in. next: where to go then. */
export function NeedsLogin({ title, next }: { title: string; next: string }) {
  const { t } = useTexts();
  return (
    <Empty
      icon={UserRound}
      title={title}
      action={
        <Button component={RouterLink} to={`/user/login/?next=${encodeURIComponent(next)}`} variant="contained">
          {t("nav.login")}
        </Button>
      }
    />
  );
}
