/**
 * Looks for the sentences of a paid page wherever those who have not paid may find them.
 *
 * A sentence is looked for if it stands in the article, and in no part of what is no secret: the teaser, and what other paid
 * pages or the page of an unknown path have too (menus, forms, notes). So a footer that all pages share is no leak.
 */
import type { Answer, Asker, Credential } from './ask.ts'
import type { Candidate } from './candidate.ts'
import { candidatesAlso, candidatesElsewhere, candidatesOf, distinct } from './candidates.ts'
import { closingOf } from './closing.ts'
import { discover } from './discover.ts'
import { factsOf, type PageFacts } from './facts.ts'
import { type HtmlDocument, readHtml } from './html.ts'
import { articleSentences, distinctive, sentencesIn } from './sentences.ts'
import { textsOf, unseenTexts } from './texts.ts'
import { findSentences, type Found, type Sentence, type Shingles, shinglesOf } from './words.ts'

/** What to look for, and where else. */
export interface LeakSearch {
  readonly page: URL
  /** The article: fetched with a credential, or given. */
  readonly article: { readonly credential: Credential } | { readonly text: string }
  /** Other addresses by which the site may be reached. */
  readonly also: readonly string[]
  /** Whether web archives are asked too. */
  readonly external: boolean
}

/** A place where the article can be read, in part at least, without paying. */
export interface Leak extends Found {
  readonly kind: string
  readonly method: string
  readonly url: string
  /** The fields and the form that the request needs, without those every request has. */
  readonly with?: string
  readonly status: number
  /** A route that closes it, or what else does. */
  readonly closes: string
}

export interface LeakReport {
  /** `unknown` if nothing was found, but not enough could be looked at to say so. */
  readonly outcome: 'leaks' | 'none' | 'unknown'
  /** Why it is unknown. */
  readonly reason?: string
  readonly page: string
  /** The number of sentences looked for. */
  readonly sentences: number
  readonly requests: number
  /** Requests without an answer. */
  readonly failed: number
  /** Requests that were left out, because there were too many. */
  readonly untried: number
  readonly leaks: readonly Leak[]
}

/** Looks for leaks. */
export async function findLeaks(search: LeakSearch, asker: Asker): Promise<LeakReport> {
  const ended = (reason: string): LeakReport => report(search, asker, { outcome: 'unknown', reason })
  const subject = await readSubject(search, asker)
  if (typeof subject === 'string') return ended(subject)
  const { facts, sentences, own } = subject
  const hunt = new Hunt(subject, asker)
  if (own !== undefined) hunt.leaks.push(own)
  const candidates = candidatesOf(facts, phraseOf(sentences))
  const elsewhere = [...candidatesAlso(facts, search.also), ...(search.external ? candidatesElsewhere(facts) : [])]
  await hunt.run([...elsewhere, ...candidates])
  const { leaks, failed, untried, answered } = hunt
  const found = { sentences: sentences.length, failed, untried, leaks }
  if (leaks.length > 0) return report(search, asker, { outcome: 'leaks', ...found })
  if (failed * 4 > answered)
    return report(search, asker, { outcome: 'unknown', reason: `${failed} requests had no answer`, ...found })
  return report(search, asker, { outcome: 'none', ...found })
}

function report(
  { page }: LeakSearch,
  asker: Asker,
  known: Pick<LeakReport, 'outcome'> & Partial<LeakReport>,
): LeakReport {
  return { page: page.href, sentences: 0, requests: asker.asked(), failed: 0, untried: 0, leaks: [], ...known }
}

interface Subject {
  readonly facts: PageFacts
  readonly sentences: readonly Sentence[]
  /** The page's own unpaid answer. */
  readonly unpaid: Shingles
  /** What that answer shows beyond a teaser. */
  readonly own: Leak | undefined
}

/** Returns what to look for, or why that is unknown. */
async function readSubject(search: LeakSearch, asker: Asker): Promise<Subject | string> {
  const { page, article } = search
  const unpaid = await asker.ask({ kind: 'page', url: page.href })
  if (unpaid === undefined) return 'the page was not answered'
  const teaser = documentOf(unpaid)
  const paid =
    'credential' in article ? await asker.ask({ kind: 'page', url: page.href }, article.credential) : undefined
  if ('credential' in article && paid?.status !== 200)
    return `the page was not answered to the credential (${paid?.status ?? 'no answer'})`
  const whole = paid === undefined ? undefined : documentOf(paid)
  const facts = factsOf(
    page,
    [whole, teaser].filter((document) => document !== undefined),
  )
  const all = 'text' in article ? sentencesIn(article.text.split(/\n+/)) : whole ? articleSentences(whole) : []
  const others = await sharedTexts(search, facts, asker)
  // A page that has most of the article is a copy of it: a list, a feed.
  const shared = others.filter((shingles) => distinctive(all, [shingles]).length * 2 >= all.length)
  const sentences = distinctive(all, shared)
  if (sentences.length === 0) return 'the page has no sentences of its own that are long enough to look for'
  return judged(facts, sentences, unpaid, teaser)
}

function documentOf({ contentType, body }: Answer): HtmlDocument | undefined {
  return /html/i.test(contentType) ? readHtml(body) : undefined
}

/** The part of an article that a teaser may show. */
const TEASER_PART = 0.8

/** Sets aside what the teaser shows, and tells what the unpaid answer has beside it. */
function judged(
  facts: PageFacts,
  sentences: readonly Sentence[],
  unpaid: Answer,
  teaser: HtmlDocument | undefined,
): Subject | string {
  const texts = textsOf(unpaid.body, unpaid.contentType)
  const seen = shinglesOf(teaser ? teaser.blocks.map(({ text }) => text) : texts)
  const secret = distinctive(sentences, [seen])
  const subject = { facts, unpaid: shinglesOf([...texts, ...unseenTexts(teaser?.unseen ?? [])]) }
  const told = (found: Found | undefined): Leak | undefined =>
    found && leakOf({ kind: 'page', url: facts.page.href }, facts.page, unpaid.status, found)
  if (sentences.length - secret.length >= TEASER_PART * sentences.length) {
    if (unpaid.status < 300) return 'the page is not paid: without a credential it shows the same text'
    return { ...subject, sentences, own: told(findSentences(sentences, seen)) }
  }
  return { ...subject, sentences: secret, own: told(findSentences(secret, subject.unpaid)) }
}

const MOST_SIBLINGS = 2
const MOST_TRIES = 8

/** Returns the texts of other paid pages beside this one, and of the page of an unknown path. */
async function sharedTexts({ article, page }: LeakSearch, facts: PageFacts, asker: Asker): Promise<Shingles[]> {
  const found: Shingles[] = []
  const missing = await asker.ask({ kind: 'page', url: new URL('/no-such-page-of-faregate-leaks', page).href })
  if (missing?.status === 404) found.push(shinglesOf(textsOf(missing.body, missing.contentType)))
  if (!('credential' in article)) return found
  let siblings = 0
  for (const url of facts.siblings.slice(0, MOST_TRIES)) {
    if (siblings === MOST_SIBLINGS) break
    const unpaid = await asker.ask({ kind: 'page', url })
    if (unpaid === undefined || ![401, 402, 403].includes(unpaid.status)) continue
    const paid = await asker.ask({ kind: 'page', url }, article.credential)
    if (paid?.status !== 200) continue
    siblings += 1
    found.push(shinglesOf(textsOf(paid.body, paid.contentType)))
  }
  return found
}

/** Returns a few words of the article for a search. */
function phraseOf(sentences: readonly Sentence[]): string {
  const chosen = sentences.find(({ text }) => !/['’‘"“”«»]/.test(text)) ?? sentences[0]
  return chosen === undefined ? '' : chosen.words.slice(0, 6).join(' ')
}

const STRANDS = 2
/** Answers that tell nothing of what the site would answer. */
const FAILURES: ReadonlySet<number> = new Set([429, 500, 502, 503, 504])

class Hunt {
  readonly leaks: Leak[] = []
  failed = 0
  answered = 0
  untried = 0
  readonly #subject: Subject
  readonly #asker: Asker

  constructor(subject: Subject, asker: Asker) {
    this.#subject = subject
    this.#asker = asker
  }

  /** Asks for all candidates, and for what their answers name. */
  async run(candidates: readonly Candidate[]): Promise<void> {
    const queue = distinct(candidates)
    const known = new Set(queue.map(({ url }) => url))
    const strand = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        if (this.#asker.isSpent()) {
          this.untried += 1
          continue
        }
        for (const more of await this.#look(next)) {
          if (known.has(more.url)) continue
          known.add(more.url)
          queue.push(more)
        }
      }
    }
    await Promise.all(Array.from({ length: STRANDS }, strand))
    // Two strands find in any order; the likeliest place is told first.
    const order = [...known]
    this.leaks.sort((one, other) => order.indexOf(one.url) - order.indexOf(other.url))
  }

  async #look(candidate: Candidate): Promise<readonly Candidate[]> {
    const answer = await this.#asker.ask(candidate)
    if (answer === undefined || FAILURES.has(answer.status)) {
      this.failed += 1
      return []
    }
    this.answered += 1
    const found = findSentences(
      this.#lookedFor(candidate),
      shinglesOf([textsOf(answer.body, answer.contentType).join('\n')]),
    )
    if (found !== undefined) this.leaks.push(leakOf(candidate, this.#subject.facts.page, answer.status, found))
    return answer.status < 300 ? discover(candidate, answer.body) : []
  }

  /** Leaves out what the answer may only repeat, and what the page shows by itself. */
  #lookedFor({ url, echoes }: Candidate): readonly Sentence[] {
    const { facts, sentences, unpaid } = this.#subject
    const isPage = new URL(url).pathname === facts.page.pathname
    return distinctive(sentences, [
      ...(echoes === undefined ? [] : [shinglesOf([echoes])]),
      ...(isPage ? [unpaid] : []),
    ])
  }
}

function leakOf(candidate: Candidate, page: URL, status: number, found: Found): Leak {
  const { kind, url, method = 'GET', headers = {}, body } = candidate
  const fields = Object.entries(headers).filter(([name]) => name !== 'content-type')
  const needs = [
    ...fields.map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined || body === '' ? [] : [body]),
  ]
  return {
    kind,
    method,
    url,
    ...(needs.length > 0 && { with: needs.join(', ') }),
    status,
    ...found,
    closes: closingOf(candidate, page),
  }
}
