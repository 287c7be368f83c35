import type { RefusalFormat } from './format.ts'

/**
 * The problem document (RFC 9457), for programs. It answers whoever no other format of the zone accepts, so no configuration
 * names it.
 */
export function problem(): RefusalFormat {
  return {
    name: 'problem',
    accepts: () => true,
    write: (refused, _refusal, members) => ({
      fields: [['Content-Type', 'application/problem+json']],
      // The facts stay what they are, whatever members a rail has; they are named twice to come first.
      body: JSON.stringify({ ...refused, ...members, ...refused }),
    }),
  }
}
