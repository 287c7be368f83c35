/**
 * Collects an answer while it passes to its client, for the same request again.
 *
 * Nothing waits for the collection: each piece is copied as it leaves, up to 1 MiB, within the isolate's memory for bodies.
 * A longer answer, one that breaks off, or one for which there is no room is not kept, and its client notices nothing. The
 * whole answer goes to the ledger before the amendment that says it was delivered. So a repeat finds the answer, unless the
 * gate was killed in between: then the charge counts as broken off.
 */
import { GrowingBytes } from '../core/bytes.ts'
import type { BodyRoom, BodyTerms, MakeRoom } from '../http/body.ts'
import { isCodedLater, tapBody } from '../http/passthrough.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import type { AdmittedRequest, Ledger } from '../ports.ts'
import {
  ANSWER_MS,
  type AnswerField,
  type AnswerPurpose,
  type KeptAnswer,
  MAX_ANSWER_BODY_BYTES,
} from './rules/answers.ts'
import { fieldsToKeep } from './rules/keepable.ts'
import { variantOf } from './variant.ts'

/** The time between two pieces of a body after which its memory is given back. */
const PAUSE_MS = 60_000

/** The time for which an answer is kept, by its purpose. */
const KEEP_MS: Record<AnswerPurpose, number> = { replay: ANSWER_MS, settlement: 60 * 60_000 }

const TERMS: BodyTerms = { maxBytes: MAX_ANSWER_BODY_BYTES, mostMs: PAUSE_MS, isAnonymous: false, isSpare: true }

/** The collection of one answer. */
export interface AnswerCollection {
  /**
   * Begins to collect, if the answer may be kept. Called before the answer is shaped for its client, and before it leaves.
   * `isStored`: a cache has the answer.
   */
  readonly begin: (response: Response, isStored: boolean) => void
  /** Returns true while the answer may become whole, or is. */
  isCollecting(): boolean
  /** Sends the answer to the ledger, if it was collected whole. Never throws, and gives up after a while. */
  keep(purpose: AnswerPurpose): Promise<void>
  /** Gives the memory back. */
  close(): void
}

/** Returns true if the route keeps the answers to requests under a key. */
export function keepsAnswers({ route: { terms } }: AdmittedRequest): boolean {
  return terms.kind === 'paid' && terms.keepsAnswers !== false
}

/** Where an answer is kept: in which ledger, and under which name. */
export interface AnswerPlace {
  readonly ledger: Pick<Ledger, 'keepAnswer'>
  readonly charge: string
}

export function collectAnswer(
  admitted: AdmittedRequest,
  makeRoom: MakeRoom,
  { ledger, charge }: AnswerPlace,
): AnswerCollection {
  let head: Omit<KeptAnswer, 'body'> | undefined
  let room: BodyRoom | undefined
  let bytes: GrowingBytes | undefined
  let isWhole = false
  const close = (): void => {
    room?.close()
    room = undefined
    head = undefined
    bytes = undefined
  }
  const take = (piece: Uint8Array | undefined): void => {
    if (piece === undefined) isWhole = true
    if (piece === undefined || bytes === undefined || room === undefined) return
    const { byteLength } = piece
    if (bytes.length + byteLength > MAX_ANSWER_BODY_BYTES || !room.grow(byteLength)) return close()
    room.keep(PAUSE_MS)
    bytes.append(piece)
  }
  return {
    begin(response, isStored) {
      // A repeat is answered from the cache.
      if (isStored && variantOf(response, admitted) !== undefined) return
      const fields = fieldsOf(response, admitted)
      if (fields === undefined) return
      room = makeRoom(TERMS)
      head = { status: response.status, fields }
      if (response.body === null) return
      bytes = new GrowingBytes()
      tapBody(response.body, take)
    },
    isCollecting: () => head !== undefined,
    async keep(purpose) {
      if (head === undefined || (bytes !== undefined && !isWhole)) return close()
      const answer = { ...head, body: bytes?.toBytes() ?? null }
      const kept = ledger.keepAnswer({ charge, purpose, keepMs: KEEP_MS[purpose], answer }).catch(() => undefined)
      await withTimeout(kept, LEDGER_MS)
      close()
    },
    close,
  }
}

function fieldsOf(
  response: Response,
  { exchange: { method }, route: { meter } }: AdmittedRequest,
): readonly AnswerField[] | undefined {
  if (isCodedLater(response)) return undefined
  const { status, headers } = response
  const hidden = meter?.fields?.map((name) => name.toLowerCase()) ?? []
  return fieldsToKeep({ method, status, headers, hidden })
}
