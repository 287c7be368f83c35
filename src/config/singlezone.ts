import type { Fault } from './rules/fault.ts'
import { memberAt, textAt } from './unchecked.ts'

/** Options in their full form, from either form. The schema finds their faults. */
export interface FullOptions {
  readonly options: unknown
  readonly answersAnyHost: boolean
  /** Moves faults of the full form to the paths that the user wrote. */
  readonly asWritten: (faults: readonly Fault[]) => readonly Fault[]
}

const NAME = 'site'
/** The members of a single zone's options that belong to the whole configuration. */
const SHARED: ReadonlySet<string> = new Set(['endpoints', 'ledger', 'log', 'secrets', 'usage'])

/** Puts a single zone into a list. */
export function fullOptions(given: unknown): FullOptions {
  if (!isSingleZone(given)) return { options: given, answersAnyHost: false, asWritten: (faults) => faults }
  const members = Object.entries(given)
  const shared = members.filter(([name]) => SHARED.has(name))
  const own = Object.fromEntries(members.filter(([name]) => !SHARED.has(name)))
  const answersAnyHost = own['hosts'] === undefined
  const hosts = answersAnyHost ? hostsOf(textAt(own, 'audience')) : own['hosts']
  // Without routes, the handlers of an app ask to be paid.
  const openTerms = 'routes' in own ? {} : { routes: [], unmatched: 'free' }
  const zone = { name: NAME, ...openTerms, ...own, ...(hosts === undefined ? {} : { hosts }) }
  const options = { ...Object.fromEntries(shared), zones: [zone] }
  return { options, answersAnyHost, asWritten: (faults) => faults.flatMap((fault) => asSingle(fault, given)) }
}

function isSingleZone(given: unknown): given is object {
  if (typeof given !== 'object' || given === null || Array.isArray(given) || 'zones' in given) return false
  return ['audience', 'issuers', 'routes', 'rails'].some((name) => name in given)
}

/** Returns the host of a URL, the site's own address. Undefined if `audience` is no URL. */
function hostsOf(audience: string | undefined): string[] | undefined {
  const url = audience === undefined ? null : URL.parse(audience)
  return url === null || !/^https?:$/.test(url.protocol) || url.hostname === '' ? undefined : [url.hostname]
}

const ADDRESS = 'is missing: expected it, or an "audience" that is the URL of the site'

function asSingle({ path, message }: Fault, given: unknown): Fault[] {
  const written = path.replace(/^zones\[0\]\.?/, '')
  if (/^hosts\b/.test(written) && memberAt(given, 'hosts') === undefined) {
    // A missing audience is the fault to report.
    return textAt(given, 'audience') === undefined ? [] : [{ path: 'hosts', message: ADDRESS }]
  }
  return [{ path: written === '' ? '(config)' : written, message: message.replaceAll('zones[0].', '') }]
}
