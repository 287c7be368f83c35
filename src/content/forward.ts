import { DisplayString, type Item, serializeItem, serializeList } from 'structured-headers'
import { PART_FIELDS } from '../cache/rules/conditional.ts'
import type { Entitlement } from '../access/entitlement.ts'
import { isUpgrade } from '../http/rules/exchange.ts'
import { type Admission, createEffort, leadsElsewhere, namesNothing } from '../access/elsewhere.ts'
import { isGiven, isSameField, isStandard, nominated, reachesOrigin } from '../http/rules/fields.ts'
import { observedUntil } from '../access/observation.ts'
import { readerOf } from '../access/proof.ts'
import { coversTarget } from '../access/resource.ts'
import type { Partition } from '../access/route.ts'
import { normaliseEncoding, normaliseLanguage } from '../cache/rules/vary.ts'
import { beginTrace, formatTrace } from '../http/rules/trace.ts'
import type { AdmittedRequest } from '../ports.ts'
import type { Rail } from '../rails/rail.ts'
import { stripBearer } from '../tokens/bearer.ts'
import { contentOf } from '../http/content.ts'

/**
 * The request as the next stage gets it: the canonical target, no credential of ours, no payment field, nothing by
 * which a client could speak in our name, and identity only where the route keys it. What is asked for a copy is the same
 * for all who share it: the site's first host, and what the client accepts in one spelling.
 */
export function forward(admitted: AdmittedRequest, rails: readonly Rail[], signal?: AbortSignal): Request {
  const { exchange, request, proof, route, partition, zone } = admitted
  const headers = passableFields(admitted, rails)
  const isCopy = partition.name !== undefined
  const authority = isCopy ? zone.hosts[0] : exchange.origin.slice(exchange.scheme.length + 3)
  headers.set('x-forwarded-host', authority ?? exchange.host)
  headers.set('x-forwarded-proto', exchange.scheme)
  // The trace of one client would be in the copy that all are served.
  const trace = isCopy ? undefined : exchange.trace
  headers.set('traceparent', formatTrace(trace ?? beginTrace(exchange.id)))
  if (isCopy) negotiate(headers)
  const reader = readerOf(proof)
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
 * One spelling for what means the same, so that a cache below makes no more variants than there are. Who does not say what
 * he can read shares the copy of those that read no coding: all can.
 */
function negotiate(headers: Headers): void {
  headers.set('accept-encoding', normaliseEncoding(headers.get('accept-encoding')) || 'identity')
  const languages = headers.get('accept-language')
  if (languages !== null) headers.set('accept-language', normaliseLanguage(languages))
}

const CONTENT_FIELDS = ['content-length', 'content-type', 'content-encoding', 'expect']

/** So many characters of fields that no standard knows are read as targets; what comes after them does not pass. */
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
  for (const rail of rails) rail.strip(headers)
  stripBearer(headers, zone)
  if (!isUpgrade(exchange.fields) || exchange.method !== 'GET') headers.delete('upgrade')
  return headers
}

/** A field may name what anyone may read, and what this request has paid for. */
function admissionOf({ exchange, zone, route, proof }: AdmittedRequest): Admission {
  return {
    table: zone.routes,
    method: exchange.method,
    hosts: zone.answersAnyHost ? 'any' : zone.hosts,
    isOpen: (found, target) => {
      if (found.terms.kind === 'free' || observedUntil(found.terms, exchange.now) !== undefined) return true
      return found === route && (proof?.kind !== 'receipt' || coversTarget(proof.resource, target))
    },
  }
}

/** RFC 9651 values, and only such as the copy is keyed by: a plan's copy says nothing of one account. */
function identify(headers: Headers, proof: Entitlement, partition: Partition): void {
  if (partition === 'shared') return
  if (proof.plan !== undefined) headers.set('faregate-plan', serializeItem(item(proof.plan)))
  if (partition === 'plan') return
  headers.set('faregate-subject', serializeItem(item(proof.account)))
  if (proof.entitlements.length > 0) headers.set('faregate-entitlements', serializeList(proof.entitlements.map(item)))
}

/** A String where it can be one, else a Display String (RFC 9651 §3.3.8). */
function item(text: string): Item {
  return [/^[\x20-\x7e]*$/.test(text) ? text : new DisplayString(text), new Map()]
}
