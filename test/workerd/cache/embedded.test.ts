import { describe } from 'vitest'
import { holdToContract } from './contract.ts'

describe('the embedded cache', () => holdToContract('embedded'))
