import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'

/** The colours of a page: `#rrggbb`. The dark ones are for readers who prefer a dark scheme. */
export interface PageColors {
  /** The main action and links. */
  readonly accent: string
  readonly accentDark: string
}

export const DEFAULT_COLORS: PageColors = { accent: '#1a4fa3', accentDark: '#8ab4f8' }

/** Returns the source of an inline style or script in a `Content-Security-Policy` (CSP3 §2.3.1). */
export function policyHash(text: string): string {
  return `'sha256-${btoa(String.fromCharCode(...sha256(utf8ToBytes(text))))}'`
}

/** Returns the style of all pages. */
export function styleOf({ accent, accentDark }: PageColors): string {
  return `:root{color-scheme:light dark;--ink:#1a1a1a;--paper:#fff;--soft:#595959;--line:#d5d5d5;--accent:${accent};--on:#fff}
@media (prefers-color-scheme:dark){:root{--ink:#eee;--paper:#16181c;--soft:#aaa;--line:#3a3d44;--accent:${accentDark};--on:#16181c}}
body{font:1.1rem/1.5 system-ui,sans-serif;margin:0;color:var(--ink);background:var(--paper)}
.site,main,.legal{max-width:36rem;margin:0 auto;padding:1rem 1.25rem}
.site{display:flex;justify-content:space-between;align-items:center;gap:1rem;border-bottom:1px solid var(--line)}
.site a,.legal a{display:inline-block;padding:.25rem 0;min-height:1.5rem;min-width:1.5rem}
.site a:first-child{font-weight:700;color:inherit;text-decoration:none}
.legal{font-size:.9rem}.legal a{margin-right:1rem}
h1{font-size:1.6rem;line-height:1.25}
a{color:var(--accent)}
strong{white-space:nowrap}
ul{list-style:none;padding:0}
li{margin:.5rem 0}
small{color:var(--soft)}
p,li,h1{overflow-wrap:anywhere}
li a{display:inline-block;padding:.2rem 0}
button,.main{display:inline-block;box-sizing:border-box;min-height:2.75rem;font:inherit;font-weight:600;padding:.6rem 1rem;border:0;border-radius:.4rem;background:var(--accent);color:var(--on);text-decoration:none;cursor:pointer}
.other{background:none;color:inherit;box-shadow:inset 0 0 0 1px}
button:focus-visible,a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}`
}
