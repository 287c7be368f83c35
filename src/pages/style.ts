import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'

/** The colours of a page: `#rrggbb`. The dark ones are for readers who prefer a dark scheme. */
export interface PageColors {
  /** The main action and links. */
  readonly accent: string
  readonly accentDark: string
}

export const DEFAULT_COLORS: PageColors = { accent: '#1a4fa3', accentDark: '#8ab4f8' }

/** The colours behind the accent: of the page, and of the text on a button. */
export const LIGHT = { paper: '#ffffff', on: '#ffffff' }
export const DARK = { paper: '#141518', on: '#101216' }

/** Returns the source of an inline style or script in a `Content-Security-Policy` (CSP3 §2.3.1). */
export function policyHash(text: string): string {
  return `'sha256-${btoa(String.fromCharCode(...sha256(utf8ToBytes(text))))}'`
}

/** Returns the style of all pages. A page whose main part is a list of offers is as wide as an article. */
export function styleOf({ accent, accentDark }: PageColors): string {
  return `:root{color-scheme:light dark;--ink:#1b1b1b;--paper:${LIGHT.paper};--soft:#595959;--line:#dad8d3;--accent:${accent};--on:${LIGHT.on}}
@media(prefers-color-scheme:dark){:root{--ink:#ececec;--paper:${DARK.paper};--soft:#a9abb0;--line:#3a3d44;--accent:${accentDark};--on:${DARK.on}}}
*{box-sizing:border-box}
body{margin:0;color:var(--ink);background:var(--paper);font:1.0625rem/1.55 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:44rem;margin:auto;padding:1.75rem 1.25rem 2rem}
.site,.legal{padding:.5rem max(1.25rem,50vw - 20.75rem)}
.site{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem;border-bottom:1px solid var(--line)}
.site a,.legal a,.links a{display:inline-flex;align-items:center;min-height:2.75rem}
.site a{text-decoration:none}
.site>a{color:inherit;font:700 1.3rem/1.2 Charter,"Bitstream Charter",Georgia,serif}
.legal{border-top:1px solid var(--line);font-size:.9rem}
.legal a{margin-inline-end:1.25rem}
a{color:var(--accent);text-underline-offset:.15em}
h1,h2{margin:0 0 .75rem;line-height:1.2;text-wrap:balance}
h1{font-size:1.7rem}
p{margin:.6rem 0}
code{direction:ltr;unicode-bidi:isolate}
ul{list-style:none;padding:0}
li a,p a{display:inline-block;padding:.2rem 0}
ul:not([class]) li{margin:.5rem 0}
small,.soft,.byline,.reference{color:var(--soft);font-size:.9rem}
img{max-width:100%}
button,.main{display:inline-flex;align-items:center;justify-content:center;min-height:3rem;padding:.5rem 1.5rem;border:0;border-radius:.5rem;background:var(--accent);color:var(--on);font:inherit;font-weight:600;text-decoration:none;cursor:pointer}
input{max-width:100%;min-height:2.75rem;padding:.4rem .75rem;border:1px solid var(--soft);border-radius:.4rem;background:none;color:inherit;font:inherit}
section:target{padding-inline-start:1rem;border-inline-start:4px solid var(--accent)}
.other{background:none;color:var(--accent);box-shadow:inset 0 0 0 1px}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
article{margin-bottom:2rem;font:1.15rem/1.6 Charter,"Bitstream Charter",Georgia,serif}
article h1{font-size:clamp(1.75rem,5vw,2.4rem)}
article img{display:block;width:100%;max-height:20rem;object-fit:cover;border-radius:.5rem}
.byline{font-family:system-ui,sans-serif}
.teaser{max-height:13rem;overflow:hidden;-webkit-mask-image:linear-gradient(#000 40%,#0000);mask-image:linear-gradient(#000 40%,#0000)}
.wall{text-align:center}
.wall h2{font-size:1.6rem}
.wall>p{max-width:34rem;margin-inline:auto}
.wall>p>.main{margin:.75rem 0}
.offers{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(15rem,100%),1fr));gap:1rem;margin:1.5rem 0;text-align:start}
.offers li{display:flex;flex-direction:column;padding:1.25rem;border:1px solid var(--line);border-radius:.75rem}
.offers .first{border:2px solid var(--accent)}
.offers p{margin:.2rem 0}
.price{font-size:1.7rem;font-weight:700;line-height:1.3}
.price small{font-size:1rem;font-weight:400}
.offers .soft{flex:1;margin-bottom:1rem}
.links{display:flex;flex-wrap:wrap;justify-content:center;gap:0 1.5rem;margin:.5rem 0}
.reference{margin-top:2rem}`
}
