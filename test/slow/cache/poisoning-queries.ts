import { type Attack, MARK } from './poisoning-requests.ts'

/** Spellings of parameters that a route ignores: the gate drops them, whoever might read them. */
export function ignored(): readonly string[] {
  const names = [
    'utm_source',
    'utm_',
    'fbclid',
    '%75tm_source',
    'utm%5fsource',
    '%66%62%63%6c%69%64',
    'utm_source[]',
    'utm_%73ource',
    'utm_source%00',
    'utm_a.b',
    'utm_a%26id',
    'utm_;id',
  ]
  const values = [
    `=${MARK}`,
    `=1;id=${MARK}`,
    `=1;b=${MARK}`,
    `=%26id=${MARK}`,
    `=%3bid=${MARK}`,
    `=1%23${MARK}`,
    `=?id=${MARK}`,
    `==${MARK}`,
    `=${MARK};`,
    `=a%00${MARK}`,
    `[id]=${MARK}`,
  ]
  return names
    .flatMap((name) =>
      values.flatMap((value) => (name === 'fbclid' && value.startsWith('[') ? [] : [`${name}${value}`])),
    )
    .filter((query) => !/^%66.*\[/.test(query))
}

/** Queries that some server reads as another value of `id`, beside the ones that the route knows. */
function others(): string[] {
  const evil = `id=${MARK}`
  return [
    evil,
    `ID=${MARK}`,
    `Id=${MARK}`,
    `%69d=${MARK}`,
    `i%64=${MARK}`,
    `id[]=${MARK}`,
    `id%5b%5d=${MARK}`,
    `id.x=${MARK}`,
    `id%00=${MARK}`,
    `+id=${MARK}`,
    `%20id=${MARK}`,
    `id+=${MARK}`,
    `id%20=${MARK}`,
    `;${evil}`,
    `a;${evil}`,
    `&${evil}`,
    `&&${evil}`,
    `=${evil}`,
    `a=1&${evil}`,
    `a=1%26${evil}`,
    `%26${evil}`,
    `a%3d1;${evil}`,
    `callback=${MARK}`,
    `jsonp=${MARK}`,
    `_format=${MARK}`,
    `__amp_source=${MARK}`,
    `?${evil}`,
    `a?${evil}`,
    `a/../${evil}`,
    `%zz=1&${evil}`,
    `i%64%=${MARK}`,
    `%u0069d=${MARK}`,
    `id:${MARK}`,
    `id==${MARK}`,
    `id|=${MARK}`,
    `\u{ff49}d=${MARK}`,
  ]
}

/** Each asks for the plain page, or for the one with this query, and something with it. */
export function cloaked(query = ''): readonly Attack[] {
  const tails = [...ignored(), ...others()]
  return tails.flatMap((tail) => {
    const behind = query === '' ? `?${tail}` : `${query}&${tail}`
    const before = query === '' ? `?${tail}&` : `?${tail}&${query.slice(1)}`
    return [behind, before].map((written) => ({
      by: `the query ${written}`,
      target: (plain: string) => `${plain}${written}`,
    }))
  })
}
