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
  purge,
  usageReport,
} from '../../src/index.ts'

/** The endpoints that most configurations list. With `levers()` each request looks at the bulletin: its tests name it. */
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
]
