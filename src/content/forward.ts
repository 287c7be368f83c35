import { DisplayString, type Item, serializeItem, serializeList } from 'structured-headers'
import { PART_FIELDS } from '../cache/rules/conditional.ts'
import type { Entitlement } from '../access/entitlement.ts'
import { hasPayment } from '../http/rules/authorization.ts'
import { isUpgrade } from '../http/rules/exchange.ts'
import { type Admission, createEffort, leadsElsewhere, namesNothing } from '../access/elsewhere.ts'
import { isGiven, isSameField, isStandard, nominated, reachesOrigin } from '../http/rules/fields.ts'
import { observedUntil } from '../access/observation.ts'
import { readerOf } from '../access/proof.ts'
import { coversTarget } from '../access/resource.ts'
import { isSameRoute } from '../access/protocol.ts'
import type { Partition } from '../access/route.ts'
import { stripOwnCookies } from '../http/rules/owncookies.ts'
import { normaliseEncoding, normaliseLanguage } from '../cache/rules/vary.ts'
import { beginTrace, formatTrace } from '../http/rules/trace.ts'
import type { AdmittedRequest } from '../ports.ts'
import type { Rail } from '../rails/rail.ts'
import { stripBearer } from '../tokens/bearer.ts'
import { contentOf } from '../http/content.ts'

/**
 * Makes the request for the next stage. The target is canonical. No credential of ours, payment field, or field by which
 * a client could speak for the gate is passed on; an identity only if the route keys its copies by it. A request for a
 * shared copy is the same for all who share it: it names the site's first host, and states the client's preferences in
 * one spelling.
 */
export function forward(admitted: AdmittedRequest, rails: readonly Rail[], signal?: AbortSignal): Request {
  const { exchange, request, proof, exempt, route, partition, zone } = admitted
  const headers = passableFields(admitted, rails)
  const isCopy = partition.name !== undefined
  const authority = isCopy ? zone.hosts[0] : exchange.origin.slice(exchange.scheme.length + 3)
  headers.set('x-forwarded-host', authority ?? exchange.host)
  headers.set('x-forwarded-proto', exchange.scheme)
  // The trace of one client would be in the copy served to all.
  const trace = isCopy ? undefined : exchange.trace
  headers.set('traceparent', formatTrace(trace ?? beginTrace(exchange.id)))
  if (isCopy) negotiate(headers)
  const reader = exempt === undefined || exempt.lever === 'waived' ? readerOf(proof) : undefined
  if (reader !== undefined) identify(headers, reader, route.cache.partition)
  const url = `${exchange.scheme}://${authority ?? exchange.host}${exchange.target.path}${partition.query}`
  const hasBody = request.method !== 'HEAD' && (request.method !== 'GET' || contentOf(request) !== null)
  if (!hasBody) for (const name of CONTENT_FIELDS) headers.delete(name)
  if (exchange.method !== 'GET') for (const name of PART_FIELDS) headers.delete(name)
  const ends = signal === undefined ? {} : { signal }
  if (hasBody && request.method === 'GET')
    return new Request(new Request(url, request), { headers, redirect: 'manual', ...ends })
  const body = hasBody ? request.body : null
  return new Request(url, { method: request.method, headers, body, redirect: 'manual', ...ends })
}

/**
 * Normalises preferences, so that a cache below makes no more variants than there are. A client that states no codings
 * shares the copy for readers of no coding: every client can read that one.
 */
function negotiate(headers: Headers): void {
  headers.set('accept-encoding', normaliseEncoding(headers.get('accept-encoding')) || 'identity')
  const languages = headers.get('accept-language')
  if (languages !== null) headers.set('accept-language', normaliseLanguage(languages))
}

const CONTENT_FIELDS = ['content-length', 'content-type', 'content-encoding', 'expect']

/**
 * The number of characters, in fields outside of all standards, to be searched for targets. Fields beyond are not passed
 * on.
 */
const MAX_JUDGED = 8192

function passableFields(admitted: AdmittedRequest, rails: readonly Rail[]): Headers {
  const { exchange, request, route, zone } = admitted
  const headers = new Headers(request.headers)
  const ended = nominated(exchange.fields.get('connection'))
  const admission = admissionOf(admitted)
  const effort = createEffort()
  const ofMeter = route.meter?.fields ?? []
  let left = MAX_JUDGED
  request.headers.forEach((value, name) => {
    if (ended.has(name) || isGiven(name, zone.originFields) || ofMeter.some((own) => isSameField(own, name)))
      headers.delete(name)
    else if (isStandard(name) || zone.allowedFields.has(name)) return
    else if (zone.credentialFields.some((credential) => isSameField(credential, name))) headers.delete(name)
    else if (!reachesOrigin(name)) headers.delete(name)
    else if (!namesNothing(value, zone.routes)) {
      left -= value.length
      if (left < 0 || leadsElsewhere(value, admission, effort)) headers.delete(name)
    }
  })
  if (route.cache.partition !== 'off') {
    headers.delete('cookie')
    headers.delete('authorization')
  }
  if (hasPayment(headers.get('authorization'))) headers.delete('authorization')
  for (const rail of rails) rail.strip(headers)
  stripBearer(headers, zone)
  stripOwnCookies(headers)
  if (!isUpgrade(exchange.fields) || exchange.method !== 'GET') headers.delete('upgrade')
  return headers
}

/** Returns the targets that a field may name: any that anyone may read, and the one paid for by this request. */
function admissionOf({ exchange, zone, route, proof }: AdmittedRequest): Admission {
  return {
    table: zone.routes,
    method: exchange.method,
    hosts: zone.answersAnyHost ? 'any' : zone.hosts,
    isOpen: (found, target) => {
      if (found.terms.kind === 'free' || observedUntil(found.terms, exchange.now) !== undefined) return true
      return isSameRoute(found, route) && (proof?.kind !== 'receipt' || coversTarget(proof.resource, target))
    },
  }
}

/** Adds the identity as RFC 9651 values, no more of it than the copy is keyed by: the copy of a plan names no account. */
function identify(headers: Headers, proof: Entitlement, partition: Partition): void {
  if (partition === 'shared') return
  if (proof.plan !== undefined) headers.set('faregate-plan', serializeItem(item(proof.plan)))
  if (partition === 'plan') return
  headers.set('faregate-subject', serializeItem(item(proof.account)))
  if (proof.entitlements.length > 0) headers.set('faregate-entitlements', serializeList(proof.entitlements.map(item)))
}

/** Returns a String if the text can be one, else a Display String (RFC 9651 §3.3.8). */
function item(text: string): Item {
  return [/^[\x20-\x7e]*$/.test(text) ? text : new DisplayString(text), new Map()]
}
