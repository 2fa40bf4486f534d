import { createTheme } from "@mui/material/styles";

const rounded = 12;

export const theme = createTheme({
  cssVariables: { colorSchemeSelector: "data-mode" },
  colorSchemes: {
    light: {
      palette: {
        primary: { main: "#0f766e", dark: "#0b5a54", light: "#14b8a6", contrastText: "#ffffff" },
        secondary: { main: "#b45309" },
        success: { main: "#15803d" },
        warning: { main: "#b45309" },
        error: { main: "#b91c1c" },
        background: { default: "#f7f7f4", paper: "#ffffff" },
        text: { primary: "#17211f", secondary: "#52605d" },
        divider: "rgba(23, 33, 31, 0.12)",
      },
    },
    dark: {
      palette: {
        primary: { main: "#2dd4bf", dark: "#14b8a6", light: "#5eead4", contrastText: "#06201d" },
        secondary: { main: "#fbbf24" },
        success: { main: "#4ade80" },
        warning: { main: "#fbbf24" },
        error: { main: "#f87171" },
        background: { default: "#0d1312", paper: "#141c1b" },
        text: { primary: "#e8efed", secondary: "#a3b3b0" },
        divider: "rgba(232, 239, 237, 0.14)",
      },
    },
  },
  shape: { borderRadius: rounded },
  typography: {
    fontFamily: '"Figtree Variable", system-ui, -apple-system, "Segoe UI", sans-serif',
    h1: { fontSize: "clamp(2rem, 1.4rem + 2.6vw, 3.25rem)", fontWeight: 750, letterSpacing: "-0.025em", lineHeight: 1.1 },
    h2: { fontSize: "clamp(1.4rem, 1.2rem + 0.9vw, 1.9rem)", fontWeight: 700, letterSpacing: "-0.015em", lineHeight: 1.2 },
    h3: { fontSize: "1.15rem", fontWeight: 650, lineHeight: 1.3 },
    subtitle1: { fontWeight: 600 },
    button: { textTransform: "none", fontWeight: 600 },
  },
  components: {
    MuiButton: {
      defaultProps: { disableElevation: true },
      styleOverrides: { root: { borderRadius: 10 }, sizeLarge: { paddingBlock: 11, fontSize: "1rem" } },
    },
    MuiPaper: { styleOverrides: { root: { backgroundImage: "none" } } },
    MuiCard: { defaultProps: { variant: "outlined" } },
    MuiChip: { styleOverrides: { root: { fontWeight: 600, borderRadius: 8 } } },
    MuiTextField: { defaultProps: { fullWidth: true } },
    MuiLink: { defaultProps: { underline: "hover" } },
    MuiTooltip: { defaultProps: { arrow: true } },
  },
});
