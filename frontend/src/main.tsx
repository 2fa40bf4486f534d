import createCache from "@emotion/cache";
import { CacheProvider } from "@emotion/react";
import { CssBaseline } from "@mui/material";
import { ThemeProvider } from "@mui/material/styles";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import "@fontsource-variable/figtree/wght.css";
import { ApiError } from "./api/client";
import { App } from "./App";
import { firstLanguage, loadTexts, TextsProvider } from "./texts";
import { theme } from "./theme";

const TRIES = 3;
const PASSING = [0, 429, 502, 503, 504];
const isTransient = (fault: unknown) => fault instanceof ApiError && PASSING.includes(fault.status);

const queries = new QueryClient({
  defaultOptions: { queries: { retry: (count, fault) => isTransient(fault) && count < TRIES, networkMode: "always" } },
});

// Styles made at run time carry the nonce of this very answer; the policy allows no other inline style.
const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce;
const styles = createCache({ key: "mui", nonce, prepend: true });

const start = firstLanguage();
const texts = await loadTexts(start);

createRoot(document.getElementById("root")!).render(
  <CacheProvider value={styles}>
    <ThemeProvider theme={theme} defaultMode="system">
      <CssBaseline enableColorScheme />
      <QueryClientProvider client={queries}>
        <TextsProvider start={start} texts={texts}>
          <App />
        </TextsProvider>
      </QueryClientProvider>
    </ThemeProvider>
  </CacheProvider>,
);
