import type { Mood } from './contract.ts'
import { revealing } from './contract.ts'

/** A billing system over HTTP that keeps what it takes, as `mood` says. `idsIn` reads a post by the test's own reading. */
export function httpBilling(idsIn: (body: string) => string[], secrets: readonly string[]) {
  const at = {
    mood: 'takes' as Mood,
    taken: [] as string[],
    secrets,
    fetch: async (_url: unknown, init?: RequestInit): Promise<Response> => {
      const { mood } = at
      if (mood === 'throws') throw revealing(secrets)
      if (mood === 'fails') return new Response(`no ${secrets.join(' ')}`, { status: 503 })
      const ids = idsIn(typeof init?.body === 'string' ? init.body : '')
      if (mood !== 'takes' && ids.includes(mood.refuses)) {
        return Response.json({ error: { message: `no ${secrets.join(' ')} cus_ann` } }, { status: 400 })
      }
      at.taken.push(...ids)
      return new Response(null, { status: 204 })
    },
  }
  return at
}
