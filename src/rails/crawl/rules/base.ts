import { type Parameters, parseDictionary, serializeInnerList, serializeItem } from 'structured-headers'
import { err, ok, type Result } from '../../../core/result.ts'
import type { Exchange, Fields } from '../../../http/rules/exchange.ts'
import type { Component, SentSignature } from './signatures.ts'

/** The facts of a request that a signature may cover. */
export type SignedMessage = Pick<Exchange, 'method' | 'scheme' | 'origin' | 'target' | 'fields'>

/**
 * Returns the signature base (RFC 9421 §2.5). Error: a component that the request lacks, or one that is not supported: those with the
 * parameters `sf`, `bs`, `req`, `tr` or `name`.
 */
export function signatureBase(
  { components, parameters }: Pick<SentSignature, 'components' | 'parameters'>,
  message: SignedMessage,
): Result<string, string> {
  let base = ''
  for (const component of components) {
    const value = valueOf(component, message)
    if (value === undefined)
      return err('The signature covers a component that the request lacks, or that is not supported.')
    base += `${serializeItem([component[0], component[1]])}: ${value}\n`
  }
  const covered = components.map(([name, given]): [string, Parameters] => [name, given])
  return ok(`${base}"@signature-params": ${serializeInnerList([covered, parameters])}`)
}

function valueOf([name, parameters]: Component, message: SignedMessage): string | undefined {
  const { method, scheme, origin, target } = message
  if (!name.startsWith('@')) return fieldOf(name, parameters, message.fields)
  if (parameters.size > 0) return undefined
  switch (name) {
    case '@method':
      return method
    case '@scheme':
      return scheme
    case '@authority':
      return origin.slice(scheme.length + 3)
    case '@target-uri':
      return `${origin}${target.path}${target.query}`
    case '@path':
      return target.path
    case '@query':
      return target.query === '' ? '?' : target.query
    default:
      return undefined
  }
}

/** Other characters may have been changed on the way, or are not as the client sent them. */
const PRINTABLE = /^[\x20-\x7e]*$/

function fieldOf(name: string, parameters: Parameters, fields: Fields): string | undefined {
  const value = isFieldName(name) ? fields.get(name)?.trim() : undefined
  if (value === undefined || !PRINTABLE.test(value)) return undefined
  if (parameters.size === 0) return value
  const key = parameters.get('key')
  return parameters.size === 1 && typeof key === 'string' ? memberOf(value, key) : undefined
}

function isFieldName(name: string): boolean {
  return /^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name)
}

/** Returns one member of a field that is a dictionary, in its strict spelling (RFC 9421 §2.1.2). */
function memberOf(field: string, key: string): string | undefined {
  try {
    const member = parseDictionary(field).get(key)
    if (member === undefined) return undefined
    const [value, parameters] = member
    return Array.isArray(value) ? serializeInnerList([value, parameters]) : serializeItem([value, parameters])
  } catch {
    return undefined
  }
}
