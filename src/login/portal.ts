/**
 * Leads an account to the page on which it manages what it bought.
 *
 * The URL of that page lets in whoever has it. So it is made for one visit of the account's own, and is neither stored nor
 * logged.
 */
import { err, ok, type Result } from '../core/result.ts'
import { type EndpointCall, type EndpointFactory, type EndpointRequest, READ } from '../endpoints/endpoint.ts'
import { readerAccount } from '../endpoints/owner.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import { callLogin } from './inflight.ts'
import { answerPage, problemPage, redirect, toIn } from './page.ts'
import { noPortalPage, portalPage } from './pages.ts'
import { currentSession } from './session/open.ts'
import { answerBroken, declinedAhead, isNavigation, problemOfFault } from './visit.ts'
import { TRIP_WORDS } from './speech.ts'

/** `GET /__faregate/portal?to=`: leads to the page of the other side on which the account manages what it bought. */
export function portal(): EndpointFactory {
  return {
    path: 'portal',
    words: TRIP_WORDS.en,
    needsGateKey: true,
    create: (services) => ({
      methods: READ,
      onUnknown: answerBroken,
      answer: async (asked, call) => {
        const ahead = declinedAhead(asked)
        return ahead === undefined ? openPortal(asked, call, services) : err(ahead)
      },
    }),
  }
}

async function openPortal(
  asked: EndpointRequest,
  call: EndpointCall,
  services: Services,
): Promise<Result<Response, EndpointProblem>> {
  const { exchange, site } = asked
  const { zone } = site
  const to = toIn(new URLSearchParams(exchange.target.query), exchange)
  const reader = await readerAccount(asked, call, services)
  const account = reader.ok && reader.value.key === undefined ? reader.value : undefined
  const login = site.logins?.find((one) => one.portal !== undefined && one.issuer === account?.issuer)
  if (account === undefined || login?.portal === undefined || !isNavigation(exchange)) {
    const isOthers = await isSignedIn(asked, call, services)
    const reason = reader.ok ? undefined : reader.error.reason
    // The reader is signed in, and followed a link of another site.
    if (isOthers && reason === undefined && account === undefined) return ok(answerPage(portalPage(to), asked))
    return err(problemPage(noPortalPage(to, site), asked, reason === undefined ? {} : { reason }))
  }
  const asking = { account: account.account, to: `${exchange.origin}${to}` }
  const context = { zone, verifiers: services, call }
  const found = await callLogin(login, async () => (await login.portal?.(asking, context)) ?? err(NO_PORTAL))
  if (found.ok) return ok(redirect(new URL(found.value).href))
  return err(problemOfFault(found.error, { to, offer: undefined, id: exchange.id }, asked))
}

const NO_PORTAL = {
  kind: 'refused',
  detail: { en: 'There is no such page.', de: 'Eine solche Seite gibt es nicht.' },
} as const

async function isSignedIn(
  { exchange, site }: EndpointRequest,
  call: EndpointCall,
  services: Services,
): Promise<boolean> {
  const session = await currentSession(exchange, site, services, call)
  return site.logins?.some((login) => login.portal !== undefined && login.issuer === session?.claims.issuer) === true
}
