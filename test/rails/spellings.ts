type Sent = (credential: string) => readonly [name: string, value: string]
type Fields = readonly (readonly [name: string, value: string])[]

const STEP = 7

/** The credential with one character changed, in places all over it. */
export function tampered(credential: string): string[] {
  const changed: string[] = []
  for (let at = 0; at < credential.length; at += STEP) {
    const other = credential[at] === 'A' ? 'B' : 'A'
    changed.push(`${credential.slice(0, at)}${other}${credential.slice(at + 1)}`)
  }
  return changed
}

/** Ways to send a credential, or what looks like one, that no client has a reason for. */
export function hostileSpellings(good: string, sent: Sent): Fields[] {
  const values = [
    ['', '.', '..', '=', '{}', 'null', 'W10', 'bnVsbA', 'e30', 'e30.e30.e30', '""', '%00', '\u00e9\u00ff'],
    [`${good}=`, `${good}A`, `"${good}"`, `'${good}'`, `${good} ${good}`, `${good},`, `,${good}`, `${good}, ${good}`],
    [`${good};x=1`, `x=${good}`, `${good}.${good}`, `Bearer ${good}`, `${good}%3D`, good.toUpperCase()],
    [good.slice(0, -1), good.slice(1), good.slice(0, good.length / 2), good.split('').reverse().join('')],
    ['x'.repeat(9000), `${good}${'A'.repeat(9000)}`, btoa('[1]'), btoa('{"__proto__":{"mac":"x"}}')],
  ].flat()
  // In `Cookie` that is a cookie beside it, as any browser may send.
  const isCookie = sent(good)[0].toLowerCase() === 'cookie'
  const hostile = isCookie ? values.filter((value) => value !== `${good};x=1`) : values
  return [...hostile.map((value) => [sent(value)]), [sent(good), sent(good)], [sent(good), sent('x')]]
}
