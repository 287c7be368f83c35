import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AnswerChange,
  answersEnd,
  dropEnded,
  findAnswer,
  keepAnswer,
  type KeptAnswer,
} from '../../../src/ledger/rules/answers.ts'
import { MemoryAnswers } from '../../../src/platform/memory/answers.ts'
import { DAY, HOUR } from './pureledger.ts'

const MIB = 1024 * 1024

const answerOf = (bytes: number): KeptAnswer => ({ status: 200, fields: [], body: new Uint8Array(bytes) })

/** Answers without a store. */
class PureAnswers extends MemoryAnswers {
  readonly changes: AnswerChange[] = []

  constructor() {
    super(new Map(), () => undefined)
  }

  keep(charge: string, bytes: number, now: number): void {
    const changes = keepAnswer(this, { charge, purpose: 'replay', keepMs: DAY, answer: answerOf(bytes) }, now)
    this.changes.push(...changes)
    this.write(changes)
  }

  has(charge: string, now: number): boolean {
    return findAnswer(this, { charge, purpose: 'replay' }, now) !== undefined
  }
}

describe('kept answers', () => {
  it('take at most 16 MiB, and the newest 12 of one day are there', () => {
    const kept = fc.record({ bytes: fc.integer({ min: 0, max: MIB }), ms: fc.integer({ min: 0, max: 2 * HOUR }) })
    fc.assert(
      fc.property(fc.array(kept, { maxLength: 120 }), (all) => {
        const answers = new PureAnswers()
        let now = 0
        const made: { name: string; bytes: number; at: number }[] = []
        for (const [index, { bytes, ms }] of all.entries()) {
          now += ms
          answers.keep(`${index}`, bytes, now)
          made.push({ name: `${index}`, bytes: bytes + 200, at: now })
        }
        const left = made.filter(({ name }) => answers.has(name, now))
        expect(left.reduce((sum, { bytes }) => sum + bytes - 200, 0)).toBeLessThanOrEqual(16 * MIB)
        expect(answers.segments.length).toBeLessThanOrEqual(4)
        let room = 9 * MIB
        for (const { name, bytes, at } of made.toReversed()) {
          room -= bytes
          if (room < 0 || at + DAY <= now) break
          expect(answers.has(name, now)).toBe(true)
        }
        expect(left.every(({ at }) => at + DAY > now)).toBe(true)
      }),
    )
  })

  it('are one written row each, and two tables a day if they are few', () => {
    const answers = new PureAnswers()
    for (let hour = 0; hour < 240; hour++) answers.keep(`${hour}`, 100, hour * HOUR)
    const drops = answers.changes.filter(({ kind }) => kind === 'drop')
    expect([answers.changes.length - drops.length, answers.segments.length]).toEqual([240, 4])
    expect(drops.length).toBe(240 / 8 - 4)
  })

  it('are at most four thousand', () => {
    const answers = new PureAnswers()
    for (let index = 0; index < 6000; index++) answers.keep(`${index}`, 0, index)
    expect([answers.has('1023', 6000), answers.has('2048', 6000)]).toEqual([false, true])
  })

  it('are dropped by an alarm once all of a segment have expired', () => {
    const answers = new PureAnswers()
    expect(answersEnd(answers)).toBeUndefined()
    answers.keep('a', 1, 1000)
    answers.keep('b', 1, 1000 + 8 * HOUR - 1)
    const end = answersEnd(answers) ?? 0
    expect(dropEnded(answers, end - 1)).toEqual([])
    expect([answers.has('b', end - 2), answers.has('b', end - 1)]).toEqual([true, false])
    answers.write(dropEnded(answers, end))
    expect(answers.segments).toEqual([])
  })
})
