import { slot } from '../core/template.ts'
import { languageOf } from '../pages/language.ts'
import type { RefusalFormat } from './format.ts'

/**
 * Writes the problem document (RFC 9457), for programs. Answers every exchange without another accepting format, so
 * configurations do not name it.
 */
export function problem(): RefusalFormat {
  return {
    name: 'problem',
    accepts: () => true,
    languageOf: ({ fields }, { offers, pages }) => (offers.size === 0 ? '' : languageOf(fields, pages)),
    write: (refused, _refusal, members) => ({
      fields: [['Content-Type', 'application/problem+json']],
      // Facts come first, and no rail's member replaces one: hence the same object twice. The facts of the page end it.
      body: JSON.stringify({ ...refused, ...members, ...refused }).replace(/\}$/, () => `${slot(4)}}`),
    }),
    article: (article) => [article === undefined ? '' : `,"article":${JSON.stringify(article)}`],
  }
}
