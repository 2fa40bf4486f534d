import {
  AppBar,
  Badge,
  Box,
  Button,
  Container,
  Divider,
  IconButton,
  ListItemIcon,
  ListItemText,
  ListSubheader,
  Menu,
  MenuItem,
  Stack,
  Tooltip,
  Typography,
} from "@mui/material";
import { useColorScheme } from "@mui/material/styles";
import {
  Check,
  Languages,
  LogIn,
  LogOut,
  Moon,
  Package,
  ShoppingCart,
  Sun,
  SunMoon,
  UserPlus,
  UserRound,
  UserRoundCog,
} from "lucide-react";
import { useState, type MouseEvent, type ReactNode } from "react";
import { Link as RouterLink, NavLink, useNavigate } from "react-router";
import { fullName, useLogout, useMe } from "../api/account";
import { useCart } from "../api/cart";
import { LANGUAGES, useTexts, type Language, type TextKey } from "../texts";
import { SearchBox } from "./SearchBox";

interface IconMenuProps {
  label: string;
  icon: ReactNode;
  children: (close: () => void) => ReactNode;
}

function IconMenu({ label, icon, children }: IconMenuProps) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const close = () => setAnchor(null);
  return (
    <>
      <Tooltip title={label}>
        <IconButton
          aria-label={label}
          aria-haspopup="menu"
          aria-expanded={anchor !== null}
          onClick={(event: MouseEvent<HTMLElement>) => setAnchor(event.currentTarget)}
        >
          {icon}
        </IconButton>
      </Tooltip>
      <Menu
        anchorEl={anchor}
        open={anchor !== null}
        onClose={close}
        anchorOrigin={{ vertical: "bottom", horizontal: "right" }}
        transformOrigin={{ vertical: "top", horizontal: "right" }}
        slotProps={{ paper: { sx: { minWidth: 220, mt: 0.5, border: 1, borderColor: "divider" } } }}
      >
        {children(close)}
      </Menu>
    </>
  );
}

const MODES = [
  ["light", "mode.light", Sun],
  ["dark", "mode.dark", Moon],
  ["system", "mode.system", SunMoon],
] as const satisfies readonly (readonly [string, TextKey, typeof Sun])[];

function Preferences() {
  const { t, language, choose } = useTexts();
  const { mode, setMode } = useColorScheme();
  return (
    <IconMenu label={t("nav.preferences")} icon={<Languages size={21} />}>
      {(close) => [
        <ListSubheader key="language" sx={{ lineHeight: "36px", bgcolor: "transparent" }}>
          {t("nav.language")}
        </ListSubheader>,
        ...Object.entries(LANGUAGES).map(([code, name]) => (
          <MenuItem
            key={code}
            lang={code}
            selected={code === language}
            onClick={() => {
              choose(code as Language);
              close();
            }}
          >
            <ListItemText>{name}</ListItemText>
            {code === language && <Check size={18} />}
          </MenuItem>
        )),
        <Divider key="line" />,
        <ListSubheader key="mode" sx={{ lineHeight: "36px", bgcolor: "transparent" }}>
          {t("nav.look")}
        </ListSubheader>,
        ...MODES.map(([value, key, Icon]) => (
          <MenuItem
            key={value}
            selected={value === mode}
            onClick={() => {
              setMode(value);
              close();
            }}
          >
            <ListItemIcon>
              <Icon size={18} />
            </ListItemIcon>
            <ListItemText>{t(key)}</ListItemText>
          </MenuItem>
        )),
      ]}
    </IconMenu>
  );
}

function AccountMenu() {
  const { t } = useTexts();
  const { data: me } = useMe();
  const logout = useLogout();
  const navigate = useNavigate();
  const go = (close: () => void, path: string) => () => {
    close();
    void navigate(path);
  };
  return (
    <IconMenu label={t("nav.account")} icon={<UserRound size={21} />}>
      {(close) =>
        me
          ? [
              <Box key="who" sx={{ px: 2, py: 1 }}>
                <Typography sx={{ fontWeight: 600 }}>{fullName(me) || t("nav.account")}</Typography>
                <Typography variant="body2" sx={{ color: "text.secondary" }}>
                  {me.email}
                </Typography>
              </Box>,
              <Divider key="line" />,
              <MenuItem key="account" onClick={go(close, "/account")}>
                <ListItemIcon>
                  <UserRoundCog size={18} />
                </ListItemIcon>
                {t("nav.profile")}
              </MenuItem>,
              <MenuItem key="orders" onClick={go(close, "/orders")}>
                <ListItemIcon>
                  <Package size={18} />
                </ListItemIcon>
                {t("nav.orders")}
              </MenuItem>,
              <MenuItem
                key="logout"
                onClick={() => {
                  close();
                  logout.mutate(undefined, { onSettled: () => void navigate("/") });
                }}
              >
                <ListItemIcon>
                  <LogOut size={18} />
                </ListItemIcon>
                {t("nav.logout")}
              </MenuItem>,
            ]
          : [
              <MenuItem key="login" onClick={go(close, "/user/login/")}>
                <ListItemIcon>
                  <LogIn size={18} />
                </ListItemIcon>
                {t("nav.login")}
              </MenuItem>,
              <MenuItem key="signup" onClick={go(close, "/user/signup/")}>
                <ListItemIcon>
                  <UserPlus size={18} />
                </ListItemIcon>
                {t("nav.signup")}
              </MenuItem>,
            ]
      }
    </IconMenu>
  );
}

function CartButton() {
  const { counted } = useTexts();
  const count = useCart().data?.count ?? 0;
  const label = counted("nav.cart", count);
  return (
    <Tooltip title={label}>
      <IconButton component={RouterLink} to="/cart" aria-label={label}>
        <Badge badgeContent={count} color="primary" max={99} sx={{ "& .MuiBadge-badge": { right: -1, top: 1 } }}>
          <ShoppingCart size={21} />
        </Badge>
      </IconButton>
    </Tooltip>
  );
}

function SectionLink({ to, text }: { to: string; text: string }) {
  return (
    <Button
      component={NavLink}
      to={to}
      color="inherit"
      sx={{ px: 1.5, color: "text.secondary", "&.active": { color: "text.primary", bgcolor: "action.hover" } }}
    >
      {text}
    </Button>
  );
}

export function Header() {
  const { t } = useTexts();
  return (
    <AppBar
      position="sticky"
      color="transparent"
      elevation={0}
      sx={{
        position: { xs: "static", md: "sticky" },
        borderBottom: 1,
        borderColor: "divider",
        bgcolor: "color-mix(in srgb, var(--mui-palette-background-default) 88%, transparent)",
        backdropFilter: "blur(12px)",
      }}
    >
      <Container maxWidth="lg">
        <Stack direction="row" sx={{ alignItems: "center", gap: { xs: 0.5, md: 1.5 }, py: 1, flexWrap: "wrap" }}>
          <Stack
            component={RouterLink}
            to="/"
            direction="row"
            sx={{ alignItems: "center", gap: 1, textDecoration: "none", color: "text.primary", mr: { xs: "auto", md: 1 } }}
          >
            <Box component="img" src={`${import.meta.env.BASE_URL}mark.svg`} alt="" width={30} height={30} />
            <Typography component="span" sx={{ fontWeight: 750, fontSize: "1.15rem", letterSpacing: "-0.02em" }}>
              {t("brand")}
            </Typography>
          </Stack>
          <Stack
            component="nav"
            aria-label={t("nav.sections")}
            direction="row"
            sx={{ gap: 0.5, order: { xs: 10, md: 0 }, width: { xs: 1, md: "auto" } }}
          >
            <SectionLink to="/courses" text={t("nav.courses")} />
            <SectionLink to="/products" text={t("nav.products")} />
          </Stack>
          <Box sx={{ order: { xs: 9, md: 0 }, flex: { xs: "1 0 100%", md: 1 }, pb: { xs: 0.5, md: 0 } }}>
            <SearchBox />
          </Box>
          <Stack direction="row" sx={{ alignItems: "center" }}>
            <Preferences />
            <AccountMenu />
            <CartButton />
          </Stack>
        </Stack>
      </Container>
    </AppBar>
  );
}
