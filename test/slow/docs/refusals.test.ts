import { describe, expect, it } from 'vitest'
import { REASONS } from '../../../src/core/problem.ts'
import { readPage } from './markdown.ts'

const page = readPage('docs/refusals.md')
const reasons = Object.entries(REASONS)

/** What the page says first of a reason. */
function opening(reason: string): string {
  const [, section = ''] = page.prose.split(`\n### \`${reason}\`\n`)
  return section.trimStart().split('\n')[0] ?? ''
}

describe('docs/refusals.md', () => {
  it('has one anchor for each reason of a refusal, and no other at that level', () => {
    const anchors = page.headings.filter(({ level }) => level === 3).map(({ anchor }) => anchor)
    expect(anchors.toSorted()).toEqual(reasons.map(([reason]) => reason).toSorted())
  })

  it.each(reasons)('says the status, the title and the remedies of %s', (reason, { status, title, remedies }) => {
    const [, shownStatus, shownTitle, rest = ''] = /^\*\*(\d{3})\*\* ([^.]+)\.(.*)$/.exec(opening(reason)) ?? []
    expect([Number(shownStatus), shownTitle]).toEqual([status, title])
    const shown = Array.from(rest.matchAll(/`(\w+)`/g), ([, name]) => name)
    expect(shown).toEqual(remedies.map(([name]) => name))
  })

  it('lists every reason in its table, with its status', () => {
    const rows = Array.from(page.prose.matchAll(/^\| (\d{3}) \| (.+?) \|/gm), ([, status, cell = '']) =>
      Array.from(cell.matchAll(/`([a-z-]+)`/g), ([, reason]) => `${reason} ${status}`),
    ).flat()
    expect(rows.toSorted()).toEqual(reasons.map(([reason, { status }]) => `${reason} ${status}`).toSorted())
  })
})
