// `make bench`: what the claim page costs on a first visit (HTML and CSS, brotli), as a share of its limit.
import { CLAIM_PAGE_BYTES_MAX as LIMIT, firstLoad } from "./lib/sizes.mjs";
import { startServer } from "./lib/server.mjs";

const server = await startServer({ args: ["--demo"] });
try {
  const link = await server.until(() => /https?:\/\/\S+\/claim\/\S+/.exec(server.output())?.[0]);
  const { html, css } = await firstLoad(link);
  const percent = Math.round(((html + css) * 100) / LIMIT);
  console.log(`claim page, first load: ${html} HTML + ${css} CSS = ${html + css} bytes of ${LIMIT} (${percent} %)`);
  if (html + css > LIMIT) process.exitCode = 1;
} finally {
  await server.stop();
}
