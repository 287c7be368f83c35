import type { SalesPages } from './plan.ts'

/** Returns the pages to which a refused reader is sent: the one given, and those beside it. */
export function pagesFor(host: string, given: string | undefined, hasSignIn: boolean): SalesPages {
  const checkout = given ?? `https://${host.replace(/^(?:api|llm)\./, 'www.')}/subscribe`
  const { origin } = new URL(checkout)
  return { checkout, signIn: hasSignIn ? `${origin}/sign-in` : undefined, documentation: `${origin}/help/paywall` }
}

/** Returns the paths of pages of this host, which whoever is refused must be able to see. */
export function ownPages(host: string, { checkout, signIn, documentation }: SalesPages): string[] {
  const urls = [checkout, signIn, documentation].flatMap((url) => (url === undefined ? [] : [new URL(url)]))
  return [...new Set(urls.filter(({ hostname }) => hostname === host).map(({ pathname }) => pathname))]
}
