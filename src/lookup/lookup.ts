/**
 * The operator's look-up: why somebody was refused, how an account stands, and what it would get.
 *
 * Support has a screenshot, or a name. From the reference on the screenshot it gets what was decided, and when; from the
 * name what the account sees itself, and beside it what was said and done about the account, and by whom. It is a POST,
 * because account ids in URLs end up in logs. An account that nobody has is answered as one that never came.
 */
import type { Entitlement } from '../access/entitlement.ts'
import { problemType, REASONS } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { EndpointFactory, EndpointRequest } from '../endpoints/endpoint.ts'
import { type AdminAction, badRequest, operatorEndpoint, RETRY } from '../endpoints/operator.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import { momentOf } from '../ledger/ledgerview.ts'
import type { IssuedCredential } from '../ledger/rules/credentials.ts'
import { openLedger } from '../ledger/rules/place.ts'
import type { Call } from '../ports.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import type { Zone } from '../zone.ts'
import { describeState } from './accountstate.ts'
import { explainFor } from './explained.ts'
import { type AskedAccount, type LookupQuestion, readLookup } from './question.ts'
import { type OpenedReference, openReference, sealReference } from './reference.ts'
import { routeName } from '../access/route.ts'

/**
 * `POST /__faregate/lookup` with an operator token of the scope `view`: `{"reference": "…"}` says what a refusal was about,
 * `{"account": "account-7"}` how an account stands, and with `"target": "/articles/1"` what its request would get. All may be
 * asked at once. With this endpoint, refusals of requests with a credential carry a reference. Needs `secrets.gate`.
 *
 * @example
 * ```ts options
 * endpoints: [lookup()]
 * ```
 */
export function lookup(): EndpointFactory {
  return { ...operatorEndpoint('view', createAction, 'lookup'), needsGateKey: true, sealReference }
}

function createAction(services: Services): AdminAction {
  return {
    onUnknown: UNAVAILABLE,
    async run(body, zone, audit, call, { exchange }) {
      const question = readLookup(body, zone)
      if (!question.ok) return err(badRequest(question.error))
      const { subject, reference } = question.value
      if (subject !== undefined) audit.subject = { issuer: subject.issuer, account: subject.account }
      const opened = reference === undefined ? undefined : openReference(reference, zone)
      if (reference !== undefined && opened === undefined) return err(NOT_FOUND)
      if (opened !== undefined) audit.details = { reference: opened.id }
      audit.isIdle = true
      return answer(question.value, opened, { exchange, zone, call }, services)
    },
  }
}

interface LookupContext extends Pick<EndpointRequest, 'exchange'> {
  readonly zone: Zone
  readonly call: Call
}

async function answer(
  { subject, request }: LookupQuestion,
  opened: OpenedReference | undefined,
  { exchange, zone, call }: LookupContext,
  services: Services,
): Promise<Result<unknown, EndpointProblem>> {
  const hash = subject && (await services.hashAccount?.(zone.id, subject.issuer, subject.account))
  const common = {
    instance: `urn:uuid:${exchange.id}`,
    zone: zone.name,
    ...(opened && { reference: describeReference(opened, zone, call.now, subject && hash) }),
  }
  if (subject === undefined) return ok(common)
  const entitlement = await entitlementOf(subject, hash, zone, call, services)
  if (!entitlement.ok) return entitlement
  const state = await describeState(entitlement.value, { zone, call, id: exchange.id }, services)
  if (!state.ok) return err(UNAVAILABLE)
  const asked: Exchange | undefined = request && { ...exchange, ...request, fields: new Headers() }
  const explained = asked && (await explainFor(entitlement.value, asked, zone, call, services))
  return ok({ ...common, account: state.value, ...(explained && { explained }) })
}

/** `account`: the hash of the account that was named. */
function describeReference(
  { id, at, route, reason, check, account, generation }: OpenedReference,
  zone: Zone,
  now: number,
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
      status: REASONS[reason].status,
      type: problemType(reason, zone.remedies),
    }),
    accountHash: account ?? null,
    // Unknown if the refusal came before the account was known, or if the log has no hashes.
    isOfAccount: named === undefined || account === undefined ? null : named === account,
    generation,
  }
}

/** Makes the entitlement that a token of the account is taken to state. */
async function entitlementOf(
  subject: AskedAccount,
  accountHash: string | undefined,
  zone: Zone,
  { now }: Call,
  services: Services,
): Promise<Result<Entitlement, EndpointProblem>> {
  const { issuer, account, plan, limits, entitlements, key, issuedAt = Math.floor(now / 1000) } = subject
  const found = key === undefined ? ok(undefined) : await keyOf(subject, key, zone, services)
  if (!found.ok) return found
  const record = found.value
  const seconds = Math.floor(now / 1000)
  return ok({
    kind: 'entitlement',
    issuer,
    account,
    jti: record?.id,
    entitlements: entitlements ?? record?.entitlements ?? (await saidOf(subject, zone, services)),
    plan: plan ?? record?.plan,
    limits: limits ?? [...(record?.limits ?? []), ...(record?.accountLimits ?? [])],
    standing: record?.isDisabled === true ? 'inactive' : 'active',
    accountHash,
    issuedAt,
    notBefore: issuedAt,
    expires: Math.max(seconds, issuedAt) + LIFETIME_SECONDS,
    toleranceSeconds: 0,
  })
}

const LIFETIME_SECONDS = 60

/** Returns an API key of the account. One that it does not have is answered like one of somebody else. */
async function keyOf(
  { issuer, account }: AskedAccount,
  key: string,
  zone: Zone,
  { ledgers }: Services,
): Promise<Result<IssuedCredential, EndpointProblem>> {
  const asked =
    ledgers && openLedger(ledgers, zone, { from: 'account', issuer, account }).order('listCredentials', 'key')
  const listed = asked && (await withTimeout(asked, LEDGER_MS).catch(() => undefined))
  if (listed?.ok !== true) return err(UNAVAILABLE)
  const found = listed.value.find(({ id }) => id === key)
  return found === undefined ? err(NOT_FOUND) : ok(found)
}

/** Returns the entitlements that billing last stated for the account; none if it stated none. */
async function saidOf(
  { issuer, account }: AskedAccount,
  zone: Zone,
  { ledgers }: Services,
): Promise<readonly string[]> {
  const asked = ledgers && openLedger(ledgers, zone, { from: 'account', issuer, account }).statements(undefined)
  const said = asked && (await withTimeout(asked, LEDGER_MS).catch(() => undefined))
  return said?.ok === true ? (said.value.ofAccount?.entitlements?.names ?? []) : []
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
