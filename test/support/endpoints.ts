import {
  account,
  charges,
  confirm,
  credit,
  emergency,
  erase,
  events,
  explain,
  exportAccount,
  hold,
  levers,
  purge,
  usageReport,
} from '../../src/index.ts'

/** All endpoints that a configuration may list. */
export const ENDPOINTS = [
  account(),
  charges(),
  usageReport(),
  explain(),
  confirm(),
  events(),
  purge(),
  credit(),
  hold(),
  erase(),
  exportAccount(),
  emergency(),
  levers(),
]
