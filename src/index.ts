export { defineConfig } from './config/define.ts'
export type * from './config/options.ts'
export { bearer } from './rails/bearer.ts'
export { receipt } from './rails/receipt.ts'
