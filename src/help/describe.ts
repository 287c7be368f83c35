import { type Reason, REASONS } from '../core/problem.ts'
import type { Pages } from '../pages/pages.ts'
import { wordsOf } from '../pages/words.ts'
import { curlFor } from './curl.ts'
import { HELP_WORDS } from './words.ts'
import type { GroupName } from './words/en.ts'

/** A reason of a refusal, explained. */
export interface ExplainedProblem {
  readonly reason: Reason
  readonly status: number
  readonly title: string
  readonly cause: string
  readonly cure: string
  /** A line for a shell with the variables `URL` and `PROOF`. */
  readonly curl: string
}

/** Who reads the help page. */
export interface HelpReader {
  readonly pages: Pages
  readonly language: string
}

/** Explains all reasons, in their order. */
export function describeProblems({ pages, language }: HelpReader): readonly ExplainedProblem[] {
  const { problemTitles, causes, cures } = wordsOf(HELP_WORDS, pages, language)
  return (Object.keys(REASONS) as Reason[]).map((reason) => ({
    reason,
    status: REASONS[reason].status,
    title: problemTitles[reason],
    cause: causes[reason],
    cure: cures[reason],
    curl: curlFor(reason),
  }))
}

/** The parts of the page, in their order. What the request itself is at fault for is the rest. */
export const PROBLEM_GROUPS = [
  'access',
  'account',
  'payment',
  'request',
  'site',
] as const satisfies readonly GroupName[]

const GROUPS: Readonly<Partial<Record<Reason, GroupName>>> = {
  'payment-required': 'access',
  'not-for-sale': 'access',
  'not-found': 'access',
  'prefetch-declined': 'access',
  'subscription-inactive': 'account',
  'payment-declined': 'account',
  'credit-insufficient': 'account',
  'entitlement-insufficient': 'account',
  'usage-limit-reached': 'account',
  'too-many-requests': 'account',
  'security-hold': 'account',
  'payment-spent': 'payment',
  'payment-insufficient': 'payment',
  'settlement-unknown': 'payment',
}

/** Returns the part of the page that a reason is in. */
export function groupOf({ reason, status }: Pick<ExplainedProblem, 'reason' | 'status'>): GroupName {
  return GROUPS[reason] ?? (reason.startsWith('credential-') ? 'access' : status >= 500 ? 'site' : 'request')
}
