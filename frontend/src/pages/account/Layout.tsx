import { Alert, Box, Stack, Typography } from "@mui/material";
import { LogIn, MapPin, ShieldCheck, UserRound, UserRoundCog, type LucideIcon } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";
import { Navigate, NavLink, useLocation } from "react-router";
import { useMe } from "../../api/account";
import { useFactors } from "../../api/security";
import { NeedsLogin } from "../../components/NeedsLogin";
import { usePageTitle } from "../../components/Shell";
import { Failure, LinesSkeleton } from "../../components/States";
import { ProofProvider } from "../../proof/ProofProvider";
import { useTexts, type TextKey } from "../../texts";

const SECURITY = "/account/security";

const SECTIONS = [
  ["/account", "profile.title", UserRound],
  [SECURITY, "security.title", ShieldCheck],
  ["/account/sessions", "sessions.title", LogIn],
  ["/account/addresses", "addresses.title", MapPin],
  ["/account/privacy", "privacy.title", UserRoundCog],
] as const satisfies readonly (readonly [string, TextKey, LucideIcon])[];

function SectionLinks() {
  const { t } = useTexts();
  const links = useRef<HTMLElement>(null);
  // on a telephone the links go beyond the edge: the one of this page is brought into sight
  useEffect(() => {
    links.current?.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, []);
  return (
    <Stack
      component="nav"
      ref={links}
      aria-label={t("account.sections")}
      direction={{ xs: "row", md: "column" }}
      sx={{
        gap: 0.5,
        overflowX: { xs: "auto", md: "visible" },
        mx: { xs: -2, sm: -3, md: 0 },
        px: { xs: 2, sm: 3, md: 0 },
        py: { xs: 0.5, md: 0 },
        scrollbarWidth: "none",
        position: { md: "sticky" },
        top: { md: 88 },
      }}
    >
      {SECTIONS.map(([to, key, Icon]) => (
        <Stack
          key={to}
          component={NavLink}
          to={to}
          end
          direction="row"
          sx={{
            gap: 1.25,
            alignItems: "center",
            flexShrink: 0,
            px: 1.5,
            py: 1,
            borderRadius: 0.75,
            color: "text.secondary",
            fontWeight: 600,
            whiteSpace: "nowrap",
            textDecoration: "none",
            "&:hover": { bgcolor: "action.hover" },
            "&.active": { color: "text.primary", bgcolor: "action.selected" },
            "&:focus-visible": { outline: 2, outlineColor: "primary.main", outlineOffset: -2 },
          }}
        >
          <Icon size={18} aria-hidden />
          {t(key)}
        </Stack>
      ))}
    </Stack>
  );
}

interface AccountPageProps {
  title: TextKey;
  children: ReactNode;
}

/** A section of the account: the way between them, and nobody's without a login. */
export function AccountPage({ title, children }: AccountPageProps) {
  const { t } = useTexts();
  const { pathname } = useLocation();
  usePageTitle(t(title));
  const { data: me, error, refetch } = useMe();
  if (error) return <Failure fault={error} retry={() => void refetch()} />;
  if (me === null) return <NeedsLogin title={t("account.login")} next={pathname} />;
  return (
    <ProofProvider>
      <Typography variant="h2" component="h1" sx={{ mb: { xs: 1.5, md: 3 } }}>
        {t("account.title")}
      </Typography>
      <Box
        sx={{
          display: "grid",
          gridTemplateColumns: { xs: "minmax(0, 1fr)", md: "200px minmax(0, 1fr)" },
          gap: { xs: 2, md: 4 },
          alignItems: "start",
        }}
      >
        <SectionLinks />
        <Stack sx={{ gap: 2.5, maxWidth: 760 }}>{me ? <Enrolled>{children}</Enrolled> : <LinesSkeleton />}</Stack>
      </Box>
    </ProofProvider>
  );
}

/** Staff who must have a second factor can do nothing else before they have one. */
function Enrolled({ children }: { children: ReactNode }) {
  const { t } = useTexts();
  const { pathname } = useLocation();
  const { data: factors } = useFactors();
  if (!factors?.must_enrol) return children;
  if (pathname.replace(/\/$/, "") !== SECURITY) return <Navigate to={SECURITY} replace />;
  return (
    <>
      <Alert severity="warning">{t("security.mustEnrol")}</Alert>
      {children}
    </>
  );
}
