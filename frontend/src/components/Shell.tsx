import { Alert, Box, Button, Collapse, Container, LinearProgress, Link, Stack, Typography } from "@mui/material";
import { useIsFetching } from "@tanstack/react-query";
import { WifiOff } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { Link as RouterLink, Outlet, ScrollRestoration, useLocation, useNavigation } from "react-router";
import { useConnection, useLiveOrders } from "../live/socket";
import { useTexts } from "../texts";
import { Header } from "./Header";
import { visuallyHidden } from "./ItemCard";

const PATIENCE_MS = 2500;

const subscribeOnline = (listener: () => void) => {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
};

/** True once the connection has been away for longer than a blink. */
function useIsCut(): boolean {
  const online = useSyncExternalStore(subscribeOnline, () => navigator.onLine);
  const socketDown = useConnection() === "down";
  const [cut, setCut] = useState(false);
  useEffect(() => {
    if (online && !socketDown) {
      setCut(false);
      return;
    }
    const timer = setTimeout(() => setCut(true), online ? PATIENCE_MS : 0);
    return () => clearTimeout(timer);
  }, [online, socketDown]);
  return cut;
}

function Footer() {
  const { t } = useTexts();
  return (
    <Box component="footer" sx={{ borderTop: 1, borderColor: "divider", mt: { xs: 6, md: 10 }, py: 4 }}>
      <Container maxWidth="lg">
        <Stack direction="row" sx={{ gap: 3, flexWrap: "wrap", alignItems: "center", justifyContent: "space-between" }}>
          <Typography variant="body2" sx={{ color: "text.secondary" }}>
            {t("footer.line")}
          </Typography>
          <Stack component="nav" aria-label={t("footer.links")} direction="row" sx={{ gap: 2.5 }}>
            <Link component={RouterLink} to="/courses" variant="body2" color="text.secondary">
              {t("nav.courses")}
            </Link>
            <Link component={RouterLink} to="/products" variant="body2" color="text.secondary">
              {t("nav.products")}
            </Link>
            <Link href="/api/docs/" variant="body2" color="text.secondary">
              {t("footer.api")}
            </Link>
          </Stack>
        </Stack>
      </Container>
    </Box>
  );
}

export function Shell() {
  const { t } = useTexts();
  useLiveOrders();
  const cut = useIsCut();
  const { pathname } = useLocation();
  const isMoving = useNavigation().state !== "idle";
  const isFetching = useIsFetching({ predicate: (query) => query.state.data === undefined }) > 0;

  return (
    <Box sx={{ minHeight: "100dvh", display: "flex", flexDirection: "column" }}>
      <Button
        href="#main"
        variant="contained"
        sx={{ position: "fixed", left: 8, top: -60, zIndex: "tooltip", "&:focus": { top: 8 } }}
      >
        {t("nav.skip")}
      </Button>
      <Header />
      <Box sx={{ height: 2, position: "sticky", top: 0, zIndex: "appBar" }}>
        {(isMoving || isFetching) && <LinearProgress aria-label={t("state.loading")} sx={{ height: 2 }} />}
      </Box>
      <Collapse in={cut}>
        <Alert severity="warning" icon={<WifiOff size={20} />} sx={{ borderRadius: 0, justifyContent: "center" }}>
          {t("state.cut")}
        </Alert>
      </Collapse>
      <Container id="main" component="main" tabIndex={-1} maxWidth="lg" sx={{ flex: 1, pt: { xs: 2, md: 4 }, outline: 0 }}>
        <Outlet key={pathname} />
      </Container>
      <Box role="status" aria-live="polite" sx={visuallyHidden}>
        {cut ? t("state.cut") : ""}
      </Box>
      <Footer />
      <ScrollRestoration />
    </Box>
  );
}

/** Sets the tab's title while the page is shown. */
export function usePageTitle(title: string | undefined): void {
  const { t } = useTexts();
  useEffect(() => {
    document.title = title ? `${title} · ${t("brand")}` : t("brand");
  }, [title, t]);
}
