import {
  account,
  confirm,
  credit,
  emergency,
  erase,
  events,
  explain,
  exportAccount,
  hold,
  purge,
} from '../../src/index.ts'

/** All endpoints that a configuration may list. */
export const ENDPOINTS = [
  account(),
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
