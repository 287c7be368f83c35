import type { RefusalFormat } from './format.ts'

/**
 * Writes the problem document (RFC 9457), for programs. Answers every exchange without another accepting format, so
 * configurations do not name it.
 */
export function problem(): RefusalFormat {
  return {
    name: 'problem',
    accepts: () => true,
    write: (refused, _refusal, members) => ({
      fields: [['Content-Type', 'application/problem+json']],
      // Facts come first, and no rail's member replaces one: hence the same object twice.
      body: JSON.stringify({ ...refused, ...members, ...refused }),
    }),
  }
}
