import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { analyse } from 'scslre'
import { describe, expect, it } from 'vitest'
import { parseAst } from 'vitest/node'
import { compilePattern } from '../../../src/http/rules/pattern.ts'

const src = join(import.meta.dirname, '../../../src')

interface Pattern {
  readonly file: string
  readonly source: string
  readonly flags: string
}

const patterns = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => patternsIn(parseAst(readFileSync(join(src, file), 'utf8'), { lang: 'ts' }), file))

/** Every regular expression that is written out below a node of the syntax tree. */
function patternsIn(node: unknown, file: string): Pattern[] {
  if (typeof node !== 'object' || node === null) return []
  const below = Object.values(node).flatMap((child) => patternsIn(child, file))
  const { regex } = node as { regex?: { pattern: string; flags: string } }
  return regex === undefined ? below : [{ file, source: regex.pattern, flags: regex.flags }, ...below]
}

/** Where a text of some form takes the engine more steps than in proportion to its length (ReDoS). */
function slow(source: string, flags: string): string[] {
  return analyse({ source, flags }).reports.map(({ type }) => `/${source}/${flags}: ${type}`)
}

describe('A regular expression', () => {
  it('is recognised as quadratic where it is', () => {
    expect(
      [slow('[\\s+]+$', ''), slow('^(?:a+)+$', ''), slow('a+\\s*a+!', '')].map(({ length }) => length > 0),
    ).toEqual([true, true, true])
  })

  it('is linear wherever one is written out', () => {
    expect(patterns.length).toBeGreaterThan(100)
    expect(
      patterns.flatMap(({ file, source, flags }) => slow(source, flags).map((report) => `${file} ${report}`)),
    ).toEqual([])
  })

  it.each(['/a/*', '/a/*/b/*', '/*/*/*/c', '/é/*/d.e', '/*'])('that a route makes of %s is linear', (path) => {
    const { exact, folded } = compilePattern(path)
    expect([exact, folded].flatMap(({ source, flags }) => slow(source, flags))).toEqual([])
  })
})
