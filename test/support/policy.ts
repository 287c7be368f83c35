import { AS_RECEIVED, type CachePolicy } from '../../src/access/route.ts'

/** Nothing is stored. */
export const OFF: CachePolicy = { ...AS_RECEIVED, partition: 'off' }
