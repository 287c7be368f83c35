import { expect, it } from 'vitest'
import { isEndpointTarget, readTarget } from '../../../src/http/rules/target.ts'
import { READERS } from './readers.ts'
import { type StepName, STEPS } from './steps.ts'
import { hostileTargets } from './targets.ts'

const OWN = /^\/__faregate(?:\/|$)/i

function readBy(steps: readonly StepName[], target: string): string {
  return steps.reduce((read, step) => STEPS[step](read), target)
}

it('No known server reads a target that may reach it as one of the gate’s own endpoints', () => {
  const targets = hostileTargets(['/__faregate/explain', '/__faregate']).map((sent) => sent.split('?', 1)[0] ?? '')
  const reached = targets.filter((sent) => {
    const target = readTarget(sent, '')
    if (!target.ok || isEndpointTarget(target.value)) return false
    return Object.values(READERS).some((steps) => OWN.test(readBy(steps, sent)))
  })
  expect(reached).toEqual([])
  expect(targets.length).toBeGreaterThan(4000)
})
