/**
 * The help page: every reason of a refusal, why it happens, and what ends it.
 *
 * Each problem document and each page of a refusal names a URL that explains its reason. Operators have no such page at first,
 * so the gate has one, for people and for programs. It tells nothing of any reader, and is the same for all.
 */
import { ok } from '../core/result.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { type EndpointFactory, READ } from '../endpoints/endpoint.ts'
import { prefersHtml, prefersType } from '../http/accept.ts'
import { languageOf } from '../pages/language.ts'
import { pagePolicyOf } from '../pages/page.ts'
import { NOT_STORED } from '../refusals/endpointproblem.ts'
import type { Zone } from '../zone.ts'
import { describeProblems } from './describe.ts'
import { helpPage, helpText } from './page.ts'
import { HELP_WORDS } from './words.ts'

/**
 * `GET /__faregate/problems`: explains each reason of a refusal, as a page, as JSON or as plain text. Every gate has it: it is
 * where the `type` of a problem leads if `remedies.documentation` names no other page.
 */
export function problems(): EndpointFactory {
  return {
    path: 'problems',
    words: HELP_WORDS.en,
    create: () => ({
      methods: READ,
      expose: (answer) => answer.set('access-control-allow-origin', '*'),
      answer: async ({ exchange, site }) => ok(answer(exchange, site.zone)),
    }),
  }
}

function answer(exchange: Exchange, { pages, name }: Zone): Response {
  const accept = exchange.fields.get('accept')
  const language = languageOf(exchange.fields, pages)
  const fields = { ...NOT_STORED, 'content-language': language, vary: 'Accept, Accept-Language' }
  const all = { pages, language }
  if (prefersHtml(accept)) {
    const policy = { 'referrer-policy': 'same-origin', 'content-security-policy': pagePolicyOf(pages) }
    return new Response(helpPage(all), {
      headers: { ...fields, ...policy, 'content-type': 'text/html; charset=utf-8' },
    })
  }
  if (prefersType(accept, 'text/plain'))
    return new Response(helpText(all), { headers: { ...fields, 'content-type': 'text/plain; charset=utf-8' } })
  const described = describeProblems(all).map((one) => ({
    type: `${exchange.origin}${exchange.target.path}#${one.reason}`,
    ...one,
  }))
  return Response.json({ zone: name, problems: described }, { headers: fields })
}
