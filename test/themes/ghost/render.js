/** Prints, as JSON, articles as Ghost writes them with each of its themes to a member who pays. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VERSION } from './home.js'
import { POSTS } from './posts.js'
import { remove, startGhost } from './site.js'

const folder = mkdtempSync(join(tmpdir(), 'faregate-ghost-'))
process.on('exit', () => remove(folder))

const site = await startGhost(folder)
await site.setUp()
for (const { post } of POSTS) await site.publish(post)
const cookie = await site.member()
const pages = []
for (const theme of ['casper', 'source']) {
  await site.useTheme(theme)
  for (const { kind, post } of POSTS) {
    const { status, text: html } = await site.ask('GET', `/${post.slug}/`, { cookie })
    if (status !== 200) throw new Error(`${theme} answers ${status} for ${kind}`)
    pages.push({ name: `${theme} on Ghost ${VERSION}: ${kind}`, theme, kind, article: '.gh-content', html })
  }
}
process.stdout.write(JSON.stringify(pages), () => process.exit(0))
