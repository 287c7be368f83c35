/**
 * Signs a reader out: here, on the other side, and on request everywhere.
 *
 * To remove the cookie is not enough, for a copy of it may be somewhere. So the session is ended in the account's ledger, which
 * has what renews it, and is revoked by name; what renews it on the other side is made void there. Only a page of the site signs
 * somebody out: any other could do so again and again.
 */
import { isFromHere } from '../access/authority.ts'
import { entitlementIn } from '../access/proof.ts'
import { failureName } from '../core/error.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { EndpointCall, EndpointFactory, EndpointRequest } from '../endpoints/endpoint.ts'
import { readForm } from '../endpoints/form.ts'
import type { BodyTerms } from '../http/body.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { withTimeout } from '../http/timeout.ts'
import { logWarning } from '../log.ts'
import { type EndpointProblem, NOT_STORED } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import type { Site } from '../site.ts'
import { presentAsSigned } from '../standing/present.ts'
import { answerPage, problemPage } from './page.ts'
import { RECEIPT_COOKIE } from './purchases/jar.ts'
import { hintRemovals } from './rules/hint.ts'
import { removals } from './rules/removals.ts'
import { currentSession, type EndedSession, endSessions, type SessionsOwner } from './session/open.ts'
import { signOutElsewherePage, signOutPage, stillSignedInPage } from './signoutpages.ts'
import { TRIP_WORDS } from './speech.ts'

/**
 * `/__faregate/sign-out`: GET shows a page with a button. POST, by a form of the site, signs the reader out and goes on to the
 * page that ends the sign-in on the other side, or to `/`. The field `everywhere=1` ends all sessions of the account.
 */
export function signOut(): EndpointFactory {
  return {
    path: 'sign-out',
    words: TRIP_WORDS.en,
    create: (services) => ({
      methods: ['POST', 'GET', 'HEAD'],
      action: 'sign-out',
      onUnknown: notKnown,
      answer: (asked, call) => (asked.exchange.method === 'POST' ? leave(asked, call, services) : show(asked)),
    }),
  }
}

async function show(asked: EndpointRequest): Promise<Result<Response, EndpointProblem>> {
  asked.audit.isIdle = true
  const hasPurchases = asked.exchange.fields.get('cookie')?.includes(RECEIPT_COOKIE) === true
  return ok(answerPage(signOutPage(hasPurchases), asked))
}

const TERMS: BodyTerms = { maxBytes: 1024, mostMs: 5000, isAnonymous: true }

async function leave(
  asked: EndpointRequest,
  call: EndpointCall,
  services: Services,
): Promise<Result<Response, EndpointProblem>> {
  const { request, exchange, site, audit } = asked
  audit.isIdle = true
  if (!isFromHere(exchange, 'host-cookie')) return err(problemPage(signOutElsewherePage(), asked))
  const form = request.body === null ? undefined : await readForm(request, TERMS, services, NOT_OURS)
  if (form?.ok === false) return form
  const isEverywhere = form?.value.get('everywhere') === '1'
  const reader = await readerOf(asked, call, services)
  if (reader === undefined) return ok(goOn('/', exchange, site))
  const { issuer, account } = reader.claims
  audit.by = 'owner'
  audit.subject = { issuer, account, ...(reader.sid !== undefined && { jti: reader.sid }) }
  const which = isEverywhere ? 'all' : 'group'
  const ended = await endSessions(reader, which, { zone: site.zone, services, call })
  if (!ended.ok) return err(notKnown(asked))
  audit.isIdle = false
  call.waitUntil(revokeAll(ended.value, asked, call, services))
  const here = ended.value.find(({ sid }) => sid === reader.sid)
  return ok(goOn(await lastPage(here, asked, call, services), exchange, site))
}

/** Returns who is signed in by the gate's cookie: with a session, or with a token. */
async function readerOf(
  { exchange, site }: EndpointRequest,
  call: EndpointCall,
  services: Services,
): Promise<SessionsOwner | undefined> {
  const session = await currentSession(exchange, site, services, call)
  if (session !== undefined) return session
  const found = entitlementIn(await presentAsSigned(exchange, site, services, call))
  if (found?.rail !== 'bearer' || found.authority === undefined || !found.proof.ok) return undefined
  return { sid: found.proof.value.jti, claims: found.proof.value }
}

/** Makes void on the other side what renews the sessions. What is not answered there ends by itself. */
async function revokeAll(
  ended: readonly EndedSession[],
  { site }: EndpointRequest,
  call: EndpointCall,
  services: Services,
): Promise<void> {
  await Promise.all(
    ended.map(async (session) => {
      const login = site.logins?.find(({ name }) => name === session.login)
      try {
        await login?.revoke?.(session, { zone: site.zone, verifiers: services, call })
      } catch (error) {
        logWarning({ signOut: failureName(error) })
      }
    }),
  )
}

/** The time for which a reader waits to learn where the other side ends the sign-in. */
const LAST_PAGE_MS = 3000

async function lastPage(
  ended: EndedSession | undefined,
  { exchange, site }: EndpointRequest,
  call: EndpointCall,
  services: Services,
): Promise<string> {
  const login = site.logins?.find(({ name }) => name === ended?.login)
  if (ended === undefined || login?.endSession === undefined) return '/'
  const context = { zone: site.zone, verifiers: services, call }
  try {
    const asked = login.endSession({ ...ended, home: `${exchange.origin}/` }, context)
    return (await withTimeout(asked, LAST_PAGE_MS)) ?? '/'
  } catch (error) {
    logWarning({ signOut: failureName(error) })
    return '/'
  }
}

/** Goes on with 303 See Other: neither Back nor a reload signs out again. */
function goOn(location: string, { fields, host }: Exchange, { zone }: Site): Response {
  const headers = new Headers({ ...NOT_STORED, location, 'referrer-policy': 'no-referrer' })
  // What was read while signed in must not come back from the browser's store.
  headers.set('clear-site-data', '"cache"')
  const removed = [...removals(fields.get('cookie')), ...hintRemovals(host, zone.hosts)]
  for (const removal of removed) headers.append('set-cookie', removal)
  return new Response(null, { status: 303, headers })
}

const NOT_OURS: EndpointProblem = {
  status: 400,
  title: 'Bad Request',
  detail: 'Expected what the form of the page sends.',
}

/** The answer if it is not known whether the session was ended: the cookie stays, so that the reader can try again. */
function notKnown(asked: Pick<EndpointRequest, 'exchange' | 'site'>): EndpointProblem {
  return problemPage(stillSignedInPage(), asked, { reason: 'ledger-unavailable' })
}
