import { describe } from 'vitest'
import { modelContract } from '../../../ledger/host/model.ts'
import { objectDriver } from './driver.ts'

describe('a Durable Object', () => modelContract(objectDriver()))
