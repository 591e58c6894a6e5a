import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `npm run dev` talks to a server started with `ringroad serve --port 8765`.
export default defineConfig({
  plugins: [react()],
  base: "/",
  server: { proxy: { "/api": "http://127.0.0.1:8765", "/enter": "http://127.0.0.1:8765" } },
  build: {
    outDir: "../src/ringroad/web",
    emptyOutDir: true,
    sourcemap: false,
    chunkSizeWarningLimit: 600,
    assetsInlineLimit: 0,
  },
});
