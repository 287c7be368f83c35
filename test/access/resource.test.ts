import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileResource, coversTarget } from '../../src/access/resource.ts'
import { compilePattern } from '../../src/http/rules/pattern.ts'
import { readTarget } from '../../src/http/rules/target.ts'

function covers(pattern: string, sent: string): boolean | undefined {
  const resource = compileResource(pattern)
  const target = readTarget(sent, '')
  return resource === undefined || !target.ok ? undefined : coversTarget(resource, target.value)
}

function spelt(path: string): string {
  const target = readTarget(path, '')
  return target.ok ? target.value.path : path
}

describe('the resource of a receipt', () => {
  it.each([
    ['/*', '/anything'],
    ['/*', '/Any/thing.pdf;x=%2f'],
    ['/reports/*', '/reports'],
    ['/reports/*', '/reports/'],
    ['/reports/*', '/reports/1'],
    ['/reports/*', '/reports/Q3.pdf'],
    ['/reports/*', '/reports/a/b.tar.gz'],
    ['/reports/*', '/reports/%63af%c3%a9'],
    ['/reports/1', '/reports/1'],
    ['/reports/1', '/reports/1/'],
    ['/reports/q3.pdf', '/reports/q3.pdf'],
    ['/reports/Q3.pdf', '/reports/Q3.pdf'],
    ['/reports/q3.pdf', '/reports/./%713.pdf'],
    ['/Reports/*', '/Reports/Q3'],
    ['/a/*/c', '/a/b/c'],
    ['/caf%C3%A9', '/café'],
    ['/café', '/caf%c3%a9'],
    ['/café/*', '/caf%C3%A9/menu-1'],
    ['/日本/が/*', '/日本/が/1'],
    ['/reports/2026:q3', '/reports/2026:q3'],
  ])('%s covers %s', (pattern, sent) => {
    expect(covers(pattern, sent)).toBe(true)
  })

  it.each([
    ['/reports/*', '/'],
    ['/reports/*', '/report'],
    ['/reports/*', '/reportsx'],
    ['/reports/*', '/reports.pdf'],
    ['/reports/*', '/REPORTS/1'],
    ['/reports/*', '/reports/../secret'],
    ['/reports/*', '/reports/..%2fsecret'],
    ['/reports/*', '/reports/%252e%252e/secret'],
    ['/reports/*', '/reports/..;/secret'],
    ['/reports/*', '/reports/..%5csecret'],
    ['/reports/*', '/reports/．．/secret'],
    ['/reports/*', '//reports/1'],
    ['/reports/*', '/secret/..%2freports/1'],
    ['/reports/*', '/reports;/1'],
    ['/reports/*', '/reports//..'],
    ['/reports/q3.pdf', '/reports//../q3.pdf'],
    ['/reports/1', '/reports/2'],
    ['/reports/1', '/reports/1/2'],
    ['/reports/1', '/reports/1.pdf'],
    ['/reports/q3.pdf', '/reports/q3'],
    ['/reports/q3.pdf', '/reports/q3.pdf.bak'],
    ['/reports/q3.pdf', '/reports/Q3.pdf'],
    ['/reports/q3.pdf', '/reports/q3.pdf;x'],
    ['/reports/q3.pdf', '/reports/q3.pdf%20'],
    ['/café/*', '/cafe/1'],
    ['/café/*', '/café/..%2fcafe/1'],
    ['/café/*', '/café/a.b'],
    ['/a/*/c', '/a/b/d'],
    ['/a/*/c', '/a/b/x/c'],
    ['/a/*/c', '/a/b%2fx/c'],
  ])('%s does not cover %s', (pattern, sent) => {
    expect(covers(pattern, sent)).toBe(false)
  })

  it.each([
    '',
    '*',
    'reports',
    'https://news.example/reports/*',
    '//reports',
    '/a//b',
    '/a*',
    '/a/**',
    '/a?b',
    '/a#b',
    '/a;b',
    '/a b',
    '/a\\b',
    '/a/../b',
    '/a/%2e%2e/b',
    '/.',
    '/a%2fb',
    '/a%zz',
    '/a%',
    '/%ff',
    '/%25',
    '/\ud800',
    '/__faregate/*',
    `/${'a'.repeat(1024)}`,
  ])('%j is none', (pattern) => {
    expect(compileResource(pattern)).toBeUndefined()
  })

  const piece = fc.constantFrom(
    'reports',
    'REPORTS',
    'secret',
    'q3.pdf',
    '..',
    '.',
    '%2e%2e',
    '%2f',
    '%5c',
    ';x',
    'café',
    'cafe',
    '%20',
    ':s',
    '//',
    '/',
    '/',
    '/',
    '%252f',
    'ı',
    '．．',
    'index.php',
  )
  const pattern = fc.constantFrom('/reports/*', '/reports/q3.pdf', '/café/*', '/*/q3.pdf', '/REPORTS/*', '/index.php/*')
  const begun = fc.tuple(pattern, fc.boolean(), fc.array(piece, { maxLength: 6 }))
  const asked = begun.map(([text, isNear, pieces]): [string, string] => [
    text,
    `${isNear ? text.replace(/\/\*/g, '/x') : '/'}${pieces.join('')}`,
  ])

  it('covers a target only if it matches every reading, or the target is spelt as it was sold', () => {
    let covered = 0
    fc.assert(
      fc.property(asked, ([text, path]) => {
        if (covers(text, path) !== true) return
        covered++
        const target = readTarget(path, '')
        if (!target.ok) throw new Error('unreachable')
        const { exact } = compilePattern(text)
        const interpretations = [target.value.path, ...target.value.interpretations.map((reading) => reading.path)]
        if (interpretations.every((reading) => exact.test(reading))) return
        const again = readTarget(target.value.path, '')
        const own = new Set(again.ok ? again.value.interpretations.map((reading) => spelt(reading.path)) : [])
        expect(interpretations.every((reading) => exact.test(reading) || own.has(spelt(reading)))).toBe(true)
        const canonical = readTarget(text.replace(/\/\*$/, ''), '')
        const sold = canonical.ok ? canonical.value.path : ''
        expect(target.value.path.startsWith(sold)).toBe(true)
        // What follows has one reading, so that only what was sold is read in several ways.
        expect(target.value.path.slice(sold.length)).toMatch(/^(?:\/[a-z0-9_~-]+)*\/?$/)
      }),
      { numRuns: 5000 },
    )
    expect(covered).toBeGreaterThan(50)
  })
})
