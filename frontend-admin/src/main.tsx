import createCache from "@emotion/cache";
import { CacheProvider } from "@emotion/react";
import { createRoot } from "react-dom/client";
import "@fontsource-variable/figtree/wght.css";
import { App } from "./App";

// Styles made at run time carry the nonce of this very answer; the policy allows no other inline style.
const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce;
const styles = createCache({ key: "mui", nonce, prepend: true });

createRoot(document.getElementById("root")!).render(
  <CacheProvider value={styles}>
    <App />
  </CacheProvider>,
);
