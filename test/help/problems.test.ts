import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { promisify } from 'node:util'
import { expect, it, describe } from 'vitest'
import { REASONS } from '../../src/core/problem.ts'
import { createGate } from '../../src/gate.ts'
import { curlFor } from '../../src/help/curl.ts'
import { HELP_WORDS } from '../../src/help/words.ts'
import { html } from '../../src/index.ts'
import { ok } from '../../src/core/result.ts'
import { web } from '../../src/platform/web/index.ts'
import { open, shut } from '../../tools/loopback.ts'
import { PROGRAMMERS_WORDS } from '../browser/axe.ts'
import { EVERY_REASON } from '../refusals/newspaper.ts'
import { compiled, faultsOf, ZONE } from '../support/compiled.ts'

const { remedies: _none, ...BARE } = ZONE
const ROUTES = [{ path: '/articles/*', requires: 'premium' }]

function ask(path: string, accept: string, language = 'en', zone: object = {}): Promise<Response> {
  const config = { zones: [{ ...BARE, routes: ROUTES, refusals: [html()], ...zone }] }
  const gate = createGate(ok(compiled(config)), { ...web({}), log: () => undefined })
  const headers = { accept, 'accept-language': language }
  const upstream = { origin: () => Promise.reject(new Error('nobody asks')), purge: async () => false }
  const answer = gate.answer(new Request(`https://a.test${path}`, { headers }), upstream, () => undefined)
  return Promise.resolve(answer)
}

const PAGE = '/__faregate/problems'

describe('the help page', () => {
  it('is where problem documents lead, if the configuration names no other page', async () => {
    expect(faultsOf({ zones: [{ ...BARE, routes: ROUTES }] })).toEqual([])
    const refused: unknown = await (await ask('/articles/1', 'application/json')).json()
    expect(refused).toMatchObject({ type: `https://a.test${PAGE}#payment-required` })
    const page = await (await ask('/articles/1', 'text/html')).text()
    expect(page).toContain(`href="https://a.test${PAGE}#payment-required"`)
  })

  it('is not where they lead, if the configuration names another one', async () => {
    const zone = { remedies: { documentation: 'https://help.test/why' } }
    const refused: unknown = await (await ask('/articles/1', 'application/json', 'en', zone)).json()
    expect(refused).toMatchObject({ type: 'https://help.test/why#payment-required' })
  })

  it.each(['en', 'de'])(
    'has an anchor, a cause and a cure for each reason, in the language of the reader: %s',
    async (language) => {
      const response = await ask(PAGE, 'text/html', language)
      expect([response.status, response.headers.get('content-language')]).toEqual([200, language])
      const text = await response.text()
      expect(text).toContain(`<html lang="${language}"`)
      for (const reason of EVERY_REASON) expect(text.split(`<section id="${reason}">`)).toHaveLength(2)
      expect(text.length).toBeLessThan(28 * 1024)
    },
  )

  it('says the same to programs, as JSON and as text', async () => {
    const { problems } = (await (await ask(PAGE, '*/*')).json()) as { problems: readonly Record<string, unknown>[] }
    expect(problems.map(({ reason }) => reason)).toEqual(EVERY_REASON)
    for (const { type, reason, status } of problems) {
      expect(type).toBe(`https://a.test${PAGE}#${String(reason)}`)
      expect(status).toBe(REASONS[reason as keyof typeof REASONS].status)
    }
    const text = await (await ask(PAGE, 'text/plain')).text()
    for (const { title, cause, cure, curl } of problems)
      for (const part of [title, cause, cure, curl]) expect(text).toContain(part)
  })

  it('takes texts of the operator', async () => {
    const zone = { pages: { texts: { en: { cures: { 'payment-required': 'Ask Anna at the desk.' } } } } }
    expect(await (await ask(PAGE, 'text/html', 'en', zone)).text()).toContain('Ask Anna at the desk.')
  })

  it('speaks to readers in their words, and in its own words to each of them', () => {
    for (const { problems, problemTitles, causes, cures } of [HELP_WORDS.en, HELP_WORDS['de'] ?? HELP_WORDS.en])
      for (const group of [problems, problemTitles, causes, cures])
        for (const text of Object.values(group)) expect(text).not.toMatch(PROGRAMMERS_WORDS)
  })
})

describe('the line for a shell', () => {
  it.each(EVERY_REASON)('of %s asks the URL once, with the proof of access', async (reason) => {
    const asked: (string | undefined)[] = []
    const server = createServer((request, response) => {
      asked.push(request.headers.authorization)
      request.resume().on('end', () => response.end('{}'))
    })
    const URL_OF_PAGE = `${await open(server)}/articles/1`
    const env = { ...process.env, URL: URL_OF_PAGE, PROOF: 'what-i-got' }
    await promisify(execFile)('sh', ['-c', curlFor(reason)], { env })
    await shut(server)
    expect(asked).toHaveLength(1)
    if (curlFor(reason).includes('PROOF')) expect(asked).toEqual(['Bearer what-i-got'])
  })
})
