import { describe } from 'vitest'
import { holdToContract } from './contract.ts'

describe('the cache of the platform', () => holdToContract('platform'))
