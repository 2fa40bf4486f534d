import { defaultTheme, type RaThemeOptions } from "react-admin";

const shared: RaThemeOptions = {
  ...defaultTheme,
  shape: { borderRadius: 10 },
  typography: {
    fontFamily: '"Figtree Variable", system-ui, -apple-system, "Segoe UI", sans-serif',
    button: { textTransform: "none", fontWeight: 600 },
    h6: { fontWeight: 650, fontSize: "1.05rem" },
  },
  sidebar: { width: 220, closedWidth: 56 },
  components: {
    ...defaultTheme.components,
    MuiPaper: { styleOverrides: { root: { backgroundImage: "none" } } },
    MuiCard: { defaultProps: { variant: "outlined" } },
    MuiAppBar: { defaultProps: { elevation: 0 }, styleOverrides: { root: { borderBottom: "1px solid #0000001f" } } },
    MuiTableCell: { styleOverrides: { head: { fontWeight: 650 } } },
  },
};

export const lightTheme: RaThemeOptions = {
  ...shared,
  palette: {
    mode: "light",
    primary: { main: "#0f766e" },
    secondary: { main: "#0b3b37" },
    background: { default: "#f7f7f4", paper: "#ffffff" },
  },
};

export const darkTheme: RaThemeOptions = {
  ...shared,
  palette: {
    mode: "dark",
    primary: { main: "#2dd4bf", contrastText: "#06201d" },
    secondary: { main: "#0b3b37" },
    background: { default: "#0d1312", paper: "#141c1b" },
  },
};
