import type { Refusal } from '../../core/problem.ts'
import type { Members } from '../../rails/rail.ts'
import type { RefusedView } from '../../refusals/describe.ts'
import type { AskedStream, RefusalFormat } from '../../refusals/format.ts'
import { shortageText } from '../../refusals/shortage.ts'
import type { ErrorFacts, ModelProvider } from './provider.ts'

/**
 * Writes refusals as a provider of language models writes errors, on the routes of its meter.
 *
 * The SDKs of providers choose an exception by the status, read its members from the provider's own shape, and try again by
 * themselves: nearly all on 408, 409, 429 and 5xx, none on 402. Users see the message and little else. So the body has the members
 * of the problem document *and* the provider's shape, whose message says what to do in one sentence, with a link.
 */
export function refusalsOf(provider: WritingProvider): RefusalFormat {
  const { name, errors } = provider
  return {
    name,
    accepts: (_exchange, route) => route?.meter?.name === name,
    write(refused, refusal, members) {
      const facts = errorFacts(refused, refusal, members)
      const fields = [['Content-Type', 'application/json'] as const, ...(errors.fields?.(facts) ?? [])]
      return {
        fields: refused.status === 402 ? [...fields, NO_RETRY] : fields,
        body: JSON.stringify(errors.body(facts)),
      }
    },
    terminal(refused, refusal, asked) {
      const facts = errorFacts(refused, refusal)
      return new TextEncoder().encode(errors.terminal(apiOf(provider, asked), facts))
    },
    hasRetryMs: true,
    hasNoReturn: true,
    exposes: ['Retry-After-Ms', 'X-Should-Retry', 'Request-Id', 'X-Request-Id'],
  }
}

type WritingProvider = Pick<ModelProvider, 'name' | 'errors' | 'endpoint'>

/** Returns the name of the API that a request asks for; nothing for what has no streams. */
function apiOf({ endpoint }: WritingProvider, { exchange: { method, target }, route }: AskedStream): string {
  const mount = route.path.replace(/\/\*$/, '').split('/').length
  const path = `/${target.path.split('/').slice(mount).join('/')}`
  const found = endpoint(method, path, target.query)
  return found?.kind === 'metered' ? found.api.name : ''
}

/** Read by SDKs of OpenAI and Anthropic. They try a 402 once in any case; older ones and their kin may not. */
const NO_RETRY = ['X-Should-Retry', 'false'] as const

/** Gathers what an error of a provider is written from. */
export function errorFacts(refused: RefusedView, refusal: Refusal, members: Members = {}): ErrorFacts {
  return { refused, refusal, members, message: messageOf(refused, refusal) }
}

/** Says why, and what to do: `0.12 USD left; this call reserves 0.25. Top up: https://…`. */
function messageOf({ remedies: [remedy], type }: RefusedView, { amounts, detail, hint }: Refusal): string {
  const why = (amounts && shortageText(amounts, 'call')) ?? detail
  // The documentation of this very reason.
  const href = remedy?.rel === 'help' ? type : remedy?.href
  const what = remedy && `${remedy.title}: ${href}`
  return [why, hint, what].filter((part) => part !== undefined).join(' ')
}
