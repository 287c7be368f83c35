import * as v from 'valibot'
import { pluginOptions } from '../../config/rules/pluginoptions.ts'
import { after } from '../../core/eventually.ts'
import { refusal } from '../../core/problem.ts'
import type { MeterPlatform } from '../../meters/plugin.ts'
import { AGENTS, agentAccount } from '../../rails/crawl/account.ts'
import { directoriesOf } from '../../rails/crawl/directories.ts'
import { namedIdentity } from '../../rails/crawl/rules/agent.ts'
import { createdLately } from '../../rails/crawl/rules/signatures.ts'
import { type AgentVerdict, verifyAgent } from '../../rails/crawl/verified.ts'
import { isExposed } from '../../tokens/bearer.ts'
import type { Exempted, Exemption, ExemptionPlugin, ExemptionRequest } from '../exemption.ts'
import { Nonces } from './nonces.ts'

/** Which agents read everything. */
export interface VerifiedAgentsOptions {
  /** The URLs that publish their keys, as `https://bot.example`. */
  agents: string[]
  /** Keys of RFCs count, whose private halves everybody knows: in tests alone. */
  testKeys?: true
}

const AGENT = 'expected the https URL that publishes an agent\'s keys, as "https://bot.example"'
const schema = v.strictObject({
  agents: v.pipe(
    v.array(
      v.pipe(
        v.string(AGENT),
        v.check((url) => namedIdentity(url) !== undefined, AGENT),
      ),
    ),
    v.minLength(1, 'expected at least one agent'),
  ),
  testKeys: v.optional(v.literal(true, 'expected true, or nothing')),
})

type CheckedAgents = v.InferOutput<typeof schema>

const NAME = 'verified-agent'

/**
 * Lets agents that are named here read every page on sale, if they have signed the request with Web Bot Auth within the last five
 * minutes. From the copy that all share, and uncharged. A signature with a `nonce` opens one page. That an agent is verified opens nothing
 * by itself: anyone can be.
 *
 * @example
 * ```ts zone
 * exemptions: [verifiedAgents({ agents: ['https://bot.example'] })]
 * ```
 */
export function verifiedAgents(options: VerifiedAgentsOptions): ExemptionPlugin {
  const { faults, read } = pluginOptions((): v.GenericSchema<unknown, CheckedAgents> => schema, options)
  return { name: NAME, faults, create: (bindings, platform) => createVerified(read(bindings), platform) }
}

function createVerified({ agents, testKeys }: CheckedAgents, platform: MeterPlatform): Exemption {
  const named = new Set(agents.map(namedIdentity))
  const nonces = new Nonces()
  const counting = { isNamed: (agent: string) => named.has(agent), allowsTestKeys: testKeys === true }
  return {
    name: NAME,
    judge(refused, asked) {
      const { exchange, call } = asked
      if (refused.refusal.reason !== 'payment-required' || isExposed(exchange)) return undefined
      const verdict = verifyAgent(exchange, counting, () => directoriesOf(platform), call)
      return after(verdict, (found) => (found === undefined ? undefined : judgeVerdict(found, asked, nonces)))
    },
  }
}

/** Opens the page. The log knows the agent's account; the origin learns of nobody. */
function judgeVerdict(
  verdict: AgentVerdict,
  { exchange, zone, hashAccount }: ExemptionRequest,
  nonces: Nonces,
): ReturnType<Exemption['judge']> {
  if (verdict.kind !== 'verified') return unknown(verdict)
  const { agent, signature } = verdict
  if (!createdLately(signature, exchange.now) || !nonces.opens(agent, signature, exchange)) return undefined
  return after(hashAccount?.(zone.id, AGENTS, agent), (hash) => ({
    kind: 'serve',
    proof: agentAccount(agent, signature, {}, hash),
    cost: undefined,
  }))
}

/** A crawler that gets a refusal drops the page: it is asked to come again if its keys cannot be had. */
function unknown(verdict: AgentVerdict): Exempted | undefined {
  return verdict.kind === 'unverified' && verdict.because === 'unavailable' ? UNKNOWN : undefined
}

const UNKNOWN: Exempted = {
  kind: 'refuse',
  refusal: refusal('keys-unavailable', 'The keys of this agent cannot be had at the moment. Nothing was charged.', {
    retryAfterSeconds: 60,
  }),
}
