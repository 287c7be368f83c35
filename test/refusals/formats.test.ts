import { describe, expect } from 'vitest'
import { html } from '../../src/refusals/html.ts'
import { markdown, plainText } from '../../src/refusals/text.ts'
import { problem } from '../../src/refusals/problem.ts'
import { type FormatUnderTest, holdFormatToContract } from './contract.ts'
import { errorObject } from './toy.ts'

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

/** The bodies that JSON clients read. */
function json(body: string): Record<string, unknown> {
  return JSON.parse(body) as Record<string, unknown>
}

/** The tags that the pages have; a script is on one of them alone. */
const TAGS =
  'a article body code footer h1 h2 head header html li main meta nav p script section small strong style title ul'.split(
    ' ',
  )
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

/** What a browser shows of a page, text by text. */
function textsOf(page: string): string[] {
  const tags = Array.from(page.matchAll(/<\/?([a-z][^\s/>]*)/gi), ([, tag = '']) => tag.toLowerCase())
  expect(tags.filter((tag) => !TAGS.includes(tag))).toEqual([])
  expect(page).not.toMatch(/<[^>]*\son\w+=/i)
  const shown = page.replaceAll(/<(style|script)>[\s\S]*?<\/\1>/g, '').split(/<[^>]*>/)
  return shown.map((text) => text.replaceAll(/&(\w+|#39);/g, (whole, name: string) => ENTITIES[name] ?? whole).trim())
}

/** A page says the reason in words, and leads to its explanation. */
function reasonOf(page: string): string {
  return /#([a-z-]+)" rel="help"/.exec(page)?.[1] ?? ''
}

/** Reads lines of text, of which the last names request and reason. */
function linesOf(body: string): { texts: readonly string[]; reason: string; instance: string } {
  const [, instance = '', reason = ''] = /(urn:uuid:\S+) \(\d+ (\S+)\)\n$/.exec(body) ?? []
  return { texts: [body], reason, instance }
}

const FORMATS: readonly (readonly [name: string, format: FormatUnderTest])[] = [
  [
    'problem documents',
    {
      create: problem,
      accepted: {},
      declined: undefined,
      type: 'application/problem+json',
      read(body) {
        const { detail, reason, instance } = json(body)
        return { texts: [String(detail)], reason: String(reason), instance: String(instance) }
      },
    },
  ],
  [
    'pages',
    {
      create: html,
      accepted: { accept: BROWSER },
      declined: { accept: 'application/json, text/html;q=0.9' },
      type: 'text/html; charset=utf-8',
      read(body) {
        const texts = textsOf(body)
        const [instance = ''] = /urn:uuid:\S+/.exec(texts.join('\n')) ?? []
        return { texts, reason: reasonOf(body), instance }
      },
    },
  ],
  [
    'plain text',
    {
      create: plainText,
      accepted: { accept: 'text/plain, */*;q=0.1' },
      declined: { accept: 'text/html, text/plain;q=0.9' },
      type: 'text/plain; charset=utf-8',
      read: linesOf,
    },
  ],
  [
    'markdown',
    {
      create: markdown,
      accepted: { accept: 'text/markdown' },
      declined: { accept: 'application/json, text/markdown' },
      type: 'text/markdown; charset=utf-8',
      read: (body) => linesOf(body.replaceAll(/\\([^\w\s])/g, '$1')),
    },
  ],
  [
    'an SDK’s error object',
    {
      create: errorObject,
      accepted: { 'x-sdk': '1' },
      declined: {},
      type: 'application/json',
      read(body) {
        const { error } = json(body) as { error: { message: string; code: string; request_id: string } }
        return { texts: [error.message], reason: error.code, instance: error.request_id }
      },
      isEnd: (bytes) => /^event: error\ndata: \{.*\}\n\n$/.test(new TextDecoder().decode(bytes)),
    },
  ],
]

describe.each(FORMATS)('%s', (_name, format) => holdFormatToContract(format))
