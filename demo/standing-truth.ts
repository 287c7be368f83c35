/** How an account stands: what its requests are answered. */
export type State = 'active' | 'past-due' | 'revoked' | 'held'

/** What is answered to an account of that state: a status, or the reason of a refusal. */
const answers: Record<State, string> = {
  active: '200',
  'past-due': 'payment-declined',
  revoked: 'subscription-inactive',
  held: 'security-hold',
}

/** One change: in force for certain when it was acknowledged, and perhaps from when it was sent. In milliseconds. */
export type Change = { readonly state: State; readonly sentAt: number; acknowledgedAt: number }

/** What became of one account, in order. */
export type History = Change[]

export function newHistory(): History {
  return [{ state: 'active', sentAt: Number.NEGATIVE_INFINITY, acknowledgedAt: Number.NEGATIVE_INFINITY }]
}

/** What each account becomes: of ten, six are past due, one pays again, one is revoked, one held, and one is let go again. */
export function planOf(index: number): readonly State[] {
  const plans: readonly (readonly State[])[] = [
    ['past-due'],
    ['past-due'],
    ['past-due'],
    ['past-due', 'active'],
    ['past-due'],
    ['revoked'],
    ['past-due'],
    ['held'],
    ['past-due'],
    ['held', 'active'],
  ]
  return plans[index % plans.length] ?? ['past-due']
}

export type Asked = { readonly sentAt: number; readonly answeredAt: number; readonly answer: string }

/**
 * `right`: what was true throughout. `old`: what was true before, within the bound after it changed. `new`: what was sent,
 * and not acknowledged yet. `wrong`: nothing of that. `boundMs` is how long the old answer may still be given.
 */
export function judge(history: History, { sentAt, answeredAt, answer }: Asked, boundMs: number): Verdict {
  const since = (ms: number): number => history.findLastIndex(({ acknowledgedAt }) => acknowledgedAt <= sentAt - ms)
  const [certain, oldest] = [since(0), since(boundMs)]
  const is = (from: number, to: number): boolean =>
    history.slice(from, to).some(({ state, sentAt: at }) => answers[state] === answer && at <= answeredAt)
  if (is(certain, certain + 1)) return 'right'
  if (is(certain + 1, history.length)) return 'new'
  return is(oldest, certain) ? 'old' : 'wrong'
}

export type Verdict = 'right' | 'new' | 'old' | 'wrong'
