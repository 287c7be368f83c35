/**
 * What the log says of where a request came from and with what, so that two can be told apart and nothing else be known.
 *
 * A network is the first 24 bits of an IPv4 address or 48 of an IPv6 one, hashed under a salt of the zone and the day (UTC):
 * what was of one network yesterday cannot be told today. A token has one hash for good. Both keys are derived from one
 * secret, and hashing waits for nothing, as writing a line does.
 */
import type { Proof } from '../access/proof.ts'
import { networkOf } from '../http/rules/network.ts'
import type { Zone } from '../zone.ts'
import type { TraceRequest, TripWatch, WatcherPlatform } from './plugin.ts'
import type { Subjects } from './subjects.ts'
import { createHash, createTokenHash } from './tracehashes.ts'

const DAY_MS = 86_400_000

/** Creates what traces the requests of one isolate. */
export function createTraces(
  secret: string,
  { sites, clientAddress, countryOf, asnOf }: Pick<WatcherPlatform, 'sites'> & Parameters<typeof clientFactsOf>[0],
  remember?: Subjects['remember'],
): Traces {
  const facts = clientFactsOf({ clientAddress, countryOf, asnOf })
  const hash = createHash(secret)
  const hashToken = createTokenHash(hash)
  const hashNetwork: Traces['hashNetwork'] = ({ id }, address, now) => {
    const network = networkOf(address ?? '')
    return network && hash.remembered(`networks ${Math.floor(now / DAY_MS)} ${id}`, network)
  }
  const traceRequest: TraceRequest = (request, exchange, credential) => {
    const site = sites.get(exchange.host)
    if (site === undefined) return {}
    const { zone } = site
    const proof = credential?.proof
    const token = credential && hashToken(credential, exchange, site)
    if (proof !== undefined) remember?.(zone.id, proof, token)
    return {
      network: hashNetwork(zone, facts.clientAddress(request), exchange.now),
      country: facts.countryOf(request),
      asn: facts.asnOf(request),
      token,
      plan: planOf(proof),
      issued: issuedOf(proof),
    }
  }
  return {
    traceRequest,
    hashNetwork,
    networkOf: (request, zone, now) => hashNetwork(zone, facts.clientAddress(request), now),
  }
}

/** What tells the requests of one isolate apart. */
interface Traces {
  readonly traceRequest: TraceRequest
  /** Returns the hash of the network that a request comes from. */
  readonly networkOf: TripWatch['networkOf']
  /** Returns the hash of a client's network; undefined if its address is not known. `now` is in milliseconds. */
  readonly hashNetwork: (zone: Pick<Zone, 'id'>, clientAddress: string | undefined, now: number) => string | undefined
}

function clientFactsOf({
  clientAddress,
  countryOf = () => undefined,
  asnOf = () => undefined,
}: Pick<WatcherPlatform, 'clientAddress' | 'countryOf' | 'asnOf'>) {
  return { clientAddress, countryOf, asnOf }
}

/** Returns when somebody signed in for a credential, in whole seconds: of an API key and of what any holder may use, nobody did. */
function issuedOf(proof: Proof | undefined): number | undefined {
  if (proof?.kind !== 'entitlement' || proof.key !== undefined) return undefined
  return proof.signedInAt ?? Math.floor(proof.issuedAt)
}

function planOf(proof: Proof | undefined): string | undefined {
  return proof?.kind === 'entitlement' ? proof.plan : undefined
}
