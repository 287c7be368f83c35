import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readPage, root } from './markdown.ts'

it('the page on a backend of one\u2019s own shows the file that the demo runs, whose two endpoints are sixty lines', () => {
  const source = readFileSync(join(root, 'demo/authorize.ts'), 'utf8')
  const { blocks } = readPage('docs/login/own-backend.md')
  expect(blocks.map(({ text }) => text)).toContain(source)
  const bodies = source.match(/^(?:async )?function (?:authorize|token)<[\s\S]*?^}$/gm) ?? []
  expect(bodies).toHaveLength(2)
  expect(bodies.join('\n').split('\n').length).toBeLessThanOrEqual(60)
})
