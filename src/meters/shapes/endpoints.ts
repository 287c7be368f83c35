import type { JsonMembers } from '../../core/json.ts'
import type { ModelApi, ProviderEndpoint } from '../llm/provider.ts'

/** The endpoints of an API like OpenAI's, by their path below its base (`/v1`). All others are closed. */
export interface EndpointTable {
  /** The bases that clients may write. */
  readonly bases: readonly string[]
  /** The base of the provider itself. */
  readonly base: string
  /** Posted, and metered. */
  readonly metered: Readonly<Record<string, ModelApi>>
  /** Posted, and counted for free. */
  readonly counters?: Readonly<Record<string, ModelApi>>
  /** Posted, and free. */
  readonly free?: readonly string[]
}

/** Returns what a request is. The query is left out: none of these APIs has any. */
export function endpointIn(table: EndpointTable, method: string, path: string): ProviderEndpoint | undefined {
  const base = table.bases.find((each) => path.startsWith(`${each}/`))
  if (base === undefined) return undefined
  const below = path.slice(base.length)
  if (method === 'GET' || method === 'HEAD') return modelsIn(below)
  if (method !== 'POST') return undefined
  const to = `${table.base}${below}`
  const metered = own(table.metered, below)
  if (metered !== undefined) return { kind: 'metered', api: metered, path: to }
  const counter = own(table.counters ?? {}, below)
  if (counter !== undefined) return { kind: 'counter', api: counter, path: to }
  return table.free?.includes(below) ? { kind: 'free', path: to } : undefined
}

function own(apis: Readonly<Record<string, ModelApi>>, path: string): ModelApi | undefined {
  return Object.hasOwn(apis, path) ? apis[path] : undefined
}

const MODELS = '/models'

/** The list of models, or one of them: ids may have slashes, percent-encoded or not. */
function modelsIn(path: string): ProviderEndpoint | undefined {
  if (path === MODELS) return { kind: 'models', id: undefined }
  if (!path.startsWith(`${MODELS}/`) || path.length === MODELS.length + 1) return undefined
  try {
    return { kind: 'models', id: decodeURIComponent(path.slice(MODELS.length + 1)) }
  } catch {
    return undefined
  }
}

/** Writes the list of models as OpenAI does, or one model of it. `common`: what each of them has, such as who owns it. */
export function modelList(ids: readonly string[], one: string | undefined, common: JsonMembers): JsonMembers {
  const model = (id: string): JsonMembers => ({ id, object: 'model', created: 0, ...common })
  return one === undefined ? { object: 'list', data: ids.map(model) } : model(one)
}

/** Adds the operator's key as a bearer token (RFC 6750). */
export function authorizeBearer(headers: Headers, secret: string): void {
  headers.set('authorization', `Bearer ${secret}`)
}

/** Returns the options with a URL that does not end in the base: people write it with or without. */
export function withBareUrl<T extends { url?: string | string[] }>(options: T, base: string): T {
  const url = options?.url
  if (url === undefined) return options
  const bare = (each: string): string => (typeof each === 'string' ? withoutBase(each, base) : each)
  return { ...options, url: Array.isArray(url) ? url.map(bare) : bare(url) }
}

function withoutBase(url: string, base: string): string {
  let end = url.length
  while (url[end - 1] === '/') end--
  const bare = url.slice(0, end)
  return bare.endsWith(base) ? bare.slice(0, -base.length) : bare
}

/** What the SDKs made by Stainless say about themselves, which the providers may know. */
export const STAINLESS_FIELDS =
  `x-stainless-arch x-stainless-async x-stainless-helper-method x-stainless-lang x-stainless-os x-stainless-package-version
  x-stainless-poll-helper x-stainless-raw-response x-stainless-read-timeout x-stainless-retry-count x-stainless-runtime
  x-stainless-runtime-version x-stainless-timeout`.split(/\s+/)
