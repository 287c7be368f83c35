/**
 * The operator's look-up: why somebody was refused, how an account stands, and what it would get.
 *
 * Support has a screenshot, or a name. From the reference on the screenshot it gets what was decided, and when; from the
 * name what the account sees itself, and beside it what was said and done about the account, and by whom. It is a POST,
 * because account ids in URLs end up in logs. An account that nobody has is answered as one that never came.
 */
import { REASONS, httpStatusOf } from '../core/problem.ts'
import { problemType } from '../core/remedy.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { EndpointFactory, EndpointPeers, EndpointRequest } from '../endpoints/endpoint.ts'
import { type AdminAction, badRequest, operatorEndpoint, RETRY } from '../endpoints/operator.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import type { Act } from '../ledger/rules/audit.ts'
import { openLedger } from '../ledger/rules/place.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { type Availability, momentOf } from '../ledger/ledgerview.ts'
import type { Call } from '../ports.ts'
import type { OpenedReference } from '../refusals/describe.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import type { Zone } from '../zone.ts'
import { describeState } from './accountstate.ts'
import { proofFor } from './askedproof.ts'
import { type AuditView, readAudit } from './auditview.ts'
import { withoutUrlTokens } from '../rails/inurl.ts'
import { explainFor } from './explained.ts'
import { type AskedAccount, type LookupQuestion, readLookup, statingNothing } from './question.ts'
import { foundOf } from './found.ts'
import { openReference, sealReference } from './reference.ts'
import { statusesOf } from '../access/offer.ts'
import { routeName } from '../access/route.ts'

/**
 * `POST /__faregate/lookup` with an operator token of the scope `view`: `{"reference": "…"}` says what a refusal was about,
 * `{"account": "account-7"}` how an account stands, and with `"target": "/articles/1"` what its request would get; `{"hash":
 * "…"}` the same of an account that the dashboard lists by its hash; `{"site": true}` who did what to the site. All may be asked at once. With this endpoint, refusals of requests with a credential carry a reference. Needs `secrets.gate`.
 *
 * @example
 * ```ts options
 * endpoints: [lookup()]
 * ```
 */
export function lookup(): EndpointFactory {
  return { ...operatorEndpoint('view', createAction, 'lookup'), needsGateKey: true, sealReference, openReference }
}

function createAction(services: Services, peers: EndpointPeers = {}): AdminAction {
  return {
    onUnknown: UNAVAILABLE,
    async run(body, zone, audit, call, { exchange, site }) {
      const question = readLookup(body, zone)
      if (!question.ok) return err(badRequest(question.error))
      const { reference, hash } = question.value
      const named = hash === undefined ? ok(question.value.subject) : await namedBy(hash, zone, peers.tallies, services)
      if (!named.ok) return named
      const subject = named.value
      if (subject !== undefined) audit.subject = { issuer: subject.issuer, account: subject.account }
      const opened = reference === undefined ? undefined : openReference(reference, zone)
      if (reference !== undefined && opened === undefined) return err(NOT_FOUND)
      if (opened !== undefined) audit.details = { reference: opened.id }
      // Who looked behind a hash is recorded, or is told nothing.
      if (
        hash !== undefined &&
        subject !== undefined &&
        !(await isRecorded(audit.toAct({ isByHash: true }), subject, zone, services))
      )
        return err(UNAVAILABLE)
      audit.isIdle = true
      return answer({ ...question.value, subject }, opened, { exchange, site, zone, call }, services)
    },
  }
}

/** Returns the account of a hash that the dashboard lists, as if it were named. */
async function namedBy(
  hash: string,
  zone: Zone,
  plugin: EndpointPeers['tallies'],
  { tallies }: Services,
): Promise<Result<AskedAccount, EndpointProblem>> {
  if (plugin === undefined) return err(NOT_FOUND)
  const found = await plugin.findNear(tallies, zone, hash)
  if (!found.ok) return err(UNAVAILABLE)
  return found.value === undefined ? err(NOT_FOUND) : ok(statingNothing(found.value))
}

/** Records an act in the audit of an account. */
async function isRecorded(
  act: Act,
  { issuer, account }: AskedAccount,
  zone: Zone,
  { ledgers }: Services,
): Promise<boolean> {
  const ledger = ledgers && openLedger(ledgers, zone, { from: 'account', issuer, account })
  return (ledger && (await withTimeout(ledger.order('recordAct', act), LEDGER_MS).catch(() => undefined)))?.ok === true
}

interface LookupContext extends Pick<EndpointRequest, 'exchange' | 'site'> {
  readonly zone: Zone
  readonly call: Call
}

async function answer(
  { subject, isOfSite, request }: LookupQuestion,
  opened: OpenedReference | undefined,
  { exchange, site, zone, call }: LookupContext,
  services: Services,
): Promise<Result<unknown, EndpointProblem>> {
  const hash = subject && (await services.hashAccount?.(zone.id, subject.issuer, subject.account))
  const found = await foundOf(hash ?? opened?.account, zone, services)
  const common = {
    instance: `urn:uuid:${exchange.id}`,
    zone: zone.name,
    ...(isOfSite && { site: { audit: await auditOfSite(zone, services) } }),
    ...(opened && { reference: describeReference(opened, exchange, zone, subject && hash) }),
    ...(found !== null && { anomalies: found }),
  }
  if (subject === undefined) return ok(common)
  const proof = await proofFor(subject, hash, zone, call, services)
  if (!proof.ok) return err(UNAVAILABLE)
  if (proof.value === undefined) return err(NOT_FOUND)
  const state = await describeState(proof.value.entitlement, { zone, call, id: exchange.id }, services)
  if (!state.ok) return err(UNAVAILABLE)
  // The target may have been pasted with a token in it, which the answer would repeat.
  const asked = request && withoutUrlTokens<Exchange>({ ...exchange, ...request, fields: new Headers() }, site)
  const explained = asked && (await explainFor(proof.value, asked, zone, call, services))
  return ok({ ...common, account: state.value, ...(explained && { explained }) })
}

/** Reads who did what to the site, as purges, which its bulletin has. */
async function auditOfSite(zone: Zone, { bulletins }: Services): Promise<Availability<AuditView>> {
  if (bulletins === undefined) return null
  return readAudit(async (query) => {
    const page = await bulletins.order(zone, 'audit', query)
    return page === undefined ? err('ledger-unavailable') : ok(page)
  })
}

/** `account`: the hash of the account that was named. */
function describeReference(
  { id, at, route, reason, check, account, generation }: OpenedReference,
  { origin, now }: Pick<Exchange, 'origin' | 'now'>,
  zone: Zone,
  named: string | undefined,
): object {
  return {
    request: `urn:uuid:${id}`,
    time: momentOf(at),
    ageSeconds: Math.max(0, Math.floor((now - at) / 1000)),
    route: route === undefined ? null : routeName(route),
    reason: reason ?? null,
    check: check ?? null,
    ...(reason && {
      title: REASONS[reason].title,
      status: httpStatusOf(reason, route && statusesOf(route)),
      type: problemType(reason, zone.remedies, { origin }),
    }),
    accountHash: account ?? null,
    // Unknown if the refusal came before the account was known, or if the log has no hashes.
    isOfAccount: named === undefined || account === undefined ? null : named === account,
    generation,
  }
}

const NOT_FOUND: EndpointProblem = {
  status: 404,
  title: 'Not Found',
  detail: 'Nothing is known here under this name.',
}
const UNAVAILABLE: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'This could not be looked up now. Nothing was changed. Ask again.',
  reason: 'ledger-unavailable',
  fields: RETRY,
}
