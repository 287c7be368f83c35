import { ok } from '../../core/result.ts'
import type { Clock } from '../../ports.ts'
import {
  type AnswerName,
  answersEnd,
  checkAnswer,
  dropEnded,
  findAnswer,
  type KeepAnswerCommand,
  keepAnswer,
  type KeptAnswer,
} from '../rules/answers.ts'
import { knownCharge } from '../rules/book.ts'
import type { GroupCommit, LedgerAnswer } from './groupcommit.ts'

/** Answers kept beside the book of a ledger, in the commits of its commands. */
export class AnswerKeeping {
  readonly #commits: GroupCommit
  readonly #clock: Clock

  constructor(commits: GroupCommit, clock: Clock) {
    this.#commits = commits
    this.#clock = clock
  }

  /**
   * Rejects an answer that is too large, before it joins the batch of other commands. Of a charge that was erased with its
   * account nothing is kept, however late the answer comes.
   */
  async keep(command: KeepAnswerCommand): Promise<LedgerAnswer<undefined>> {
    checkAnswer(command)
    return this.#commits.run(({ answers, book }, now) => {
      const isErased = book.head.erased !== undefined && knownCharge(book, command.charge, now) === undefined
      if (!isErased) answers.write(keepAnswer(answers, command, now))
      return undefined
    })
  }

  find(name: AnswerName): Promise<LedgerAnswer<KeptAnswer | undefined>> {
    return this.#commits.run(({ answers }, now) => findAnswer(answers, name, now))
  }

  /** Drops what has expired. */
  async dropEnded(): Promise<LedgerAnswer<undefined>> {
    const { answers } = this.#commits.stored ?? {}
    if (answers === undefined || (answersEnd(answers) ?? Infinity) > this.#clock()) return ok(undefined)
    return this.#commits.run((stored, now) => {
      stored.answers.write(dropEnded(stored.answers, now))
      return undefined
    })
  }
}
