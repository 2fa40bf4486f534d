import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { precompress } from "../frontend/precompress";

const backend = process.env.BACKEND ?? "http://127.0.0.1:8000";
const common = fileURLToPath(new URL("../common", import.meta.url));

export default defineConfig({
  base: "/admin-panel/",
  plugins: [react(), precompress()],
  resolve: { alias: { "@common": common } },
  // Flask puts a fresh nonce in place of this word in every answer, so that the policy needs no inline exception.
  html: { cspNonce: "__CSP_NONCE__" },
  build: {
    outDir: "../app/static/admin",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    modulePreload: { polyfill: false },
  },
  server: {
    fs: { allow: [".", common] },
    proxy: {
      "/api": backend,
      "/ready": backend,
      "/socket.io": { target: backend, ws: true },
    },
  },
});
