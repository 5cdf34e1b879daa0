// What a page costs on its first visit: its HTML and the style sheets it names, after brotli, without fonts and scripts.
import { brotliCompressSync, constants } from "node:zlib";

/** The most that the claim page may cost. */
export const CLAIM_PAGE_BYTES_MAX = 15_000;

const brotli = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;

/** Returns the brotli bytes of the page's HTML and CSS. */
export async function firstLoad(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const html = await response.text();
  let css = 0;
  for (const [tag] of html.matchAll(/<link\b[^>]*>/g)) {
    if (!/rel="?stylesheet\b/.test(tag)) continue;
    const [, href] = /href="?([^"\s>]+)/.exec(tag);
    const sheet = await fetch(new URL(href, url));
    if (!sheet.ok) throw new Error(`${href} answered ${sheet.status}`);
    css += brotli(Buffer.from(await sheet.arrayBuffer()));
  }
  return { html: brotli(Buffer.from(html)), css };
}
