import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { folder, vectorFiles } from '../../../tools/vectors.ts'

it('the vectors are those that `npm run vectors` writes', async () => {
  const files = await vectorFiles()
  expect(
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .toSorted(),
  ).toEqual([...files.keys()].toSorted())
  for (const [name, text] of files) expect(readFileSync(join(folder, name), 'utf8'), name).toBe(text)
})
