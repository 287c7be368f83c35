/**
 * The holds of a day in one zone. They bound our own mistakes: when a cause that we have not thought of makes many accounts
 * look alike, five are held and an operator is called. Hard facts neither need nor use up any of it, so that nobody can
 * empty it with throwaway accounts and then do as they please. It is one number for a zone: its bulletin keeps it.
 */
import { type Finding, isHard } from './finding.ts'

const DAY_LENGTH = 86_400

export interface HoldBudget {
  day: number
  holds: number
}

/** `isGranted`: the hold may be. `isAlert`: it is the first of the day that may not, so an operator is to be called. */
export interface HoldGrant {
  readonly isGranted: boolean
  readonly isAlert: boolean
}

export function beginBudget(): HoldBudget {
  return { day: 0, holds: 0 }
}

/** Takes a hold from the day's budget. */
export function takeHold(
  budget: HoldBudget,
  finding: Pick<Finding, 'step' | 'evidence' | 'time'>,
  perDay: number,
): HoldGrant {
  if (finding.step !== 'hold' || isHard(finding)) return { isGranted: true, isAlert: false }
  const day = Math.floor(finding.time / DAY_LENGTH)
  if (day > budget.day) Object.assign(budget, { day, holds: 0 })
  budget.holds = Math.min(budget.holds + 1, perDay + 2)
  return { isGranted: budget.holds <= perDay, isAlert: budget.holds === perDay + 1 }
}
